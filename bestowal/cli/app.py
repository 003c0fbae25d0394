"""The command line: the program, its verbs, what it says on errors and on Ctrl-C.

A verb is one file beside this one, with a function of the verb's name, and its line in VERBS. Whatever is slow to
import is imported inside the function that needs it: `bestowal --help` must answer at once.
"""

import codecs
import io
import itertools
import os
import sys
import unicodedata
import warnings
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bestowal.cli import console

VERBS = ("run", "compare", "sweep", "ask", "cite", "check", "calibrate", "report", "explore", "list", "show")
"""In the order that `bestowal --help` lists them."""

USAGE: type[Any] = typer.BadParameter.__mro__[1]
"""Click's UsageError, which newer versions of Typer bring along themselves."""


class Verbs(TyperGroup):
    """Says in one line what the user can mend, with exit code 2, and how to go on after Ctrl-C, with 130."""

    def invoke(self, ctx: Any) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # so that a reader gone (`| head`) shows here
            return result
        except BrokenPipeError:
            # The interpreter flushes once more at its end, and would complain there.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            raise _stopped() from None
        except OSError as error:
            console.say(f"{f'{error.filename}: ' if error.filename else ''}{error.strerror or error}")
            raise typer.Exit(2) from None
        except MemoryError as error:
            console.say(f"not enough memory; try fewer worlds ({error})")
            raise typer.Exit(2) from None
        except Exception as error:
            from bestowal.core.errors import BestowalError

            if _of_ctrl_c(error):
                raise _stopped() from None
            if isinstance(error, BestowalError):
                console.say(str(error))
            elif isinstance(error, USAGE):
                console.say(_misused(error))
            else:
                raise
            raise typer.Exit(2) from None


def _misused(error: Any) -> str:
    """What is wrong with an option or an argument, in one line with its name and the value given."""
    said = " ".join(error.format_message().split())
    for kind, words in (("integer", "a whole number"), ("number", "a number")):
        article = "an" if kind == "integer" else "a"
        said = said.replace(
            f"Input should be a valid {kind}, unable to parse string as {article} {kind}", f"must be {words}"
        )
    param = getattr(error, "param", None)
    if param is not None and said.startswith("Invalid value"):
        name = max([*param.opts, *param.secondary_opts], key=len)
        given = [b for a, b in itertools.pairwise(sys.argv) if a in param.opts]
        given += [word.partition("=")[2] for word in sys.argv if word.partition("=")[0] in param.opts and "=" in word]
        said = f"{' '.join([name, *given[:1]])}: {said.partition(': ')[2].removeprefix('Value error, ')}"
    where = f" (see `{error.ctx.command_path} --help`)" if error.ctx is not None else ""
    return f"{said.rstrip('.')}{where}"


def _stopped() -> typer.Exit:
    # What Ctrl-C came upon half begun is thrown away, and Python would say so of a coroutine of Zarr's.
    warnings.simplefilter("ignore", RuntimeWarning)
    console.say(
        f"stopped; blocks that had finished are kept, and the same command goes on from there: {console.command_line()}"
    )
    return typer.Exit(130)


def _of_ctrl_c(error: BaseException | None) -> bool:
    """Whether an error is what became of Ctrl-C: Python 3.11 makes another of one that comes as a class is made."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False


app = typer.Typer(
    cls=Verbs,
    help="A laboratory for societies of giving: why did a society that shares fail, and what would have made it last?"
    "\n\nExample:\n\n\b\n    bestowal ask russia",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help: the other kind takes longer to import than to read
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"bestowal {version('bestowal')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Hold the options of the program itself."""


for _verb in VERBS:
    app.command(_verb)(getattr(import_module(f"bestowal.cli.{_verb}"), _verb))


def main() -> None:
    """Run the command line."""
    if sys.stdout is None or sys.stderr is None:  # closed, as by `>&-`
        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (for as long as the program runs)
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    codecs.register_error("plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="plain")
    app(prog_name="bestowal")


PLAIN = {"±": "+-", "–": "-", "—": "-", "−": "-", "·": "-", "…": "...", "≥": ">=", "≤": "<=", "×": "x", "→": "->"}


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Text that the terminal's encoding does not have, near to it: an error handler for `codecs`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    near = ""
    for character in error.object[error.start : error.end]:
        found = PLAIN.get(character) or unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
        near += found or "?"
    return near, error.end
