"""Pages of the Python interface: every name reached from `bestowal`, described by its docstring (mkdocstrings)."""

import importlib
import inspect
from types import ModuleType

from docstrings import markdown

import bestowal


def names() -> dict[str, str]:
    """Return the public names of `bestowal` itself, each with the place it is defined."""
    found = {}
    for name in bestowal.__all__:
        value = getattr(bestowal, name)
        found[name] = f"{value.__module__}.{value.__qualname__}"
    return found


def modules() -> dict[str, ModuleType]:
    """Return the modules reached as an attribute of `bestowal`, by the attribute's name."""
    return {name: getattr(bestowal, name) for name in dir(bestowal) if inspect.ismodule(getattr(bestowal, name))}


def public(module: ModuleType) -> dict[str, str]:
    """Return the public functions and classes of a module, each with the place it is defined.

    The names of `__all__` where the module has one; else what is defined in the module itself.
    """
    listed = getattr(module, "__all__", None)
    found = {}
    for name, value in vars(module).items() if listed is None else ((n, getattr(module, n)) for n in listed):
        if name.startswith("_") or not (inspect.isfunction(value) or inspect.isclass(value)):
            continue
        if listed is not None or value.__module__ == module.__name__:
            found[name] = f"{value.__module__}.{value.__qualname__}"
    return found


def first_sentence(value: object) -> str:
    """Return the first sentence of a docstring on one line."""
    text = " ".join((inspect.getdoc(value) or "").split("\n\n")[0].split())
    return (text.split(". ")[0].rstrip(".:") + "." if text else "").replace("|", "\\|")


def pages() -> dict[str, str]:
    """Return the pages of the Python interface by the site's path."""
    lines = ["# The Python interface", "", _code("import bestowal as bs", 'kibbutz = bs.scenario("kibbutz")')]
    lines += ["bs.compare(kibbutz, kibbutz.but(exit_right=0.5, from_year=1940))\n```", ""]
    lines += ["| name | what it is |", "|---|---|"]
    for name, place in names().items():
        lines.append(f"| [`bestowal.{name}`][{place}] | {first_sentence(getattr(bestowal, name))} |")
    lines += ["", "Modules:", "", "| name | what it holds |", "|---|---|"]
    for name, module in modules().items():
        lines.append(f"| [`bestowal.{name}`]({name}.md) | {first_sentence(module)} |")
    out = {}
    for name, place in names().items():
        lines += ["", _object(place, f"bestowal.{name}")]
    out["python/index.md"] = "\n".join(lines) + "\n"
    for name, module in modules().items():
        text = [f"# bestowal.{name}", "", markdown(inspect.getdoc(module) or ""), ""]
        text += [_object(place, f"bestowal.{name}.{own}") for own, place in public(module).items()]
        out[f"python/{name}.md"] = "\n".join(text)
    return out


def _object(place: str, called: str) -> str:
    """Return what makes mkdocstrings describe an object under the name by which users reach it."""
    label = called.rpartition(".")[2]
    return f'::: {place}\n    options:\n      heading: "{called}"\n      toc_label: "{label}"\n'


def _code(*lines: str) -> str:
    return "```python\n" + "\n".join(lines)


def resolved(place: str) -> object:
    """Return the object at a dotted place."""
    parts = place.split(".")
    for end in range(len(parts), 0, -1):
        try:
            value: object = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            value = getattr(value, part)
        return value
    raise ModuleNotFoundError(place)
