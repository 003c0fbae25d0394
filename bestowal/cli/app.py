"""The verbs on the command line, each one call to a function of the same name.

Whatever is slow to import is imported inside the verb that needs it: `bestowal --help` must answer at once.
"""

import codecs
import io
import itertools
import os
import shlex
import shutil
import sys
import threading
import time
import unicodedata
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    import xarray as xr
    from rich.table import Table

    from bestowal.claims.paper import Verdict
    from bestowal.claims.source import Result
    from bestowal.report.tables import Stacked
    from bestowal.simulation.scenario import Scenario


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
            _say(f"{f'{error.filename}: ' if error.filename else ''}{error.strerror or error}")
            raise typer.Exit(2) from None
        except MemoryError as error:
            _say(f"not enough memory; try fewer worlds ({error})")
            raise typer.Exit(2) from None
        except Exception as error:
            from bestowal.core.errors import BestowalError

            if _of_ctrl_c(error):
                raise _stopped() from None
            if isinstance(error, BestowalError):
                _say(str(error))
            elif isinstance(error, USAGE):
                _say(_misused(error))
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
    _say(f"stopped; blocks that had finished are kept, and the same command goes on from there: {_command()}")
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
    """Do what holds for every verb."""


WIDEST, LONGEST = 8, 60  # columns and rows of a sweep's table
EVERY = 10.0  # seconds between two lines of progress where stderr is no terminal
PIPED = 140  # columns of what is printed to a file or a pipe, where numbers do not need more


class Keep(StrEnum):
    """What is kept of a run."""

    WORLDS = "worlds"
    SUMMARY = "summary"


class Design(StrEnum):
    """How points are spread over ranges."""

    LHS = "lhs"
    SOBOL = "sobol"


ScenarioName = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A name from `bestowal list`, or the path of a .toml file.")
]
Worlds = Annotated[int, typer.Option(help="How many worlds, each with its own luck.")]
Threads = Annotated[int | None, typer.Option(help="Threads at work; one a processor unless given.")]
Store = Annotated[Path | None, typer.Option(help="Folder of the results; ./results, or $BESTOWAL_STORE, unless given.")]
Values = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Another value for a parameter; may be repeated."),
]
Kept = Annotated[
    Keep,
    typer.Option(help="Every world, or only a summary over them, made as they run: for millions, in bounded memory."),
]
On = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="ADDRESS",
        help="Run on the Dask cluster of the scheduler there, such as tcp://10.0.0.1:8786, by its workers' threads; "
        "$BESTOWAL_CLUSTER, or this machine, unless given.",
    ),
]
FromYear = Annotated[
    int | None, typer.Option(help="Let --set begin in this year of the scenario's calendar and not from the start.")
]
Hold = Annotated[
    bool,
    typer.Option(
        "--hold",
        help="Keep what is set: no later change of the scenario, and no vote in the model, overrules it.",
    ),
]
Years = Annotated[int | None, typer.Option(help="How many years to run; the scenario's own unless given.")]
Seed = Annotated[int | None, typer.Option(help="Seed of the worlds' random numbers; the scenario's own unless given.")]


@app.command()
def run(
    scenario: ScenarioName,
    worlds: Worlds = 500,
    threads: Threads = None,
    store: Store = None,
    values: Values = None,
    from_year: FromYear = None,
    hold: Hold = False,
    years: Years = None,
    seed: Seed = None,
    keep: Kept = Keep.WORLDS,
    on: On = None,
    blocks: Annotated[
        str | None,
        typer.Option(
            metavar="FIRST-LAST",
            help="Run only these blocks of 32 worlds (of one, where worlds are large), counted from 0, into the store: "
            "for one of several jobs.",
        ),
    ] = None,
) -> None:
    """Run a scenario and show how it went.

    Examples:

    \b
        bestowal run kibbutz
        bestowal run mine.toml --worlds 200
        bestowal run kibbutz --set exit_right=0.5 --from-year 1940
        bestowal run kibbutz --years 40 --seed 2
        bestowal run commune --worlds 1000000 --keep summary
        bestowal run kibbutz --worlds 2000 --blocks 17-32
        bestowal run kibbutz --worlds 2000 --on tcp://10.0.0.1:8786
    """
    from bestowal.core.files import results
    from bestowal.simulation.scenario_file import scenario as read
    from bestowal.simulation.store import run as run_worlds

    wanted = _changed(read(scenario).clock(years=years, seed=seed), values, from_year, hold)
    part = _blocks(blocks) if blocks is not None else None
    if keep is Keep.SUMMARY:
        _run_summary(wanted, worlds, threads, store, on, part, _set(wanted, values, from_year))
        return
    with _progress(wanted.name) as tell:
        data = run_worlds(wanted, worlds, threads=threads, store=store, progress=tell, on=on, blocks=part)
    for line in data.attrs["repaired"].splitlines():
        _say(line)
    if part is not None:
        first, last = data["world"].values[[0, -1]]
        folder = results(store) / data.attrs["key"]
        _print(f"blocks {blocks}: worlds {first} to {last} of {worlds} are there")
        _print(f"data: {folder}")
        _print(f"in Python: bestowal.read({str(folder)!r}), which leaves out worlds that were not run")
        return
    _print(
        _course(data),
        f"{_plural(data.sizes['world'], 'world')}, {_when(data)}: mean ± half a 95 % interval over worlds; "
        "– where there is nothing to measure",
        *_not_held(wanted, data, _set(wanted, values, from_year)),
    )
    _print(f"data: {results(store) / data.attrs['key']}")


