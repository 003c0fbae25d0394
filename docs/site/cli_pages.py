"""Pages of the command line, one a verb, generated from the Typer application: every argument and every option."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import typer

ENVIRONMENT = {
    "BESTOWAL_STORE": ("`./results`", "Folder of the results; `--store` overrules it."),
    "BESTOWAL_CACHE": ("`~/.cache/bestowal`", "Folder of compiled models. It can be deleted at any time."),
    "BESTOWAL_CLUSTER": (
        "this machine",
        "Address of a Dask scheduler to run on, such as `tcp://10.0.0.1:8786`; `--on` overrules it.",
    ),
}
STATUS = {
    0: "All went well.",
    1: "A claim disagrees with its paper (`bestowal check`), or the reader of the output went away.",
    2: "Something the user can mend: one line on standard error names the option or the file, its key and the value.",
    130: "Ctrl-C. Blocks that had finished are kept; the same command resumes after them.",
}
KINDS = {"int": "whole number", "float": "number", "str": "text", "Path": "path", "bool": ""}


def commands() -> Mapping[str, Any]:
    """Return the verbs of the command line that are not hidden, each with its parameters."""
    from bestowal.cli.app import app

    group: Any = typer.main.get_command(app)
    return {name: command for name, command in group.commands.items() if not command.hidden}


def pages() -> dict[str, str]:
    """Return the pages of the command line by the site's path."""
    from bestowal.cli.app import app

    group: Any = typer.main.get_command(app)
    verbs = commands()
    lines = ["# The command line", "", _text(group.help), "", "| command | what it does |", "|---|---|"]
    lines += [f"| [`bestowal {name}`]({name}.md) | {_summary(command)} |" for name, command in verbs.items()]
    lines += ["", "## Options of `bestowal` itself", "", *_table(group.params)]
    lines += ["", "## Environment variables", "", "| variable | default | meaning |", "|---|---|---|"]
    lines += [f"| `{name}` | {default} | {meaning} |" for name, (default, meaning) in ENVIRONMENT.items()]
    lines += ["", "## Exit status", "", "| status | meaning |", "|---|---|"]
    lines += [f"| {status} | {meaning} |" for status, meaning in STATUS.items()]
    out = {"cli/index.md": "\n".join(lines) + "\n"}
    for name, command in verbs.items():
        out[f"cli/{name}.md"] = _page(name, command)
    return out


def _page(name: str, command: Any) -> str:
    arguments = [p for p in command.params if p.opts and not p.opts[0].startswith("-")]
    options = [p for p in command.params if p not in arguments and not getattr(p, "hidden", False)]
    lines = [f"# bestowal {name}", "", _text(command.help), ""]
    if arguments:
        lines += ["## Arguments", "", "| argument | value | meaning |", "|---|---|---|"]
        for p in arguments:
            needed = "required" if p.required else "optional"
            lines.append(f"| `{(p.metavar or p.name).upper()}` | {_kind(p)}, {needed} | {_cell(p.help)} |")
        lines.append("")
    lines += ["## Options", "", *_table(options)]
    return "\n".join(lines) + "\n"


def _table(options: list[Any]) -> list[str]:
    lines = ["| option | value | default | meaning |", "|---|---|---|---|"]
    for p in options:
        names = ", ".join(f"`{name}`" for name in [*p.opts, *p.secondary_opts])
        default = p.default.value if isinstance(p.default, Enum) else p.default
        shown = "" if default in (None, False, True, (), []) else f"`{default}`"
        lines.append(f"| {names} | {_kind(p)} | {shown} | {_cell(p.help)} |")
    return [*lines, "| `--help` | | | Show the help of this command and exit. |"]


def _kind(p: Any) -> str:
    """Return what a parameter takes, in words; nothing for a switch."""
    if p.metavar and p.opts[0].startswith("-"):
        return f"`{p.metavar}`"
    annotation: Any = getattr(getattr(p, "type_descriptor", None), "annotation", str)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return " or ".join(f"`{member.value}`" for member in annotation)
    name = getattr(annotation, "__name__", "str")
    return KINDS.get(name, "text")


def _summary(command: Any) -> str:
    return _cell(str(command.help).split("\n\n")[0])


def _text(help_text: str) -> str:
    """Return a help text as Markdown: the blocks of examples that Typer marks with a backspace become code."""
    parts = []
    for part in help_text.split("\n\n"):
        marked = part.startswith("\b\n")
        body = part.removeprefix("\b\n")
        if marked:
            lines = "\n".join(line.removeprefix("    ") for line in body.split("\n"))
            parts.append(f"```sh\n{lines}\n```")
        else:
            parts.append(" ".join(body.split()))
    return "\n\n".join(parts)


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")
