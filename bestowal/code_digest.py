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
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from bestowal.driver import KERNEL
from bestowal.model import Model, source, source_file

BOUNDARY = frozenset(
    f"bestowal.{name}"
    for name in ("model", "scenario", "files", "store", "engine", "cluster", "code_digest", "compile_cache")
)
"""Modules that read, key, compile, run and keep scenarios. They enter by name only: run keys cover what they hand over,
tests pin the bits they produce, and `version.NUMERICS` is raised where those change."""

READERS = frozenset({"param", "Observable", "Model"})
"""Calls whose texts are for readers."""


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
    return _digested(text)[0]


def reached(text: str) -> tuple[str, ...]:
    """Return where each definition stands that a module given as text reaches, sorted: 'module.name'."""
    return _digested(text)[1]


@functools.cache
def of_model(model: Model) -> str:
    """Return the digest of the code that decides a model's numbers: its observables in order, and its kernels."""
    observables = "\n".join(observable.name for observable in model.observables)
    return _sha256(f"{observables}\n{of_text(KERNEL.format(kernels=model.kernels))}")


@functools.cache
def of_functions(*functions: Callable[..., Any]) -> str:
    """Return the digest of module-level functions and of all the code they reach: SHA-256, 64 hex digits.

    >>> from bestowal.statistics import proportion
    >>> of_functions(proportion) == of_functions(proportion)
    True
    """
    reader = _Reader("", {function.__module__.partition(".")[0] for function in functions})
    found = [reader.digest(_Definition(function.__module__, function.__qualname__)) for function in functions]
    return _sha256("\n".join(found))


@functools.cache
def _digested(text: str) -> tuple[str, tuple[str, ...]]:
    imports = [node.module or "" for node in ast.parse(text).body if isinstance(node, ast.ImportFrom)]
    reader = _Reader(text, {name.partition(".")[0] for name in imports} - {"numba"})
    digest = reader.whole("")
    return digest, tuple(sorted(f"{module}.{name}" for module, name in reader.found if module))


class _Definition(NamedTuple):
    """A name bound at the top level of a module of the project."""

    module: str
    name: str


class _Module(NamedTuple):
    """A module of the project, as a whole."""

    name: str


class _Outside(NamedTuple):
    """A name of another project, in full: numpy.float64."""

    name: str


_Referent = _Definition | _Module | _Outside
_Import = ast.Import | ast.ImportFrom


@dataclass
class _Source:
    """The top level of a module: the statements that decide each name, and the import that binds it."""

    statements: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, _Import] = field(default_factory=dict)


@dataclass
class _Scope:
    """Names of a function or a class: how a variable is written, or what an import inside refers to."""

    names: dict[str, "str | _Referent"]
    of_class: bool = False  # its names are seen in its own body alone, not in the functions there


class _Reader:
    """Reads modules as digests need them. ``text`` is the module named ''; ``packages`` are followed, others not."""

    def __init__(self, text: str, packages: Collection[str]) -> None:
        self.text = text
        self.packages = {"bestowal", *packages}
        self.files: dict[str, Path | None] = {}
        self.referents: dict[tuple[str, str], _Referent] = {}
        self.sources: dict[str, _Source] = {}
        self.found: dict[_Definition, str] = {}
        self.open: list[_Definition] = []  # the definitions being read, each reached from the one before
        self.lowest = 0  # the first of them that a cycle led back to, since this was last reset

    def whole(self, module: str) -> str:
        """Digest every definition of a module, with its name."""
        names = sorted(self.source(module).statements)
        return _sha256("\n".join(f"{name} {self.digest(_Definition(module, name))}" for name in names))

    def digest(self, definition: _Definition) -> str:
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
        code = _Writer(self, definition)
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
        found = _Source()
        tree = ast.parse(self.text if module == "" else source(module))
        loose: list[ast.stmt] = []
        for statement in tree.body:
            if _decides_nothing(statement):
                continue
            nodes = _own_nodes([statement])
            imports = [node for node in nodes if isinstance(node, _Import)]
            found.imports |= {_alias(alias): node for node in imports for alias in node.names}
            names = _bound(nodes)
            for name in names:
                found.statements.setdefault(name, []).append(statement)
            if not names and not imports:
                loose.append(statement)
        for statement in loose:  # table[3] = 5 at the top level belongs to whatever it mentions
            mentioned = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
            for name in sorted(mentioned & set(found.statements)):
                found.statements[name].append(statement)
        return found

    def imported(self, module: str, statement: _Import, name: str) -> _Referent:
        """What a name refers to that an import statement in this module binds."""
        alias = next((alias for alias in statement.names if _alias(alias) == name), statement.names[0])
        if isinstance(statement, ast.Import):
            return self.module(alias.name if alias.asname else name)
        base = statement.module or ""
        if statement.level:
            file = self.find(module)
            package = module if file is not None and file.name == "__init__.py" else module.rpartition(".")[0]
            parts = package.split(".")
            base = ".".join(filter(None, [*parts[: len(parts) - statement.level + 1], base]))
        return self.member(self.module(base), alias.name)

    def global_name(self, module: str, name: str) -> _Referent | None:
        """What a name refers to at the top level of a module; None where it is a builtin or unknown."""
        source = self.source(module)
        if name in source.imports:
            if (module, name) not in self.referents:
                self.referents[module, name] = self.imported(module, source.imports[name], name)
            return self.referents[module, name]
        return _Definition(module, name) if name in source.statements else None

    def find(self, module: str) -> Path | None:
        if module not in self.files:
            self.files[module] = source_file(module)
        return self.files[module]

    def module(self, name: str) -> _Referent:
        return _Module(name) if name.partition(".")[0] in self.packages else _Outside(name)

    def member(self, of: _Referent, name: str) -> _Referent:
        """What `of.name` refers to; `of` is a module, ours or another's."""
        if isinstance(of, _Outside):
            return _Outside(f"{of.name}.{name}")
        assert isinstance(of, _Module)
        if of.name in BOUNDARY:
            return _Outside(name)
        if self.find(f"{of.name}.{name}") is not None:
            return _Module(f"{of.name}.{name}")
        return self.global_name(of.name, name) or _Definition(of.name, name)


