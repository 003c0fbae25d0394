"""Digests of code: what it says, not where it stands or what it is called.

    digest(definition) = SHA-256 of its syntax tree, in which every name that refers to another definition of the
                         project is replaced by that definition's digest

A definition is whatever the top level of a module binds to one name: a function, a class, a constant. Its digest
covers all the code it can reach, found by following names through imports, without importing anything. A function or
a constant can move to another module or take another name and keep its digest. These do not count: file and module
names, import statements, comments, docstrings, annotations, layout, names of local variables, the wording of errors,
and texts for readers (`READERS`). Names of parameters and attributes do count: callers use them.

Limits. A change in code that no root reaches changes no digest; a change in code that is reached changes every digest
whose root reaches it. Code behind `BOUNDARY` enters by name only.
"""

import ast
import functools
import hashlib
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bestowal.core.errors import BestowalError
from bestowal.core.files import cache, kept
from bestowal.models.registry import Model, source, source_file
from bestowal.simulation.code_text import (
    Definition,
    Import,
    Module,
    Outside,
    Referent,
    Writer,
    bound,
    decides_nothing,
    imported_as,
    own_nodes,
)
from bestowal.simulation.driver import KERNEL

BOUNDARY = frozenset(
    {
        "bestowal.core.errors",
        "bestowal.core.files",
        "bestowal.models.model_files",
        "bestowal.models.registry",
        *(
            f"bestowal.simulation.{name}"
            for name in (
                *("scenario", "scenario_file", "values", "store", "blocks", "missing", "provenance"),
                *("engine", "loop", "dask", "code_digest", "code_text", "compile_cache"),
            )
        ),
    }
)
"""Modules that read, key, compile, run and keep scenarios. They enter by name only: run keys cover what they hand over,
tests pin the bits they produce, and `core.version.NUMERICS` is raised where those change."""


def of_text(text: str) -> str:
    """Return the digest of a module given as text: everything it defines and all that it reaches.

    Parameters
    ----------
    text : source of a module, such as `driver.KERNEL` with its model filled in.

    Returns
    -------
    str
        SHA-256, 64 hex digits.

    Raises
    ------
    ModuleNotFoundError
        A module of the project that the text reaches has no source.
    """
    return _digested(text).digest


def reached(text: str) -> list[str]:
    """Return where each definition stands that a module given as text reaches, sorted: 'module.name'."""
    return _digested(text).reached


@functools.cache
def of_model(model: Model) -> str:
    """Return the digest of the code that decides a model's numbers: its observables in order, and its kernels."""
    observables = "\n".join(observable.name for observable in model.observables)
    return _sha256(f"{observables}\n{of_text(KERNEL.format(kernels=model.kernels))}")


@functools.cache
def of_functions(*functions: Callable[..., Any]) -> str:
    """Return the digest of module-level functions and of all the code they reach: SHA-256, 64 hex digits.

    >>> from bestowal.statistics.intervals import proportion
    >>> of_functions(proportion) == of_functions(proportion)
    True
    """
    roots = [Definition(function.__module__, function.__qualname__) for function in functions]
    packages = {root.module.partition(".")[0] for root in roots}

    def make() -> _Digested:
        reader = _Reader("", packages)
        return _Digested(_sha256("\n".join(reader.digest(root) for root in roots)), reader.reached())

    return _remembered(repr(roots), packages, make).digest


@dataclass(frozen=True)
class _Digested:
    digest: str
    reached: list[str]


@functools.cache
def _digested(text: str) -> _Digested:
    imports = [node.module or "" for node in ast.parse(text).body if isinstance(node, ast.ImportFrom)]
    packages = {name.partition(".")[0] for name in imports} - {"numba"}

    def make() -> _Digested:
        reader = _Reader(text, packages)
        return _Digested(reader.whole(""), reader.reached())

    return _remembered(text, packages, make)


def _remembered(roots: str, packages: Collection[str], make: Callable[[], _Digested]) -> _Digested:
    """The digest of these roots, from the cache while no source of the packages has changed: reading takes 0.2 s."""
    places = [_places(package) for package in ("bestowal", *packages)]
    folders = tuple(sorted({place for of_one in places for place in of_one}))
    if not all(places):  # a module alone, or a package not yet imported: what else it may reach is not known
        return make()
    try:
        file = cache() / "digests" / f"{_sha256(f'{folders} {roots}')[:32]}.json"
        return kept(file, _Digested, _sources(folders), make)
    except (BestowalError, OSError):  # no cache, or one that can't be written
        return make()


def _places(package: str) -> list[str]:
    """The folders that hold a package and its models."""
    if package.startswith("bestowal_file_"):  # a user's folder, which may hold anything
        return []
    names = (package, f"{package}.models")
    return [place for name in names for place in getattr(sys.modules.get(name), "__path__", ())]


