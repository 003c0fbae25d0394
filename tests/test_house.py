"""The house rules on size: how long a file and a function may be, without docstrings and tables."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bestowal

PACKAGE = Path(bestowal.__file__).parent
FILE, FUNCTION, SCRIPT = 400, 60, 300


def tables(tree: ast.Module) -> int:
    """Lines of a module that are tables: parameters of a model, and assignments of three lines or more."""
    return sum(
        (node.end_lineno or node.lineno) - node.lineno + 1
        for node in tree.body
        if (isinstance(node, ast.ClassDef) and node.name == "Params")
        or (isinstance(node, ast.Assign | ast.AnnAssign) and (node.end_lineno or 0) - node.lineno >= 2)
    )


def docstrings(tree: ast.Module) -> int:
    """Lines of the docstrings of functions and classes, which grow with what they explain and not with the code."""
    return sum(
        (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None
    )


def long_functions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Functions over the limit that are not compiled, docstrings not counted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            first = node.body[0]
            if ast.get_docstring(node) is not None:
                lines -= (first.end_lineno or first.lineno) - first.lineno + 1
            compiled = any("njit" in ast.unparse(decorator) for decorator in node.decorator_list)
            if lines > FUNCTION and not compiled:
                yield node.name, lines


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_is_at_most_400_lines_and_a_function_60(path: Path) -> None:
    text = path.read_text()
    tree = ast.parse(text)
    assert len(text.splitlines()) - tables(tree) - docstrings(tree) <= FILE
    if PACKAGE / "models" not in path.parents:  # models are kernels throughout
        assert dict(long_functions(tree)) == {}


def test_a_file_of_the_page_is_at_most_300_lines() -> None:
    page = PACKAGE / "explore" / "page"
    scripts = [path for path in page.rglob("*.js") if not {"vendor", "node_modules"} & set(path.parts)]
    assert scripts
    assert {path.name: n for path in scripts if (n := len(path.read_text().splitlines())) > SCRIPT} == {}


def test_a_long_file_and_a_long_function_are_seen() -> None:
    body = "def long():\n" + "    x = 1\n" * (FUNCTION + 1)
    assert dict(long_functions(ast.parse(body))) == {"long": FUNCTION + 2}
    assert dict(long_functions(ast.parse("@njit\n" + body))) == {}
    assert (
        docstrings(ast.parse('"""Of\nthe module."""\nclass A:\n    """One\n    two."""\ndef f():\n    """One."""\n'))
        == 3
    )
    assert tables(ast.parse("A = [\n1,\n2,\n]\nB = 1\nclass Params:\n    x: int\n")) == 6