def _set(scenario: "Scenario", values: list[str] | None, from_year: int | None) -> dict[str, int]:
    """What --set names, each with the step it begins in."""
    return dict.fromkeys(_values(values or ()), 0 if from_year is None else scenario.step(from_year))


def _not_held(scenario: "Scenario", data: "xr.Dataset", names: dict[str, int]) -> list[str]:
    """A line for each of these values that did not stay as set."""
    from bestowal.simulation.in_force import not_held

    lines = [str(of) for name, since in names.items() for of in not_held(scenario, data, [name], since)]
    return [f"{line}; --hold sets that" if "stops that" in line else line for line in lines]


def _run_summary(
    wanted: "Scenario",
    worlds: int,
    threads: int | None,
    store: Path | None,
    on: str | None,
    blocks: range | None,
    names: dict[str, int],
) -> None:
    from bestowal.core.files import results
    from bestowal.simulation import summary
    from bestowal.simulation.scenario import key

    if blocks is not None:
        with _progress(wanted.name) as tell:
            there, said = summary.fill(wanted, worlds, blocks, threads=threads, store=store, progress=tell, on=on)
        for line in said:
            _say(line)
        _print(f"blocks {blocks[0]}-{blocks[-1]}: worlds {there[0]} to {there[-1]} of {worlds} are there, as a summary")
        _print(f"data: {results(store) / key(wanted) / 'summary'}")
        return
    with _progress(wanted.name) as tell:
        data = summary.run(wanted, worlds, threads=threads, store=store, progress=tell, on=on)
    for line in data.attrs["repaired"].splitlines():
        _say(line)
    _print(
        _course(data),
        f"{_plural(worlds, 'world')}, {_when(data)}: mean ± half a 95 % interval over worlds; "
        "– where there is nothing to measure",
        *_not_held(wanted, data, names),
    )
    _print(
        _spread(data),
        f"the {data['year'].attrs['long_name']} {int(data['year'].values[-1])} over worlds; "
        f"5 %, 50 %, 95 %: {data.attrs['quantiles']}",
    )
    _print(f"data: {summary.save(data, store)}")


@app.command()
def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="A scenario: a name from `bestowal list`, or a .toml file.")],
    b: Annotated[str | None, typer.Argument(metavar="B", help="Its twin; A itself unless given.")] = None,
    worlds: Worlds = 500,
    threads: Threads = None,
    store: Store = None,
    values: Values = None,
    from_year: FromYear = None,
    hold: Hold = False,
    years: Years = None,
    seed: Seed = None,
    on: On = None,
) -> None:
    """Run two scenarios with the same luck: what differs?

    Differences are paired world by world. With --set, B is changed before it is run; without B, a copy of A is.
    Where a value does not stay as set, what was in force is said; --hold keeps it.

    Examples:

    \b
        bestowal compare kibbutz mine.toml
        bestowal compare kibbutz --set exit_right=0.5 --from-year 1940
        bestowal compare kibbutz --set pay_link=0.3 --from-year 1940 --hold
    """
    from bestowal.core.errors import BestowalError
    from bestowal.simulation.compare import compare as run_twins
    from bestowal.simulation.scenario_file import scenario as read

    if b is None and not values:
        raise BestowalError("compare: needs a second scenario, or --set NAME=VALUE to make one of the first")
    first = read(a).clock(years=years, seed=seed)
    other = first if b is None else read(b).clock(years=years, seed=seed)
    second = _changed(other, values, from_year, hold)
    with _progress(f"{first.name}, {second.name}") as tell:
        data = run_twins(first, second, worlds, threads=threads, store=store, progress=tell, on=on)
    for line in data.attrs["repaired"].splitlines():
        _say(line)
    _print(_differences(data), f"second minus first, {_when(data)}: mean ± half a 95 % interval of paired differences")
    overruled = data.attrs["not_held"].splitlines()
    _print(*(f"{line}{'' if hold else '; --hold keeps what --set sets'}" for line in overruled))
    share, low, high = (float(v) for v in data["share_differing"].values)
    first_years = data["first_year"].values
    differ = first_years[first_years == first_years]  # NaN where nothing ever differs
    step = "" if data["year"].attrs["long_name"] == "year" else f"{data['year'].attrs['long_name']} "
    since = f"; the first difference shows in {step}{int(differ.min())}" if differ.size else ""
    if differ.size and not data["difference"].fillna(0.0).any():
        since += ", and no difference of a mean is larger than rounding"
    _print(f"the twins differ in {share:.0%} of {_plural(data.sizes['world'], 'world')} [{low:.0%}, {high:.0%}]{since}")


