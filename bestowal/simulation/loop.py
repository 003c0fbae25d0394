"""The loop over time as a module for one model: compiled and stored on disk, or plain Python where the model is.

A model of the package is compiled. One of the user's own may be plain Python: the same loop runs it, slowly, and errors
of its code are said in one line, with file and line.
"""

import copy
import functools
import hashlib
import importlib
import platform
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from bestowal.core.errors import BestowalError
from bestowal.core.files import cache, remove, unwritable_cache, write
from bestowal.models.model_files import FUNCTIONS, located
from bestowal.models.registry import Model
from bestowal.simulation.code_digest import of_text, reached
from bestowal.simulation.driver import uncompiled


def loop(model: Model, text: str) -> ModuleType:
    """Return a text of `driver` as a module.

    Raises
    ------
    BestowalError
        The compile cache can't be written; or some of the model's functions are compiled and others plain Python.
    """
    if _is_packaged(model):
        return _compiled(model, text)
    kernels = importlib.import_module(model.kernels)
    file = Path(str(kernels.__file__))
    if _is_plain(model):
        module = ModuleType(f"bestowal_plain_{model.name}")
        exec(compile(uncompiled(text), f"<bestowal: loop of {model.name}>", "exec"), module.__dict__)
    else:
        module = _compiled(model, text)
    reporting = ModuleType(module.__name__)
    reporting.__dict__.update({name: _reported(of, file) for name, of in vars(module).items() if callable(of)})
    return reporting


def slow_notice(model: Model) -> str:
    """Return one line for the user of a model in plain Python, which is slow; empty where the model is compiled."""
    if _is_packaged(model) or not _is_plain(model):
        return ""
    return (
        f"{model.name}: plain Python, which runs a hundred times slower than compiled code; write @njit above its "
        "functions (`from numba import njit`) to compile it"
    )


def copied(state: Any) -> Any:
    """Return a world as it stands: everything it carries from step to step is in these arrays.

    A model in plain Python may keep anything in it.
    """
    if not isinstance(state, tuple):
        return copy.deepcopy(state)
    parts = [part.copy() if isinstance(part, np.ndarray) else copy.deepcopy(part) for part in state]
    return type(state)(*parts) if hasattr(state, "_fields") else tuple(parts)


def _is_packaged(model: Model) -> bool:
    return model.kernels.startswith("bestowal.models.")


def _is_plain(model: Model) -> bool:
    """Whether the four functions of a model are plain Python; refuses a model with some plain and some compiled."""
    kernels = importlib.import_module(model.kernels)
    missing = [name for name in FUNCTIONS if not hasattr(kernels, name)]
    if missing:
        raise BestowalError(f"{kernels.__file__}: is no model: it defines no {', no '.join(missing)}")
    plain = [name for name in FUNCTIONS if not hasattr(getattr(kernels, name), "py_func")]
    if plain and len(plain) < len(FUNCTIONS):
        raise BestowalError(
            f"{kernels.__file__}: {', '.join(plain)}: plain Python, and the others compiled; write @njit above all of "
            f"{', '.join(FUNCTIONS)}, or above none"
        )
    return bool(plain)


def _reported(function: Callable[..., Any], file: Path) -> Callable[..., Any]:
    """The function, which says an error of the user's code in one line."""

    @functools.wraps(function)
    def call(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except BestowalError:
            raise
        except Exception as error:
            raise BestowalError(_compiler_error(error, file) or located(error, file)) from error

    return call


def _compiler_error(error: Exception, file: Path) -> str:
    """What Numba could not compile, in one line; empty for any other error."""
    from numba.core.errors import NumbaError

    if not isinstance(error, NumbaError):
        return ""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))  # Numba colours its errors where colorama is installed
    lines = [line.strip() for line in text.splitlines()]
    said = [line for line in lines if line and not line.startswith(("Failed in", "During:", "File", "<source"))]
    where = re.findall(r'File "([^"]+)", line (\d+)', text)
    own = [(name, line) for name, line in where if Path(name).name == file.name] or where
    place = f"{file}, line {own[-1][1]}" if own else str(file)
    return f"{place}: can't be compiled: {said[0] if said else type(error).__name__}"


def _compiled(model: Model, text: str) -> ModuleType:
    """This text as a module, compiled; from the cache on disk where this very code has been compiled before.

    Numba's cache looks at one file only and goes stale in silence when a callee elsewhere changes. So that one file
    stands in a folder named by the digest of all the code it reaches and of where that code stands, since what Numba
    keeps names modules. It is never edited.
    """
    import numba

    versions = f"{of_text(text)} numba {numba.__version__} python {platform.python_version()}"
    digest = hashlib.sha256("\n".join([versions, *reached(text), text]).encode()).hexdigest()[:32]
    file = cache() / "kernels" / digest / f"{model.name}.py"
    try:
        if not _holds(file, text):
            remove(file if file.parent.is_dir() else file.parent)
            write(file, text)
    except OSError as error:
        raise unwritable_cache(file.parent, error) from error
    # From the text and not from the file: importing a file would also read a .pyc, which may be damaged.
    module = ModuleType(f"bestowal_kernel_{digest}")
    module.__file__ = str(file)
    sys.modules[module.__name__] = module  # Numba looks it up when it loads its cache
    exec(compile(text, file, "exec"), module.__dict__)
    return module


def _holds(file: Path, text: str) -> bool:
    """Whether this text and nothing else is in the file."""
    try:
        return file.read_bytes() == text.encode()
    except OSError:
        return False
