"""Syntax trees as text: what a definition says, with digests in place of the names of other definitions.

Two definitions have the same text where they differ only in comments, docstrings, annotations, layout, import
statements, names of local variables, the wording of errors and texts for readers (`READERS`).
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

READERS = frozenset({"param", "Observable", "Model"})
"""Calls whose texts are for readers."""


class Definition(NamedTuple):
    """A name bound at the top level of a module of the project."""

    module: str
    name: str


class Module(NamedTuple):
    """A module of the project, as a whole."""

    name: str


class Outside(NamedTuple):
    """A name of another project, in full: numpy.float64."""

    name: str


Referent = Definition | Module | Outside
Import = ast.Import | ast.ImportFrom


@dataclass
class _Scope:
    """Names of a function or a class: how a variable is written, or what an import inside refers to."""

    names: dict[str, "str | Referent"]
    of_class: bool = False  # its names are seen in its own body alone, not in the functions there


class Names(Protocol):
    """Knows what names refer to, and the digest of a definition."""

    def global_name(self, module: str, name: str) -> "Referent | None": ...

    def imported(self, module: str, statement: "Import", name: str) -> "Referent": ...

    def member(self, of: "Referent", name: str) -> "Referent": ...

    def digest(self, definition: Definition) -> str: ...

    def module_digest(self, module: Module) -> str: ...


class Writer:
    """Writes the syntax tree of one definition, with digests for names."""

    def __init__(self, reader: Names, own: Definition) -> None:
        self.reader = reader
        self.own = own
        self.scopes: list[_Scope] = []

    def top(self, statement: ast.stmt) -> str:
        """A statement of the top level. The names it binds are its own affair, and the one that is read is 'self'."""
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return self.node(statement, name="")
        return self.node(statement)

    def refers(self, node: ast.AST) -> Referent | str | None:
        """What a name or a dotted name refers to: a text for a local variable, None where it is no such thing."""
        if isinstance(node, ast.Name):
            for depth, scope in enumerate(reversed(self.scopes)):
                if node.id in scope.names and not (scope.of_class and depth):
                    return scope.names[node.id]
            return self.reader.global_name(self.own.module, node.id)
        if isinstance(node, ast.Attribute):
            of = self.refers(node.value)
            if isinstance(of, Module | Outside):
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
            if isinstance(of, Outside):
                return of.name
            if isinstance(of, Definition):
                # Another name that this statement binds too is no code to follow: A, B = range(2).
                return "other" if not isinstance(node.ctx, ast.Load) else self.reader.digest(of)
            if isinstance(of, Module):
                return self.reader.module_digest(of)
            if isinstance(node, ast.Name):
                return node.id
        return self.node(node)

    def node(self, node: ast.AST, name: str | None = None) -> str:
        """A node by its kind and its fields, the same in every Python we support (ast.dump's is not)."""
        if isinstance(node, Import):
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
        nodes = own_nodes(body)
        shared: set[str] = set()
        for node in nodes:
            shared |= set(node.names) if isinstance(node, ast.Global | ast.Nonlocal) else set()
        variables = [name for name in bound(nodes) if name not in arguments and name not in shared]
        names: dict[str, str | Referent] = {name: f"local{depth}.{k}" for k, name in enumerate(variables)}
        names |= {name: f"argument {name}" for name in arguments}
        for node in nodes:
            if isinstance(node, Import):
                names |= {
                    imported_as(a): self.reader.imported(self.own.module, node, imported_as(a)) for a in node.names
                }
        return _Scope(names)

    def _local(self, name: str) -> str | Referent:
        """How the scope at hand writes a name that it binds."""
        return self.scopes[-1].names.get(name, name) if self.scopes else name

    def _class(self, node: ast.ClassDef, name: str | None) -> str:
        fields = {key: value for key, value in ast.iter_fields(node) if key not in ("name", "body")}
        text = f"{self._local(node.name) if name is None else name} {self._fields(node, fields)}"
        body = _body(node)
        self.scopes.append(_Scope({name: f"field {name}" for name in bound(own_nodes(body))}, of_class=True))
        text += self.write(body)
        self.scopes.pop()
        return text

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> str:
        names = [name for generator in node.generators for name in bound(own_nodes([generator.target]))]
        outermost = self.write(node.generators[0].iter)  # is evaluated in the scope around
        local = {name: f"local{len(self.scopes)}.{k}" for k, name in enumerate(dict.fromkeys(names))}
        self.scopes.append(_Scope({**local}))
        text = self._fields(node, dict(ast.iter_fields(node)))
        self.scopes.pop()
        return f"{outermost} {text}"


def _names_readers(writer: Writer, function: ast.expr) -> bool:
    of = writer.refers(function)
    return isinstance(of, Outside) and of.name in READERS


def _body(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[ast.stmt]:
    return node.body[1:] if ast.get_docstring(node, False) is not None else node.body


def own_nodes(body: Sequence[ast.AST]) -> list[ast.AST]:
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


def bound(nodes: Sequence[ast.AST]) -> list[str]:
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
        elif (isinstance(node, ast.ExceptHandler) and node.name is not None) or (
            isinstance(node, ast.MatchAs | ast.MatchStar) and node.name is not None
        ):
            names.append(node.name)
    return list(dict.fromkeys(names))


def decides_nothing(statement: ast.stmt) -> bool:
    """Docstrings, texts beneath constants, and what only a type checker reads."""
    if isinstance(statement, ast.If) and isinstance(statement.test, ast.Name):
        return statement.test.id == "TYPE_CHECKING"
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def imported_as(alias: ast.alias) -> str:
    """The name that an import binds."""
    if alias.name == "*":
        raise TypeError("import *: a digest of code can't follow it")
    return alias.asname or alias.name.partition(".")[0]
