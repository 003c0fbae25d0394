"""`bestowal check`: claims of papers against the published models, claims of the source against the society model."""

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bestowal.cli import console, tables
from bestowal.cli.options import Store, Threads
from bestowal.cli.progress import progress
from bestowal.statistics.number_format import MISSING, half_width, mean_with_limits, number, percent, whole, with_limits

if TYPE_CHECKING:
    from rich.table import Table

    from bestowal.claims.paper import Result as PaperResult
    from bestowal.claims.source import Result


def check(
    paper: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODEL]",
            help="A published model from `bestowal list`, or `source`. Default: every published model.",
        ),
    ] = None,
    claim: Annotated[
        list[str] | None,
        typer.Option(help="Check this claim only; one of `source` is printed in full, with a figure. May be repeated."),
    ] = None,
    draws: Annotated[
        int | None, typer.Option(help="With `source`: number of draws of the prior. Default: 200.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="With `source`: seed of draws and worlds. Default: 1.")] = None,
    contract: Annotated[
        bool,
        typer.Option(
            "--contract", help="Check that a model, or a file that holds one, keeps the rules for every model."
        ),
    ] = False,
    threads: Threads = None,
    store: Store = None,
) -> None:
    """Check published models against their papers, or the society model against the source's claims.

    Each claim of a paper gets a verdict: agrees, disagrees, or cannot tell. `read`, `recalled` and `computed` say how
    well the paper's number is known. The exit code is 1 if a claim disagrees.

    `source` gives each claim of the source tradition a verdict over draws of the prior: supported or contradicted in
    the model, depends on a parameter, not decided, or not a testable claim. None of them is an error.

    Examples:

    \b
        bestowal check
        bestowal check riolo_2001
        bestowal check riolo_2001 --claim three-pairings
        bestowal check source --claim C8
        bestowal check --contract my_model.py
    """
    if contract:
        from bestowal.cli.contract import check_contract

        check_contract(paper)
        return
    if paper == "source":
        more = {name: value for name, value in (("draws", draws), ("seed", seed)) if value is not None}
        _check_source(claim, threads, store, more)
        return
    if given := [name for name, value in (("draws", draws), ("seed", seed)) if value is not None]:
        from bestowal.core.errors import BestowalError

        raise BestowalError(f"--{given[0]}: goes with `bestowal check source`")
    if claim and paper is None:
        from bestowal.core.errors import BestowalError

        raise BestowalError(f"--claim {claim[0]}: goes with a model, as in `bestowal check riolo_2001`")
    _check_papers(paper, claim, threads, store)


def _check_papers(paper: str | None, claim: list[str] | None, threads: int | None, store: Path | None) -> None:
    """Check one published model, or all of them; exit with 1 where a claim disagrees."""
    from bestowal.claims import paper as claims
    from bestowal.claims.verdict import Verdict

    results = []
    for name in [paper] if paper is not None else claims.papers():
        results += _check_paper(name, claim, threads, store)
    counts = {
        verdict: sum(r.verdict is verdict for r in results)
        for verdict in (Verdict.AGREES, Verdict.DISAGREES, Verdict.CANNOT_TELL)
    }
    parts = [f"{n} {verdict if n == 1 else verdict.removesuffix('s')}" for verdict, n in counts.items() if n]
    console.show(f"{console.plural(len(results), 'claim')}: {', '.join(parts)}")
    for name in claims.provisional() if paper is None else ():
        console.show(f"provisional, without a second reading: {name}")
    if counts[Verdict.DISAGREES] or any(r.repeats for r in results):
        raise typer.Exit(1)


def _check_paper(name: str, wanted: list[str] | None, threads: int | None, store: Path | None) -> "list[PaperResult]":
    from bestowal.claims import paper as claims
    from bestowal.claims.verdict import Verdict

    read = claims.paper(name)
    with progress(name) as tell:
        checked = claims.check(
            name,
            only=wanted,
            threads=threads,
            store=store,
            progress=tell,
        )
        found = list(checked)
    console.show(f"{read.model}: {read.paper}", *(["provisional: no second reading yet"] if read.provisional else []))
    console.show(_verdicts(found))
    for result in found:
        if result.claim.doubt and result.verdict is not Verdict.AGREES:
            console.show(f"{result.claim.id}: {result.claim.doubt}")
        if result.repeats:
            console.show(
                f"{result.claim.id}: the same numbers in every world as {result.repeats}, one run under two names"
            )
    return found


def _check_source(wanted: list[str] | None, threads: int | None, store: Path | None, more: dict[str, int]) -> None:
    from bestowal.claims.claim_file import source_claims
    from bestowal.claims.source import check_source
    from bestowal.core.errors import BestowalError, nearest

    known = {c.id: c for c in source_claims()}
    for name in wanted or ():
        if name not in known:
            raise BestowalError(f"--claim {name}: there is no such claim of the source{nearest(name, known)}")
    chosen = [known[name] for name in dict.fromkeys(wanted)] if wanted else list(known.values())
    began = time.monotonic()
    with progress("source") as tell:
        checked = check_source(
            chosen,
            threads=threads,
            store=store,
            progress=tell,
            **more,
        )
        found = list(checked)
    took = time.monotonic() - began
    console.show(_source_verdicts(found))
    people: dict[str, list[str]] = {}
    for result in found:
        if result.claim.experiment is not None:
            people.setdefault(f"People of {result.claim.experiment.scenario}: {result.people}", []).append(
                result.claim.id
            )
    console.show(*(f"{said} ({', '.join(ids)})" for said, ids in people.items()))
    if wanted:
        for result in found:
            _print_claim(result)
    counts = Counter(r.verdict for r in found)
    console.show(
        f"{console.plural(len(found), 'claim')}: {', '.join(f'{n} {kind}' for kind, n in counts.items())}; "
        f"{whole(took)} s"
    )


def _verdicts(found: "list[PaperResult]") -> "Table":
    from bestowal.claims.paper import worlds_to_decide
    from bestowal.claims.verdict import Verdict

    headings = ["claim", "says", "where", "known", "expected", "ours", "verdict"]
    table = tables.table(headings, folded=["says", "where"], right=["expected", "ours"])
    for result in found:
        c = result.claim
        if c.paper is not None:
            expected = f"{c.paper:g} ±{c.within:g}"
        else:
            expected = " ".join(f"{sign} {end:g}" for sign, end in ((">", c.low), ("<", c.high)) if abs(end) < 1e300)
        style = {Verdict.AGREES: "", Verdict.DISAGREES: "bold red", Verdict.CANNOT_TELL: "yellow"}[result.verdict]
        ours = half_width(result.number.estimate, result.number.low)
        needed = worlds_to_decide(result)
        verdict = f"{result.verdict}\n(~{needed} worlds would)" if needed else result.verdict
        table.add_row(c.id, c.says, c.where, c.known, expected, ours, verdict, style=style)
    return table


def _source_verdicts(found: "list[Result]") -> "Table":
    from bestowal.claims.verdict import Verdict

    table = tables.table(["", "claim", "number", "holds at", "verdict"], folded=["claim"], right=["number", "holds at"])
    for r in found:
        style = "" if r.share is not None and r.verdict is not Verdict.UNDECIDED else "yellow" if r.share else "dim"
        verdict = r.phrase
        if r.split is not None:
            at, below, above = r.split.at, r.split.below, r.split.above
            verdict += f"\n{'at 0' if at == 0 else f'up to {number(at)}'}: {with_limits(below, percent)}"
            verdict += f"\nelse: {with_limits(above, percent)}"
        found_number = mean_with_limits(r.number) if r.number is not None else MISSING
        holds = with_limits(r.share, percent) if r.share is not None else MISSING
        table.add_row(r.claim.id, r.claim.claim, found_number, holds, verdict, style=style)
    return table


def _print_claim(result: "Result") -> None:
    """A claim's reading, rival and limits, and where its figure lies."""
    from bestowal.core.files import write

    claim = result.claim
    told = {
        "reading": claim.reading,
        "rival": claim.rival,
        "the rival predicts": claim.rival_predicts,
        "because": result.because,
        "limits": claim.limits,
        "what would change this": claim.would_change,
    }
    console.show(
        "", f"{claim.id}: {claim.claim}", *(f"{name}: {' '.join(text.split())}" for name, text in told.items() if text)
    )
    if claim.experiment is not None:
        from bestowal.drawing.svg import standalone
        from bestowal.report.figures.claim import draws_figure
        from bestowal.statistics.intervals import mean

        experiment = claim.experiment
        drawn = draws_figure(
            result.numbers,
            [(label, values, mean(list(values))) for label, values in result.arms],
            above=experiment.holds.above,
            below=experiment.holds.below,
            matters=experiment.matters,
            mean=result.number,
            label=f"number of a draw ({experiment.kind})",
            arms_label=f"{experiment.statistic.take} {experiment.statistic.observable or ''}".strip().replace("_", " "),
        )
        path = Path(result.folder) / f"{claim.id}.svg"
        write(path, standalone(drawn["wide"]))
        console.show(f"figure: {path}")
    console.show("")