@app.command()
def sweep(
    scenario: ScenarioName,
    over: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=VALUES",
            help="A parameter and its values: a:b:n, a:b:n:log or v,v,v; with --design a:b or a:b:log. "
            "May be repeated.",
        ),
    ],
    worlds: Annotated[int, typer.Option(help="How many worlds at each point.")] = 200,
    design: Annotated[
        Design | None, typer.Option(help="Spread points over the ranges: a Latin hypercube, or Sobol' points.")
    ] = None,
    points: Annotated[int | None, typer.Option(help="How many, with --design; of sobol a power of 2.")] = None,
    design_seed: Annotated[int, typer.Option(help="Seed of the design's points.")] = 1,
    observable: Annotated[
        list[str] | None,
        typer.Option(help="What to look at; standing, members, output_ratio unless given. May be repeated."),
    ] = None,
    year: Annotated[
        list[int] | None, typer.Option(help="When, by the scenario's calendar; the last unless given. May be repeated.")
    ] = None,
    from_year: Annotated[
        int | None,
        typer.Option(help="Let the values begin in this year of the scenario's calendar, not from the start."),
    ] = None,
    hold: Hold = False,
    years: Years = None,
    seed: Seed = None,
    keep: Kept = Keep.WORLDS,
    threads: Threads = None,
    store: Store = None,
    on: On = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of figure, table and data; one in the store unless given.")
    ] = None,
) -> None:
    """Run a scenario over values of its parameters.

    Prints a table; leaves a figure, the table as CSV, and all of it as an xarray dataset. Each point is a run like any
    other, kept in the store: what is there isn't run again, and what is stopped goes on where it was.

    Examples:

    \b
        bestowal sweep kibbutz --over exit_right=0:1:21
        bestowal sweep kibbutz --over pay_link=0:1:21 --hold
        bestowal sweep commune --over pay_link=0:1:5 --over n_founders=20,40,80 --observable members --year 1853
        bestowal sweep commune --over pay_link=0:1 --over founder_zeal=0:2 --design sobol --points 64
    """
    from bestowal import sweep as sweep_over
    from bestowal.report.sweep_files import save
    from bestowal.simulation.design import parsed
    from bestowal.simulation.scenario_file import scenario as read

    wanted = read(scenario).clock(years=years, seed=seed)
    _in_calendar(wanted, "--from-year", [] if from_year is None else [from_year])
    _in_calendar(wanted, "--year", year or [])
    _check_out(out)
    asked = parsed(wanted, over, design)
    with _progress(wanted.name) as tell:
        data = sweep_over(
            wanted,
            asked,
            worlds,
            design=design.value if design else None,
            points=points,
            design_seed=design_seed,
            from_year=from_year,
            hold=hold,
            observables=observable,
            years=year,
            keep=keep.value,
            threads=threads,
            store=store,
            progress=tell,
            on=on,
        )
    for line in [*data.attrs["repaired"].splitlines(), *data.attrs["said"].splitlines()]:
        _say(line)
    for told in _swept(data):
        _print(told)
    files = save(data, out, store)  # after the table, which a folder that can't be written does not take away
    _print(
        f"{_plural(data['key'].size, 'point')} of {_plural(worlds, 'world')}: mean ± half a 95 % interval over worlds; "
        "– where there is nothing to measure",
        *(f"written: {file}" for file in files),
    )


@app.command()
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

    _check_out(out, ".html")
    with _progress(Path(question).stem) as tell:
        answer = answer_it(question, worlds, threads=threads, store=store, progress=tell, on=on)
    for line in answer.said:
        _say(line)
    more = None
    if full:
        from bestowal.questions.ask import question as read_question
        from bestowal.questions.full import WORLDS, in_full

        each = WORLDS if worlds is None else worlds
        base = read_question(question)[1]
        with _progress(Path(question).stem, "blocks of worlds") as tell:
            more = in_full(answer, base, threads=threads, store=store, worlds=each, progress=tell, on=on)
        answer = replace(answer, command=f"{answer.command} --full")
    page = report.save(answer, out, more)
    _print(report.terminal(answer, page, more))


@app.command()
def check(
    paper: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODEL]", help="A published model from `bestowal list`, or `source`; all models unless given."
        ),
    ] = None,
    claim: Annotated[
        list[str] | None, typer.Option(help="This claim alone; of `source` in full, with a figure. May be repeated.")
    ] = None,
    draws: Annotated[int | None, typer.Option(help="With `source`: draws of the prior; 200 unless given.")] = None,
    seed: Annotated[int | None, typer.Option(help="With `source`: which draws and which luck; 1 unless given.")] = None,
    threads: Threads = None,
    store: Store = None,
) -> None:
    """Hold the published models against their papers, or the society model against the source's claims.

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
    """
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
    from bestowal.claims import paper as claims

    verdicts = []
    for name in [paper] if paper is not None else claims.papers():
        verdicts += _check_paper(name, claim, threads, store)
    counts = {
        outcome: sum(v.outcome == outcome for v in verdicts) for outcome in ("agrees", "disagrees", "cannot tell")
    }
    told = [f"{n} {outcome if n == 1 else outcome.removesuffix('s')}" for outcome, n in counts.items() if n]
    _print(f"{_plural(len(verdicts), 'claim')}: {', '.join(told)}")
    for name in claims.provisional() if paper is None else ():
        _print(f"provisional, without a second reading: {name}")
    if counts["disagrees"] or any(v.repeats for v in verdicts):
        raise typer.Exit(1)


def _check_paper(name: str, wanted: list[str] | None, threads: int | None, store: Path | None) -> "list[Verdict]":
    from bestowal.claims import paper as claims

    read = claims.paper(name)
    with _progress(name) as tell:
        checked = claims.check(
            name,
            only=wanted,
            threads=threads,
            store=store,
            progress=lambda claim, done, total: tell(done, total, claim),
        )
        found = list(checked)
    _print(f"{read.model}: {read.paper}", *(["provisional: no second reading yet"] if read.provisional else []))
    _print(_verdicts(found))
    for verdict in found:
        if verdict.claim.doubt and verdict.outcome != "agrees":
            _print(f"{verdict.claim.id}: {verdict.claim.doubt}")
        if verdict.repeats:
            _print(f"{verdict.claim.id}: the same numbers in every world as {verdict.repeats}, one run under two names")
    return found


