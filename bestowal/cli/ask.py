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
    worlds: Annotated[int | None, typer.Option(help="Number of worlds in each run. Default: the question's.")] = None,
    threads: Threads = None,
    store: Store = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Where to copy the answer: a page if it ends in .html, else a folder with page and data."),
    ] = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="Also compute the smallest sufficient change, the point of no return, Shapley shares, who is affected "
            "first, and the sensitivity to parameters. Takes some minutes.",
        ),
    ] = False,
    on: On = None,
) -> None:
    """Answer a question: why a society failed, and which change would have made it last.

    Prints the answer and writes it as a page with figures. A stored answer is not computed again, and an interrupted
    one resumes.

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
