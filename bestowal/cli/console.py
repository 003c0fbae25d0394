"""What is printed: tables and text on stdout, one-line messages on stderr."""

import shlex
import shutil
import sys
from typing import Any

PIPED = 140  # columns of what is printed to a file or a pipe, where numbers do not need more


def show(*parts: Any) -> None:
    from rich.console import Console
    from rich.table import Table

    from bestowal.report.tables import ENDLESS, Stacked

    console = Console(highlight=False, markup=False, emoji=False)
    width = columns()
    for part in parts:
        if isinstance(part, str):
            console.print(part, soft_wrap=True)
            continue
        shown = Stacked(part) if isinstance(part, Table) else part
        # In a file or a pipe, coloured or not, words are folded and all else is on one line.
        least = console.measure(shown, options=console.options.update(max_width=ENDLESS)).minimum
        console.width = max(PIPED, least) if width is None else width
        console.print(shown)


def columns() -> int | None:
    """How wide the terminal on stdout is; None where it is a file or a pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def say(line: str) -> None:
    print(f"bestowal: {' '.join(line.split())}", file=sys.stderr)  # click's echo writes UTF-8 where ASCII is wanted


def command_line() -> str:
    return shlex.join(["bestowal", *sys.argv[1:]])


def plural(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"