def _check_source(wanted: list[str] | None, threads: int | None, store: Path | None, more: dict[str, int]) -> None:
    from bestowal.claims import source as experiments
    from bestowal.core.errors import BestowalError, nearest

    known = {c.id: c for c in experiments.source_claims()}
    for name in wanted or ():
        if name not in known:
            raise BestowalError(f"--claim {name}: there is no such claim of the source{nearest(name, known)}")
    chosen = [known[name] for name in dict.fromkeys(wanted)] if wanted else list(known.values())
    began = time.monotonic()
    with _progress("source") as tell:
        checked = experiments.check_source(
            chosen,
            threads=threads,
            store=store,
            progress=lambda claim, done, total: tell(done, total, claim),
            **more,
        )
        found = list(checked)
    took = time.monotonic() - began
    _print(_source_verdicts(found))
    people: dict[str, list[str]] = {}
    for result in found:
        if result.claim.experiment is not None:
            people.setdefault(f"People of {result.claim.experiment.scenario}: {result.people}", []).append(
                result.claim.id
            )
    _print(*(f"{said} ({', '.join(ids)})" for said, ids in people.items()))
    if wanted:
        for result in found:
            _print_claim(result)
    counts = Counter("depends on a parameter" if r.split is not None else r.verdict for r in found)
    _print(f"{_plural(len(found), 'claim')}: {', '.join(f'{n} {kind}' for kind, n in counts.items())}; {took:.0f} s")


@app.command()
def calibrate(
    out: Annotated[
        Path | None, typer.Option(help="A folder for the evidence page, its figures and the dated predictions.")
    ] = None,
    posterior: Annotated[
        Path | None, typer.Option(help="A file for the draws of what people are, as the catalogue keeps them.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the fits and of all luck.")] = 1,
    threads: Threads = None,
    store: Store = None,
) -> None:
    """Fit the society model to measured people and communes, and test it without refit.

    Motives to the subjects of a public-goods experiment; the community level to the lives of 33 communes; then sixteen
    cities, societies that lasted, and predictions of what is held out. Some minutes; what is stopped goes on where it
    was.

    Examples:

    \b
        bestowal calibrate
        bestowal calibrate --out evidence/ --posterior society.csv
    """
    from bestowal import calibration
    from bestowal.core.files import expanded, write
    from bestowal.report import evidence

    with _progress("calibrate", "thousandths") as tell:
        found = calibration.calibrate(seed=seed, threads=threads, store=store, progress=tell)
    _print(evidence.terminal(found))
    if out is not None:
        for file in evidence.save(found, out):
            _print(f"written: {file}")
    if posterior is not None:
        write(expanded(posterior), evidence.posterior(found))
        _print(f"written: {posterior}")


@app.command()
def report(
    site: Annotated[Path, typer.Option(metavar="OUT", help="The folder of the site; made, or brought up to date.")],
    store: Store = None,
    address: Annotated[
        str | None, typer.Option(metavar="URL", help="Where it will stand, for absolute links in the feed.")
    ] = None,
) -> None:
    """Lay out all that is computed as a small static site.

    One page an answer, an index by claim and one by theme, and an Atom feed. Nothing is run: what has not been checked
    or asked yet is listed with its command. A changed result gets a new page that links to the one before it.

    Examples:

    \b
        bestowal report --site answers/
        bestowal report --site public/ --address https://example.org/bestowal/
    """
    from bestowal.claims.source import source_claims
    from bestowal.report import site as sites

    claims = source_claims()
    with _progress("pages", "pages") as tell:
        built = sites.build(
            site,
            claims,
            [*sites.checked(claims, store), *sites.asked(store)],
            address=address,
            progress=tell,
        )
    _print(f"{_plural(len(built.new), 'new page')}, {len(built.kept)} brought up to date")
    for item in built.superseded:
        _print(f"{item.subject}: a new answer supersedes No. {item.number} ({item.verdict})")
    if built.unchecked:
        names = ", ".join(name for name, _ in built.unchecked)
        _print(f"not checked yet: {names}; for example: {built.unchecked[0][1]}")
    _print(f"page: {built.index}")


