"""Models in files of the user's own: a path is imported once a process, checked, and refused in one line.

A file is imported only where the user names it (`bestowal run my_model.py`, a scenario's `model = "my_model.py"`). It
becomes a module of a package made for it, whose folder is the file's: so `from . import helper` finds a module beside
it, and run keys cover that module's code too. `import helper` would find it in some folders and not in others, and its
code would not enter the key; it is refused.
"""

import ast
import hashlib
import importlib
import inspect
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from bestowal.core.errors import BestowalError
from bestowal.models.registry import STRICT, Model, file_module, parameters

FUNCTIONS = {
    "allocate": "p",
    "start": "p, state, seed, world",
    "step": "p, state, seed, world, year",
    "observe": "p, state, out",
}
"""What a model's kernels are called, and what each is handed."""

RESERVED = ("years", "seed", "first_year", "from_year")
"""What no parameter may be called: `but` takes these for the scenario's clock."""

_DIGEST = "__bestowal_source__"  # of a package made for a file: the digest of each source that was imported


def import_model(path: Path) -> str:
    """Import a model's file and return the name that `registry.load` knows it by: its absolute path.

    A file that this process has imported is not imported again.

    Parameters
    ----------
    path : the file, whose name without .py is the model's name.

    Raises
    ------
    BestowalError
        The file is missing, can't be imported, or defines no model (the line names what is missing); or it, or a
        module beside it, has changed since this process imported it.
    """
    file = path.resolve()
    if not file.is_file():
        raise BestowalError(f"there is no file {path}")
    if not file.stem.isidentifier():
        raise BestowalError(f"{path}: a model's file needs a name of letters, digits and _, such as my_model.py")
    name = str(file)
    module = file_module(name)
    if module not in sys.modules:
        _import(file, module)
        _check(file, sys.modules[module])
    elif (changed := _changed(module.partition(".")[0])) is not None:
        raise BestowalError(f"{changed}: has changed since this Python process imported it; start Python anew")
    return name


def _import(file: Path, module: str) -> None:
    """Import a file as this module, with the modules beside it that it imports; on an error nothing is left of it."""
    package = ModuleType(module.partition(".")[0])
    package.__path__ = [str(file.parent)]
    refused = next(_bare_imports(file, set()), None)
    if refused is not None:
        raise BestowalError(refused)
    sys.modules[package.__name__] = package
    try:
        importlib.invalidate_caches()  # the file may be younger than what the finder remembers of its folder
        model = getattr(importlib.import_module(module), "MODEL", None)
        if isinstance(model, Model):
            importlib.import_module(model.kernels)
        own = [m for name, m in sys.modules.items() if name.startswith(f"{package.__name__}.")]
        sources = [Path(m.__file__) for m in own if m.__file__ is not None]
        setattr(package, _DIGEST, {source: _sum(source) for source in sources})
    except BaseException as error:
        _forget(package.__name__)
        if isinstance(error, Exception) and not isinstance(error, BestowalError):
            raise BestowalError(f"{located(error, file)}") from error
        raise


def _forget(package: str) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]


def _changed(package: str) -> Path | None:
    """The first source imported into this package that has changed since."""
    sources: dict[Path, str] = getattr(sys.modules[package], _DIGEST)
    return next((file for file, digest in sources.items() if not file.is_file() or _sum(file) != digest), None)


def _sum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _bare_imports(file: Path, seen: set[Path]) -> Iterator[str]:
    """A complaint of each import that names a module beside the file without a dot."""
    seen.add(file)
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):  # said with its line when it is imported
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""] if node.module else [alias.name for alias in node.names]
        else:
            continue
        relative = isinstance(node, ast.ImportFrom) and node.level > 0
        for name in names:
            first = name.partition(".")[0]
            beside = _beside(file, first)
            if beside is None or first == "bestowal":
                continue
            if not relative:
                yield (
                    f"{file}, line {node.lineno}: imports {first}, a file beside it, which the run's key would not "
                    f"cover; write `from . import {first}` or `from .{first} import …`"
                )
            elif beside not in seen:
                yield from _bare_imports(beside, seen)


def _beside(file: Path, name: str) -> Path | None:
    """The file of the module or package of this name beside a file."""
    if not name:
        return None
    return next((p for p in (file.parent / f"{name}.py", file.parent / name / "__init__.py") if p.is_file()), None)


def located(error: BaseException, file: Path) -> str:
    """Return an error raised by user code as one line: file, line, kind and message."""
    text = " ".join(str(error).split())
    kind = type(error).__name__
    if isinstance(error, SyntaxError):
        return f"{error.filename or file}, line {error.lineno}: {kind}: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).parent == file.parent]
    where = f"{own[-1].filename}, line {own[-1].lineno}" if own else str(file)
    return f"{where}: {kind}: {text}" if text else f"{where}: {kind}"


def _check(file: Path, module: ModuleType) -> None:
    """Refuse a file that is no model; nothing is left of it."""
    try:
        _check_model(file, module)
    except BaseException:
        _forget(module.__name__.partition(".")[0])
        raise


def _check_model(file: Path, module: ModuleType) -> None:
    model = getattr(module, "MODEL", None)
    if model is not None and not isinstance(model, Model):
        raise BestowalError(f"{file}: MODEL must be a bestowal.models.registry.Model, not {type(model).__name__}")
    kernels = sys.modules[model.kernels] if model is not None else module
    missing = ["MODEL"] if model is None else []
    missing += [f"{name}({handed})" for name, handed in FUNCTIONS.items() if not callable(getattr(kernels, name, None))]
    if model is None or missing:
        raise BestowalError(f"{file}: is no model: it defines no {', no '.join(missing)}")
    if model.name != file.stem:
        raise BestowalError(f"{file}: MODEL: name={model.name!r}: must be {file.stem!r}, as the file is called")
    if model.params.model_config.get("frozen") is not True or model.params.model_config.get("extra") != "forbid":
        raise BestowalError(f"{file}: {model.params.__name__}: needs the line model_config = STRICT, which is {STRICT}")
    if not model.observables:
        raise BestowalError(f"{file}: MODEL: observables: needs at least one Observable")
    try:
        known = parameters(model)
    except TypeError as error:
        raise BestowalError(f"{file}: {error}") from None
    for p in known:
        if p.name in RESERVED:
            raise BestowalError(f"{file}: {p.name}: no name for a parameter; the scenario's own {p.name} is set by it")
    for name, handed in FUNCTIONS.items():
        _check_arguments(file, name, handed, getattr(kernels, name))


def _check_arguments(file: Path, name: str, handed: str, function: Any) -> None:
    """Refuse a kernel that can't be called with what it is handed."""
    plain = getattr(function, "py_func", function)
    try:
        inspect.signature(plain).bind(*handed.split(", "))
    except TypeError:
        raise BestowalError(f"{file}: {name}{inspect.signature(plain)}: must take ({handed})") from None