@functools.cache
def _sources(folders: tuple[str, ...]) -> str:
    """A digest of every Python file under these folders, with its name."""
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted(Path(folder).rglob("*.py")):
            content = file.read_bytes()
            digest.update(f"{file} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()


@dataclass
class _Source:
    """The top level of a module: the statements that decide each name, and the import that binds it."""

    statements: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, Import] = field(default_factory=dict)


class _Reader:
    """Reads modules as digests need them. ``text`` is the module named ''; ``packages`` are followed, others not."""

    def __init__(self, text: str, packages: Collection[str]) -> None:
        self.text = text
        self.packages = {"bestowal", *packages}
        self.files: dict[str, Path | None] = {}
        self.referents: dict[tuple[str, str], Referent] = {}
        self.sources: dict[str, _Source] = {}
        self.found: dict[Definition, str] = {}
        self.open: list[Definition] = []  # the definitions being read, each reached from the one before
        self.lowest = 0  # the first of them that a cycle led back to, since this was last reset

    def reached(self) -> list[str]:
        """Where each definition stands that has been read, but for those of the text."""
        return sorted(f"{module}.{name}" for module, name in self.found if module)

    def whole(self, module: str) -> str:
        """Digest every definition of a module, with its name."""
        names = sorted(self.source(module).statements)
        return _sha256("\n".join(f"{name} {self.digest(Definition(module, name))}" for name in names))

    def module_digest(self, module: Module) -> str:
        """Digest a module that code hands on as a value."""
        return f"module {module.name}" if module.name in BOUNDARY else self.whole(module.name)

    def digest(self, definition: Definition) -> str:
        if definition in self.found:
            return self.found[definition]
        if definition in self.open:
            self.lowest = min(self.lowest, self.open.index(definition))
            return "cycle"
        depth, lowest = len(self.open), self.lowest
        self.open.append(definition)
        self.lowest = depth
        statements = self.source(definition.module).statements.get(definition.name)
        if statements is None:
            raise ModuleNotFoundError(f"{definition.module} defines no {definition.name}", name=definition.module)
        code = Writer(self, definition)
        text = _sha256("\n".join(code.top(statement) for statement in statements))
        self.open.pop()
        if self.lowest >= depth:  # what lies on a cycle is complete only where the cycle was entered
            self.found[definition] = text
        self.lowest = min(lowest, self.lowest)
        return text

    def source(self, module: str) -> _Source:
        if module not in self.sources:
            self.sources[module] = self._read(module)
        return self.sources[module]

    def _read(self, module: str) -> _Source:
        top = _Source()
        tree = ast.parse(self.text if module == "" else source(module))
        loose: list[ast.stmt] = []
        for statement in tree.body:
            if decides_nothing(statement):
                continue
            nodes = own_nodes([statement])
            imports = [node for node in nodes if isinstance(node, Import)]
            top.imports |= {imported_as(alias): node for node in imports for alias in node.names}
            names = bound(nodes)
            for name in names:
                top.statements.setdefault(name, []).append(statement)
            if not names and not imports:
                loose.append(statement)
        for statement in loose:  # table[3] = 5 at the top level belongs to whatever it mentions
            mentioned = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
            for name in sorted(mentioned & set(top.statements)):
                top.statements[name].append(statement)
        return top

    def imported(self, module: str, statement: Import, name: str) -> Referent:
        """What a name refers to that an import statement in this module binds."""
        alias = next((alias for alias in statement.names if imported_as(alias) == name), statement.names[0])
        if isinstance(statement, ast.Import):
            return self.module(alias.name if alias.asname else name)
        base = statement.module or ""
        if statement.level:
            file = self.find(module)
            package = module if file is not None and file.name == "__init__.py" else module.rpartition(".")[0]
            parts = package.split(".")
            base = ".".join(filter(None, [*parts[: len(parts) - statement.level + 1], base]))
        return self.member(self.module(base), alias.name)

    def global_name(self, module: str, name: str) -> Referent | None:
        """What a name refers to at the top level of a module; None where it is a builtin or unknown."""
        source = self.source(module)
        if name in source.imports:
            if (module, name) not in self.referents:
                self.referents[module, name] = self.imported(module, source.imports[name], name)
            return self.referents[module, name]
        return Definition(module, name) if name in source.statements else None

    def find(self, module: str) -> Path | None:
        if module not in self.files:
            self.files[module] = source_file(module)
        return self.files[module]

    def module(self, name: str) -> Referent:
        return Module(name) if name.partition(".")[0] in self.packages else Outside(name)

    def member(self, of: Referent, name: str) -> Referent:
        """What `of.name` refers to; `of` is a module, ours or another's."""
        if isinstance(of, Outside):
            return Outside(f"{of.name}.{name}")
        assert isinstance(of, Module)
        if of.name in BOUNDARY:
            return Outside(name)
        if self.find(f"{of.name}.{name}") is not None:
            return Module(f"{of.name}.{name}")
        return self.global_name(of.name, name) or Definition(of.name, name)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