@app.command()
def explore(
    scenario: Annotated[
        str,
        typer.Argument(metavar="SCENARIO", help="What to open: a name from `bestowal list`, or a .toml file."),
    ] = "kibbutz",
    values: Values = None,
    from_year: FromYear = None,
    world: Annotated[int, typer.Option(help="Which world to open: its number is its luck.")] = 0,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Where it listens; the first free one from 8765 unless given.")
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(help="Let other machines in, through this address of yours; everyone then needs the token shown."),
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser on it.")] = True,
    store: Store = None,
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Serve nothing: write the page with this experiment in it, as one HTML."),
    ] = None,
) -> None:
    """See two worlds with the same luck side by side, on a page in the browser.

    The page is served on this machine alone, needs no network, and is there until Ctrl-C. It offers what
    `bestowal list` does, and the scenarios and questions in the current folder.

    Examples:

    \b
        bestowal explore
        bestowal explore kibbutz --set exit_right=0.5 --from-year 1940
        bestowal explore kibbutz --set exit_right=0.5 --from-year 1940 --export kibbutz.html
    """
    from bestowal import explore as pages
    from bestowal.core.errors import BestowalError
    from bestowal.explore.catalogue import place
    from bestowal.explore.catalogue import scenario as listed
    from bestowal.explore.pairs import check_world, twin
    from bestowal.explore.requests import state_of

    if from_year is not None and not values:
        raise BestowalError(f"--from-year {from_year}: needs --set NAME=VALUE, to say what begins then")
    name, folder = place(scenario)
    changed = _values(values or ())
    base = listed(name, folder)
    _in_calendar(base, "--from-year", [] if from_year is None else [from_year])
    step = 0 if from_year is None else base.step(from_year)
    twin(base, changed, step)  # what can't be is said here
    check_world(world)
    if export is not None:
        with _progress(name) as tell:
            pages.export(export, name, changed, from_year, world, folder=folder, store=store, progress=tell)
        _print(f"page: {export}")
        return
    state = state_of(name, changed, step, world)
    pages.serve(state, port=port, host=host, browser=browser, store=store, folder=folder, say=typer.echo)
    _say("stopped; blocks that had finished are kept")


@app.command(name="list")
def list_() -> None:
    """List the scenarios, questions, models and data.

    Example:

    \b
        bestowal list
    """
    from bestowal.calibration.datasets import titles as data_titles
    from bestowal.claims import paper as claims
    from bestowal.core.errors import BestowalError
    from bestowal.core.files import toml
    from bestowal.models import registry as models
    from bestowal.questions.question_file import CATALOGUE as QUESTIONS
    from bestowal.simulation.scenario_file import CATALOGUE as SCENARIOS

    provisional = claims.provisional()

    def titles(folder: Path) -> dict[str, str]:
        found = {}
        for file in sorted(folder.glob("*.toml")):
            try:
                found[file.stem] = str(toml(file).get("title", ""))
            except BestowalError as error:
                _say(str(error))
        return found

    for kind, verb, found in (
        ("scenarios", "run", titles(SCENARIOS)),
        ("questions", "ask", titles(QUESTIONS)),
        ("models", "run", {n: t + (" (provisional)" if n in provisional else "") for n, t in models.titles().items()}),
        ("data", "show", data_titles()),
    ):
        typer.echo(f"{kind}  (bestowal {verb} NAME)")
        width = max(map(len, found), default=0)
        for name, title in found.items():
            typer.echo(f"  {name:{width}}  {title}")
    if provisional:
        typer.echo("provisional: a published model whose second reading is missing; see bestowal check")


@app.command()
def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A scenario, question, model or data, or a scenario's .toml file.")
    ],
    question: Annotated[bool, typer.Option("--question", help="The question of that name, not the scenario.")] = False,
    model: Annotated[bool, typer.Option("--model", help="The model of that name: its defaults as a scenario.")] = False,
    data: Annotated[bool, typer.Option("--data", help="The data of that name.")] = False,
    store: Store = None,
) -> None:
    """Print a scenario as a file to edit.

    Each value stands with its meaning, unit, bounds and source. A question is shown as its file, a model as a scenario
    of its defaults, data as a table with its source; where names are shared, a scenario comes before a question, a
    question before a model, and a model before data. `priors`: what is known of each parameter of the society, from
    where, and how well. `results`: the runs in the results folder, which are named by their keys, with their scenarios.

    Examples:

    \b
        bestowal show kibbutz > mine.toml
        bestowal show kibbutz --question
        bestowal show society
        bestowal show oneida --data
        bestowal show priors
        bestowal show results
    """
    from bestowal.calibration.datasets import names as data_names
    from bestowal.core.errors import BestowalError, nearest
    from bestowal.core.files import expanded, is_path
    from bestowal.core.files import text as text_of
    from bestowal.models import registry as models
    from bestowal.questions.question_file import CATALOGUE as QUESTIONS
    from bestowal.questions.question_file import questions
    from bestowal.simulation.scenario_file import scenario, scenarios, to_toml

    path = is_path(name)
    known = {"scenario": scenarios(), "question": questions(), "model": models.names(), "data": data_names()}
    asked = [kind for kind, wanted in (("question", question), ("model", model), ("data", data)) if wanted]
    kinds = asked[:1] or (["scenario"] if path else list(known))
    kind = next((k for k in kinds if path or name in known[k]), None)
    if kind is None and name == "priors" and not asked:
        _print_priors()
        return
    if kind is None and name == "results" and not asked:
        _print_results(store)
        return
    if kind is None:
        names = sorted({n for k in kinds for n in known[k]})
        raise BestowalError(f"there is no {' or '.join(kinds)} {name!r}{nearest(name, names)}")
    if kind == "data":
        _print_data(name)
        return
    if kind == "scenario":
        text = to_toml(scenario(name))
    elif kind == "question":
        text = text_of(expanded(name) if path else QUESTIONS / f"{name}.toml")
    else:
        text = _defaults(name)
    # As bytes: a scenario file is UTF-8, whatever the terminal is.
    typer.echo(text.encode(), nl=False)


def main() -> None:
    """Do what the command line says."""
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