class _Writer:
    """Writes the syntax tree of one definition, with digests for names."""

    def __init__(self, reader: _Reader, own: _Definition) -> None:
        self.reader = reader
        self.own = own
        self.scopes: list[_Scope] = []

    def top(self, statement: ast.stmt) -> str:
        """A statement of the top level. The names it binds are its own affair, and the one that is read is 'self'."""
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return self.node(statement, name="")
        return self.node(statement)

    def refers(self, node: ast.AST) -> _Referent | str | None:
        """What a name or a dotted name refers to: a text for a local variable, None where it is no such thing."""
        if isinstance(node, ast.Name):
            for depth, scope in enumerate(reversed(self.scopes)):
                if node.id in scope.names and not (scope.of_class and depth):
                    return scope.names[node.id]
            return self.reader.global_name(self.own.module, node.id)
        if isinstance(node, ast.Attribute):
            of = self.refers(node.value)
            if isinstance(of, _Module | _Outside):
                return self.reader.member(of, node.attr)
        return None

    def write(self, node: object) -> str:
        if isinstance(node, list):
            return "[" + ",".join(text for text in map(self.write, node) if text) + "]"
        if not isinstance(node, ast.AST):
            return repr(node)
        if isinstance(node, ast.Name | ast.Attribute):
            of = self.refers(node)
            if of == self.own:
                return "self"
            if isinstance(of, str):
                return of
            if isinstance(of, _Outside):
                return of.name
            if isinstance(of, _Definition):
                # Another name that this statement binds too is no code to follow: A, B = range(2).
                return "other" if not isinstance(node.ctx, ast.Load) else self.reader.digest(of)
            if isinstance(of, _Module):
                return f"module {of.name}" if of.name in BOUNDARY else self.reader.whole(of.name)
            if isinstance(node, ast.Name):
                return node.id
        return self.node(node)

    def node(self, node: ast.AST, name: str | None = None) -> str:
        """A node by its kind and its fields, the same in every Python we support (ast.dump's is not)."""
        if isinstance(node, _Import):
            return ""
        if isinstance(node, ast.Raise):
            return "Raise()"  # what is said of an error decides no number
        if isinstance(node, ast.Assert):
            return f"Assert({self.write(node.test)})"
        if isinstance(node, ast.AnnAssign):
            value = f",value={self.write(node.value)}" if node.value is not None else ""
            return f"Assign(targets=[{self.write(node.target)}]{value})"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return self._function(node, name)
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            return self._comprehension(node)
        fields = dict(ast.iter_fields(node))
        fields.pop("kind", None)  # u"" or "", the same string
        if isinstance(node, ast.ClassDef):
            return self._class(node, name)
        if isinstance(node, ast.Call) and _names_readers(self, node.func):
            fields["args"] = [a for a in node.args if not _is_text(a)]
            fields["keywords"] = [k for k in node.keywords if not _is_text(k.value)]
        if isinstance(node, ast.JoinedStr):  # Python 3.12 adds an empty text after a nested format
            fields["values"] = [v for v in node.values if not (isinstance(v, ast.Constant) and v.value == "")]
        if isinstance(node, ast.ExceptHandler) and node.name is not None:
            fields["name"] = self._local(node.name)
        return self._fields(node, fields)

    def _fields(self, node: ast.AST, fields: dict[str, Any]) -> str:
        inner = ",".join(f"{key}={self.write(value)}" for key, value in fields.items() if value not in (None, []))
        return f"{type(node).__name__}({inner})"

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, name: str | None) -> str:
        text = ""
        if not isinstance(node, ast.Lambda):
            text = f"name={self._local(node.name) if name is None else name},"
            text += f"decorators={self.write(node.decorator_list)},"
        # Defaults are values of the scope around.
        defaults = [*node.args.defaults, *(default or ast.Pass() for default in node.args.kw_defaults)]
        text += f"defaults={self.write(defaults)}"
        arguments = [
            *node.args.posonlyargs,
            *node.args.args,
            *filter(None, [node.args.vararg]),
            *node.args.kwonlyargs,
            *filter(None, [node.args.kwarg]),
        ]
        names = [argument.arg for argument in arguments]
        kinds = [len(node.args.posonlyargs), len(node.args.args), len(node.args.kwonlyargs)]
        kinds += [node.args.vararg is not None, node.args.kwarg is not None]
        body = [ast.Return(node.body)] if isinstance(node, ast.Lambda) else _body(node)
        self.scopes.append(self._scope(body, names))
        text += f",args={names}{kinds},body={self.write(body)}"
        self.scopes.pop()
        return f"{type(node).__name__}({text})"

    def _scope(self, body: Sequence[ast.stmt], arguments: Sequence[str]) -> _Scope:
        """The names that are local to a function: arguments by name, variables by the order they are bound in."""
        depth = len(self.scopes)
        nodes = _own_nodes(body)
        shared: set[str] = set()
        for node in nodes:
            shared |= set(node.names) if isinstance(node, ast.Global | ast.Nonlocal) else set()
        variables = [name for name in _bound(nodes) if name not in arguments and name not in shared]
        names: dict[str, str | _Referent] = {name: f"local{depth}.{k}" for k, name in enumerate(variables)}
        names |= {name: f"argument {name}" for name in arguments}
        for node in nodes:
            if isinstance(node, _Import):
                names |= {_alias(a): self.reader.imported(self.own.module, node, _alias(a)) for a in node.names}
        return _Scope(names)

    def _local(self, name: str) -> str | _Referent:
        """How the scope at hand writes a name that it binds."""
        return self.scopes[-1].names.get(name, name) if self.scopes else name

    def _class(self, node: ast.ClassDef, name: str | None) -> str:
        fields = {key: value for key, value in ast.iter_fields(node) if key not in ("name", "body")}
        text = f"{self._local(node.name) if name is None else name} {self._fields(node, fields)}"
        body = _body(node)
        self.scopes.append(_Scope({name: f"field {name}" for name in _bound(_own_nodes(body))}, of_class=True))
        text += self.write(body)
        self.scopes.pop()
        return text

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> str:
        names = [name for generator in node.generators for name in _bound(_own_nodes([generator.target]))]
        outermost = self.write(node.generators[0].iter)  # is evaluated in the scope around
        local = {name: f"local{len(self.scopes)}.{k}" for k, name in enumerate(dict.fromkeys(names))}
        self.scopes.append(_Scope({**local}))
        text = self._fields(node, dict(ast.iter_fields(node)))
        self.scopes.pop()
        return f"{outermost} {text}"


