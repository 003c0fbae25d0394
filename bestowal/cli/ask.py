"""`bestowal ask`: a question, answered on the terminal and as a page."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from bestowal.cli import console, options
from bestowal.cli.options import On, Store, Threads
from bestowal.cli.progress import progress


def ask(
    question: Annotated[
        str, typer.Argument(metavar="QUESTION", help="A name from `bestowal list`, or the path of a .toml file.")
    ],
    worlds: Annotated[
        int | None, typer.Option(help="How many worlds in each run; the question's own unless given.")
    ] = None,
    threads: Threads = None,
    store: Store = None,
    out: Annotated[
        Path | None, typer.Option(help="A copy: of the page where it ends in .html, else a folder of page and data.")
    ] = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="Ask everything: the smallest change that is enough, when it was too late, shares of blame, "
            "who is touched first, and what the answer hangs on. Some minutes.",
        ),
    ] = False,
    on: On = None,
) -> None:
    """Ask why it failed and what would have made it last.

    The answer is printed here, and written as a page with figures. What is stopped goes on where it was.

    Examples:

    \b
        bestowal ask russia
        bestowal ask russia --full
        bestowal ask mine.toml --worlds 1000 --out mine.html
        bestowal ask russia --on tcp://10.0.0.1:8786
    """
    from bestowal.questions.ask import ask as answer_it
    from bestowal.report import answer_page as report
    from bestowal.report.answer_text import terminal

    options.check_out(out, ".html")
    with progress(Path(question).stem) as tell:
        answer = answer_it(question, worlds, threads=threads, store=store, progress=tell, on=on)
    for line in answer.said:
        console.say(line)
    more = None
    if full:
        from bestowal.questions.ask import question as read_question
        from bestowal.questions.full import WORLDS, in_full

        each = WORLDS if worlds is None else worlds
        base = read_question(question)[1]
        with progress(Path(question).stem, "blocks of worlds") as tell:
            more = in_full(answer, base, threads=threads, store=store, worlds=each, progress=tell, on=on)
        answer = replace(answer, command=f"{answer.command} --full")
    page = report.save(answer, out, more)
    console.show(terminal(answer, page, more))