def _changed(scenario: "Scenario", values: list[str] | None, from_year: int | None, hold: bool) -> "Scenario":
    from bestowal.core.errors import BestowalError

    if not values:
        if from_year is not None:
            raise BestowalError(f"--from-year {from_year}: needs --set NAME=VALUE, to say what begins then")
        if hold:
            raise BestowalError("--hold: needs --set NAME=VALUE, to say what is kept")
        return scenario
    _in_calendar(scenario, "--from-year", [] if from_year is None else [from_year])
    changes = _values(values)
    begins = None if from_year is None else scenario.step(from_year)
    for name, change in ((name, c) for c in scenario.changes for name in c.values if name in changes):
        anew = f"{name}: the scenario sets it anew in {scenario.first_year + change.year}"
        if begins is None and not hold:
            _say(f"{anew}; --hold keeps what is set")
        elif begins is not None and not hold and change.year >= begins:
            _say(f"{anew}, which is left out: what is set from {from_year} on stays to the end")
    return scenario.hold(from_year, **changes) if hold else scenario.but(from_year, **changes)


def _check_out(out: Path | None, ending: str = "") -> None:
    """Refuse, before any work, a place that nothing can be written to: a file, where a folder is meant."""
    from bestowal.core.errors import BestowalError
    from bestowal.core.files import expanded

    if out is None:
        return
    path = expanded(out)
    folder = path.parent if ending and path.suffix == ending else path
    taken = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    if taken.is_file() or (path != folder and path.is_dir()):
        meant = f"a name that ends in {ending}, or a folder" if ending else "a folder"
        raise BestowalError(f"--out {out}: {'a folder' if path.is_dir() else taken} is there; needs {meant}")


def _in_calendar(scenario: "Scenario", option: str, years: Iterable[int]) -> None:
    """Refuse a year outside the scenario's calendar, by the option that gives it."""
    from bestowal.core.errors import BestowalError

    for year in years:
        try:
            scenario.step(year)
        except BestowalError as error:
            raise BestowalError(f"{option} {year}: {error}") from None


def _values(texts: Iterable[str]) -> dict[str, float]:
    """What --set says, each parameter once."""
    from bestowal.core.errors import BestowalError
    from bestowal.models.registry import CLOCK

    values = dict[str, float]()
    for text in texts:
        name, value = _assigned(text)
        if name in CLOCK:
            raise BestowalError(f"--set {text}: {name} is the scenario's, not a parameter; say --{name} {value:g}")
        if name in values:
            raise BestowalError(f"--set {text}: {name} is set twice, first to {values[name]:g}")
        values[name] = value
    return values


def _blocks(text: str) -> range:
    """17-32, or 17 alone."""
    from bestowal.core.errors import BestowalError

    first, dash, last = text.partition("-")
    try:
        return range(int(first), int(last if dash else first) + 1)
    except ValueError:
        raise BestowalError(f"--blocks {text}: must be FIRST-LAST, such as --blocks 17-32, or one number") from None


def _assigned(text: str) -> tuple[str, float]:
    from bestowal.core.errors import BestowalError

    name, equals, value = (part.strip() for part in text.partition("="))
    if not (name and equals and value):
        raise BestowalError(f"--set {text}: must be NAME=VALUE, such as --set pay_link=0.3")
    for kind in (int, float):
        try:
            return name, kind(value)
        except ValueError:
            continue
    raise BestowalError(f"--set {text}: {value!r} is not a number")


def _print_priors() -> None:
    from bestowal.uncertainty.prior import known

    table = _table(["parameter", "law", "default", "grade", "why"], folded=["law", "why"], right=["default"])
    group = ""
    for of in known("society"):
        if of.parameter.group != group:
            group = of.parameter.group
            table.add_row(f"– {group} –", style="dim")
        style = "bold" if of.grade == "calibrated" else ""
        table.add_row(of.parameter.name, of.law, f"{of.parameter.default:g}", of.grade, of.why, style=style)
    _print("What is known of each parameter of the society: the prior, or what the scenario states", table)


def _print_results(store: Path | None) -> None:
    from bestowal.explore.catalogue import titles
    from bestowal.explore.stored import runs

    listed = runs(store, titles(Path.cwd()))
    table = _table(
        ["scenario", "key", "worlds", "steps", "begun (UTC)", "size"],
        folded=["scenario"],
        right=["worlds", "steps", "size"],
    )
    for run in listed["runs"]:
        name = run["title"] if run["scenario"] is None else f"{run['scenario']}: {run['title']}"
        begun = run["when"][:16].replace("T", " ")
        size = f"{run['bytes'] / 1e6:,.1f} MB"
        worlds = f"{run['worlds']:,}" if run["worlds"] else "summary"
        table.add_row(name, run["key"][:12], worlds, str(run["years"]), begun, size)
    count = _plural(len(listed["runs"]), "run")
    _print(table, f"{count}, each in the folder named by its whole key: {listed['folder']}")


def _print_data(name: str) -> None:
    from bestowal.calibration.datasets import data

    found = data(name)
    told = ("source", "citation", "grade", "licence", "note")
    _print(found.attrs["title"], *(f"{key}: {found.attrs[key]}" for key in told if found.attrs[key]))
    units = found.attrs["units"]
    headings = {
        column: f"{column}\n{'' if units[column] in ('-', column) else units[column]}".replace("_", "_\n").replace(
            " ", "\n"
        )
        for column in found.columns
    }
    numbers = {heading for column, heading in headings.items() if found[column].dtype.kind in "if"}
    table = _table([*headings.values()], folded=set(headings.values()) - numbers, right=numbers)
    for row in found.astype(object).where(found.notna(), "").itertuples(index=False):
        table.add_row(*(f"{value:.10g}" if isinstance(value, float) else str(value) for value in row))
    _print(table)