def _names_readers(writer: _Writer, function: ast.expr) -> bool:
    of = writer.refers(function)
    return isinstance(of, _Outside) and of.name in READERS


def _body(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[ast.stmt]:
    return node.body[1:] if ast.get_docstring(node, False) is not None else node.body


def _own_nodes(body: Sequence[ast.AST]) -> list[ast.AST]:
    """The nodes of a scope, in order, without those of the functions and classes in it."""
    nodes: list[ast.AST] = []
    ahead = [*reversed(body)]
    while ahead:
        node = ahead.pop()
        nodes.append(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            ahead += reversed(node.decorator_list)
        elif not isinstance(node, ast.Lambda | ast.Name | ast.Constant):
            ahead += reversed([*ast.iter_child_nodes(node)])
    return nodes


def _bound(nodes: Sequence[ast.AST]) -> list[str]:
    """The names that the nodes of a scope bind in it, each once, in order."""
    names: list[str] = []
    inner: set[int] = set()  # targets of comprehensions, which are theirs alone
    for node in nodes:
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            inner |= {id(name) for generator in node.generators for name in ast.walk(generator.target)}
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in inner:
            names.append(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name is not None:
            names.append(node.name)
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name is not None:
            names.append(node.name)
    return list(dict.fromkeys(names))


def _decides_nothing(statement: ast.stmt) -> bool:
    """Docstrings, texts beneath constants, and what only a type checker reads."""
    if isinstance(statement, ast.If) and isinstance(statement.test, ast.Name):
        return statement.test.id == "TYPE_CHECKING"
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _alias(alias: ast.alias) -> str:
    """The name that an import binds."""
    if alias.name == "*":
        raise TypeError("import *: a digest of code can't follow it")
    return alias.asname or alias.name.partition(".")[0]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