def _defaults(name: str) -> str:
    """A model as a scenario of its defaults, with what it measures."""
    from bestowal.models.registry import load
    from bestowal.simulation.scenario import defaults
    from bestowal.simulation.scenario_file import to_toml

    model = load(name)
    measured = [
        f"# {o.name}: {o.meaning} · {o.unit}, {o.low:g} to {o.high:g}{o.undefined and f' · nothing {o.undefined}'}"
        for o in model.observables
    ]
    return "\n".join([to_toml(defaults(name)), f"# -- measured each {model.step} --", *measured, ""])


@contextmanager
def _progress(what: str, unit: str = "worlds") -> Iterator[Callable[..., None]]:
    """A progress bar on stderr, gone when all is done; where stderr is no terminal, a line every ten seconds.

    Gives tell(done, total, what=None), to be called as work is done, `done` whole or not; `what` where the bar goes on
    to something else.
    """
    if not sys.stderr.isatty():
        with _progress_lines(what, unit) as tell:
            yield tell
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=None, count="")

        def tell(done: float, total: int, what: str | None = None) -> None:
            progress.update(task, description=what, completed=done, total=total, count=f"{_count(done)}/{total} {unit}")

        yield tell


@contextmanager
def _progress_lines(what: str, unit: str) -> Iterator[Callable[..., None]]:
    """Plain lines of progress on stderr, one every ten seconds; none where all is done sooner."""
    began, ended = time.monotonic(), threading.Event()
    now = f"{what}: nothing is done yet (the first run of a model compiles it)"

    def tell(done: float, total: int, name: str | None = None) -> None:
        nonlocal now
        now = f"{name or what}: {_count(done)} of {total} {unit}"

    def say() -> None:
        while not ended.wait(EVERY):
            _say(f"{now}, {time.monotonic() - began:.0f} s")

    speaker = threading.Thread(target=say, daemon=True)
    speaker.start()
    try:
        yield tell
    finally:
        ended.set()
        speaker.join()


def _count(done: float) -> str:
    return f"{done:.0f}" if done == round(done) else f"{done:.2f}"


def _course(data: "xr.Dataset") -> "Table":
    """Every observable of a run, at five years."""
    from bestowal.statistics.intervals import Interval, mean, mean_of

    at = _five(data.sizes["year"])
    years = [str(data["year"].values[i]) for i in at]
    table = _table(["observable", "unit", *years], folded=["unit"], right=years)

    def of(name: Any, year: int) -> Interval:
        if "world" in data.dims:
            return mean(data[name].transpose("world", "year").values[:, year])
        n, centre, sd = (float(data[name].sel(statistic=s).values[year]) for s in ("n", "mean", "sd"))
        return mean_of(int(n), centre, sd)

    for name in data.data_vars:
        cells = [of(name, i) for i in at]
        table.add_row(str(name), data[name].attrs["units"], *(_cell(c.estimate, c.low) for c in cells))
    return table


def _swept(data: "xr.Dataset") -> "Iterator[Table | Stacked | str]":
    """A sweep in tables: over two parameters one an observable and year, else one with a row a point."""
    from bestowal.report.tables import Stacked
    from bestowal.simulation.sweep import settings

    over = data.attrs["over"].split("; ")
    cells = [
        (f"{o}\n{y}" if data.sizes["year"] > 1 else str(o), k, t)
        for k, o in enumerate(data["observable"].values)
        for t, y in enumerate(data["year"].values)
    ]
    units = dict(zip(data["observable"].values, data["unit"].values, strict=True))
    if "point" not in data.dims and len(over) == 2 and data.sizes[over[1]] <= WIDEST:
        for _, k, t in cells:
            columns = [f"{value:.6g}" for value in data[over[1]].values]
            table = _table([over[0], *columns], right=[over[0], *columns])
            cell = data.isel(observable=k, year=t)
            for i, value in enumerate(data[over[0]].values):
                row = cell.isel({over[0]: i})
                table.add_row(f"{value:.6g}", *map(_cell, row["mean"].values.tolist(), row["low"].values.tolist()))
            observable, year = data["observable"].values[k], data["year"].values[t]
            yield f"{observable} ({units[observable]}), {data['year'].attrs['long_name']} {year}; columns: {over[1]}"
            yield table
        return
    headings = [*over, *(name for name, _, _ in cells)]
    table = _table(headings, right=headings)
    places = settings(data)
    for at, setting in places[:LONGEST]:
        here = data.isel(at)
        numbers = [(here["mean"].values[k, t], here["low"].values[k, t]) for _, k, t in cells]
        table.add_row(*(f"{setting[name]:.6g}" for name in over), *(_cell(float(m), float(low)) for m, low in numbers))
    if data.sizes["year"] == 1:
        yield f"{data['year'].attrs['long_name']} {data['year'].values[0]}"
    yield Stacked(table, keys=len(over))
    if len(places) > LONGEST:
        yield f"the first {LONGEST} of {len(places)} points; all are in sweep.csv"


def _spread(data: "xr.Dataset") -> "Table":
    """Every observable of a summary in the last year: how it spreads over worlds."""
    shown = {"n": "worlds", "sd": "sd", "min": "least", "q0.05": "5 %", "q0.5": "50 %", "q0.95": "95 %", "max": "most"}
    table = _table(["observable", "unit", *shown.values()], folded=["unit"], right=shown.values())
    for name in data.data_vars:
        last = data[name].isel(year=-1)
        numbers = {s: float(last.sel(statistic=s)) for s in shown}
        cells = [f"{x:.0f}" if s == "n" else f"{x:.4g}" if x == x else "–" for s, x in numbers.items()]
        table.add_row(str(name), data[name].attrs["units"], *cells)
    return table


def _verdicts(found: "list[Verdict]") -> "Table":
    from bestowal.claims.paper import worlds_to_decide

    headings = ["claim", "says", "where", "known", "expected", "ours", "verdict"]
    table = _table(headings, folded=["says", "where"], right=["expected", "ours"])
    for v in found:
        c = v.claim
        if c.paper is not None:
            expected = f"{c.paper:g} ±{c.within:g}"
        else:
            expected = " ".join(f"{sign} {end:g}" for sign, end in ((">", c.low), ("<", c.high)) if abs(end) < 1e300)
        style = {"agrees": "", "disagrees": "bold red", "cannot tell": "yellow"}[v.outcome]
        ours = _cell(v.found.estimate, v.found.low)
        needed = worlds_to_decide(v)
        outcome = f"{v.outcome}\n(~{needed} worlds would)" if needed else v.outcome
        table.add_row(c.id, c.says, c.where, c.known, expected, ours, outcome, style=style)
    return table


def _source_verdicts(found: "list[Result]") -> "Table":
    from bestowal.claims.source import percent, shown

    table = _table(["", "claim", "number", "holds at", "verdict"], folded=["claim"], right=["number", "holds at"])
    for r in found:
        style = "" if r.share is not None and r.verdict != "not decided" else "yellow" if r.share else "dim"
        verdict = r.verdict
        if r.split is not None:
            _, at, below, above = r.split
            verdict += f"\n{'at 0' if at == 0 else f'up to {at:.2g}'}: {percent(below)}\nelse: {percent(above)}"
        number, share = (f(x) if x is not None else "–" for f, x in ((shown, r.number), (percent, r.share)))
        table.add_row(r.claim.id, r.claim.claim, number, share, verdict, style=style)
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
    _print(
        "", f"{claim.id}: {claim.claim}", *(f"{name}: {' '.join(text.split())}" for name, text in told.items() if text)
    )
    if claim.experiment is not None:
        from bestowal.report.figures.claim import draws_figure
        from bestowal.report.svg import standalone
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
        _print(f"figure: {path}")
    _print("")


def _differences(data: "xr.Dataset") -> "Table":
    """Every observable's paired difference, at five years."""
    at = _five(data.sizes["year"])
    years = [str(data["year"].values[i]) for i in at]
    table = _table(["observable", "unit", *years], folded=["unit"], right=years)
    for k, name in enumerate(data["observable"].values):
        centre, low = data["difference"].values[k], data["low"].values[k]
        cells = [_cell(float(centre[i]), float(low[i])) for i in at]
        table.add_row(str(name), str(data["unit"].values[k]), *cells)
    return table


def _when(data: "xr.Dataset") -> str:
    return f"at five {data['year'].attrs['long_name']}s of {data.sizes['year']}"


def _five(years: int) -> list[int]:
    """The first step, the last, and a quarter, a half and three quarters of the way."""
    return sorted({round(q * (years - 1) / 4) for q in range(5)})


def _table(headings: list[str], *, folded: Collection[str] = (), right: Collection[str] = ()) -> "Table":
    """A table to fill: columns in `folded` may take several lines, those in `right` are set to the right."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(
            heading,
            no_wrap=heading not in folded,
            justify="right" if heading in right else "left",
            style="dim" if heading == "unit" else "",
        )
    return table


def _cell(centre: float | None, low: float | None) -> str:
    """A mean and half its interval, to the interval's second digit: 0.831 ±0.012."""
    if centre is None or centre != centre:
        return "–"
    half = centre - low if low is not None and low == low else None
    if half is None:
        return f"{centre:.4g}"
    if half <= 1e-12 * abs(centre):  # the last digits of arithmetic
        return f"{centre:.4g} ±0"
    digits = max(1 - int(f"{half:e}".partition("e")[2]), 0)
    if digits > 6:
        return f"{centre:.4g} ±{half:.1g}"
    return f"{centre:.{digits}f} ±{half:.{digits}f}"


def _print(*parts: Any) -> None:
    from rich.console import Console
    from rich.table import Table

    from bestowal.report.tables import ENDLESS, Stacked

    console = Console(highlight=False, markup=False, emoji=False)
    width = _columns()
    for part in parts:
        if isinstance(part, str):
            console.print(part, soft_wrap=True)
            continue
        shown = Stacked(part) if isinstance(part, Table) else part
        # In a file or a pipe, coloured or not, words are folded and all else is on one line.
        least = console.measure(shown, options=console.options.update(max_width=ENDLESS)).minimum
        console.width = max(PIPED, least) if width is None else width
        console.print(shown)


def _columns() -> int | None:
    """How wide the terminal on stdout is; None where it is a file or a pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _say(line: str) -> None:
    print(f"bestowal: {' '.join(line.split())}", file=sys.stderr)  # click's echo writes UTF-8 where ASCII is wanted


def _command() -> str:
    return shlex.join(["bestowal", *sys.argv[1:]])


def _plural(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"
