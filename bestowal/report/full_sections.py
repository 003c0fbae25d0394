"""What `ask --full` adds to an answer, in words and tables: the same in a terminal and on a page.

Every sentence says what its interval carries and no more; every figure's caption says what it shows, over how many
worlds, and what it can't show.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bestowal.models.registry import load, parameters
from bestowal.questions.answer import Answer
from bestowal.questions.full import Full
from bestowal.questions.kinds.dose import scales, sized
from bestowal.questions.kinds.last_year import LastYear
from bestowal.questions.kinds.over_the_prior import Spread, Uncertain
from bestowal.questions.kinds.sensitivity import Sensitivity
from bestowal.questions.kinds.shapley import Blame
from bestowal.questions.kinds.smallest import Found, Smallest
from bestowal.questions.kinds.survival import Standing
from bestowal.questions.question_file import HISTORY, TESTED, tested
from bestowal.report.number_format import limits, number, plural, points, share, years
from bestowal.simulation.scenario import Scenario, rows
from bestowal.statistics.intervals import Interval
from bestowal.uncertainty.prior import prior


@dataclass(frozen=True)
class Table:
    """Cells are text; after a line break stands what is said more softly."""

    columns: list[str]
    rows: list[list[str]]
    words: int = 1  # how many of the first columns are words


@dataclass(frozen=True)
class Section:
    """One kind of question: its heading, what is said first, what more, a figure with its caption, and tables.

    ``short``: what the summary says of it.
    """

    name: str
    title: str
    says: list[str]
    tables: list[Table] = field(default_factory=list)
    figure: str = ""
    shows: str = ""  # the figure in a few words, for those who don't see it
    caption: str = ""
    small: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)


def sections(answer: Answer, full: Full) -> list[Section]:
    """In the order in which a reader asks."""
    return [
        _smallest(answer, full),
        _last_year(answer, full),
        _blame(answer, full),
        _who(answer, full),
        _standing(answer, full.standing),
        _sensitivity(answer, full),
        _uncertain(full.uncertain),
    ]


Shown = Callable[[float | None], str]


def both(interval: Interval, shown: Shown = share) -> str:
    """An estimate with its limits below."""
    said = shown(interval.estimate)
    return f"{said}\n{limits(interval, shown)}" if interval.low is not None else said


def moves(base: Scenario, changed: Scenario) -> str:
    """What one scenario sets otherwise than another: "pay_link 0 → 0.2"; with the range where it isn't constant."""
    one, other = rows(base), rows(changed)
    said = []
    for p in parameters(load(base.model)):
        unlike = one[p.name] != other[p.name]
        if unlike.any():
            was, now = (
                "–".join(dict.fromkeys(number(float(end)) for end in (some.min(), some.max())))
                for some in (one[p.name][unlike], other[p.name][unlike])
            )
            year = int(unlike.argmax())
            said.append(f"{p.name} {was} → {now}" + (f" from {base.first_year + year}" if year else ""))
    return ", ".join(said)


# ------------------------------------------------------------------------------------------- the smallest change enough

FAR = (
    "Distance: how far the values set lie from the scenario's, in standard deviations of what is known of each "
    "parameter (its prior, or what data have left of it), averaged over the years and added up over parameters. "
    "It says how unusual a change is, not what it costs."
)


def _smallest(answer: Answer, full: Full) -> Section:
    title = "The smallest change that would have been enough"
    least = full.smallest
    if least is None:
        return Section("smallest", title, [full.why_not["smallest"]], short=[full.why_not["smallest"]])
    target = f"{100 * least.target:g}\u00a0%"
    labels = {lever.name: lever.label for lever in answer.levers}

    def change(found: Found) -> str:
        return "; ".join(f"“{labels[name]}”{_at(size)}" for name, size in found.sizes.items())

    def sets(found: Found) -> str:
        return moves(tested(full.base, answer.question), _sized(full, answer, found.sizes))

    best = least.answer
    if best is not None:
        says = [
            f"The change nearest to the scenario that is enough: {change(best)}, {number(best.distance)} standard "
            f"deviations away. Of the worlds that failed, {share(best.sufficiency.estimate)} succeed with it "
            f"(95\u00a0%: {limits(best.sufficiency)}, over {plural(best.sufficiency.n, 'fresh world')} that the search "
            f"never saw; {target} were asked for).",
            *_threshold_sentences(least, target),
            *_rival_sentences(least, labels),
        ]
    else:
        says = [
            f"No change that was tried is seen to be enough, that is, to save {target} of the worlds that failed: what "
            "was tried is said below."
        ]
    rows_ = [
        [
            f"{change(found)}\n{sets(found)}",
            number(found.distance),
            both(found.success),
            both(found.sufficiency),
            "yes" if found.held_up else "no",
        ]
        for found in least.minimal
    ]
    tables = []
    if rows_:
        tables.append(
            Table(["Minimal set, at its smallest sizes", "Distance", "P(success)", "Sufficiency", "Enough"], rows_)
        )
    return Section(
        "smallest",
        title,
        says,
        tables,
        "frontier",
        "Distance from the scenario against P(success): the changes that no nearer change beats",
        f"Each point is a change that no nearer one beats, with what share of {plural(least.worlds, 'fresh world')} "
        "succeeds with it (95\u00a0%). It shows only changes that the question's levers can make, up to the size "
        "stated for each; another lever might be nearer.",
        [FAR, *least.notes],
        [says[0]],
    )


def _threshold_sentences(least: Smallest, target: str) -> list[str]:
    at = least.threshold
    if at is None or least.answer is None:
        return []
    whole = next(iter(least.answer.sizes.values())) if len(least.answer.sizes) == 1 else 1.0
    of = "its size" if len(least.answer.sizes) == 1 else "these sizes"

    def part(value: float) -> str:
        return f"{100 * whole * value:.0f}\u00a0%"

    high = f"to {part(at.high)}" if at.high is not None else "upwards, with no upper limit reached"
    return [
        "A change counts as enough once its whole interval is, so its sizes lie above the smallest that would do: on "
        f"the fresh worlds the share saved itself reaches {target} at about {part(at.estimate)} of {of} (95\u00a0%: "
        f"{part(at.low)} {high})."
    ]


def _rival_sentences(least: Smallest, labels: Mapping[str, str]) -> list[str]:
    if not least.rivals:
        return []
    own, *others = least.rivals
    named = "; ".join(
        f"{' + '.join(f'“{labels[name]}”' for name in rival.levers)} ({share(rival.share)}, distance "
        f"{number(rival.distance)})"
        for rival in others
    )
    said = (
        f"With the worlds of the search drawn again, these levers come out nearest in {share(own.share)} of resamples"
    )
    return [f"{said}; near-ties: {named}." if named else f"{said}, and no others do."]


def _at(size: float) -> str:
    return " as stated" if size == 1 else f" at {100 * size:.0f}\u00a0% of its size"


def _sized(full: Full, answer: Answer, sizes: dict[str, float]) -> Scenario:
    levers = {lever.name: lever for lever in answer.question.levers}
    scale = scales(full.base.model, prior(full.base.model))
    changed = full.base
    for name, size in sizes.items():
        changed = sized(changed, levers[name], size, scale)
    return tested(changed, answer.question)


# ------------------------------------------------------------------------------------------------- when was it too late


def _last_year(answer: Answer, full: Full) -> Section:
    title = "When was it too late?"
    if not full.last_years:
        return Section("last_year", title, [full.why_not["last_years"]])
    start = answer.first_year
    says = [_last_sentence(curve, start) for curve in full.last_years]
    shown = [{year.year: both(year.sufficiency) for year in curve.years} for curve in full.last_years]
    rows_ = [[f"{start + year}", *(cells.get(year, "") for cells in shown)] for year in sorted(set().union(*shown))]
    small = [
        f"“{curve.label}”: {', '.join(curve.left_out)} {'is' if len(curve.left_out) == 1 else 'are'} read when a world "
        f"begins, and so changed in {start} and in no later year: the first point is another change than the rest, and "
        "stands apart."
        for curve in full.last_years
        if curve.left_out
    ]
    small += [
        f"“{curve.label}”: run in {', '.join(str(start + y.year) for y in curve.years)} on all worlds, and looked at "
        f"in {plural(len(curve.glanced), 'year')} between on the first {curve.glance}; a window of little more, or "
        "little less, saved than in the years about it can be missed."
        for curve in full.last_years
        if curve.glanced
    ]
    small.append(
        "What people are by nature is settled when they come into the world: a change of that, made later, reaches "
        "only those who come later."
    )
    first = full.last_years[0]
    return Section(
        "last_year",
        title,
        says,
        [Table(["Made in", *(curve.label for curve in full.last_years)], rows_)],
        "last_year",
        "Sufficiency of a change against the year it is made in",
        f"The same {plural(first.worlds, 'world')}, with the change made in that year and kept: of the "
        f"{first.failed:,} that failed, the share that succeed with it (95\u00a0%). Dots are years that were run; "
        "where the curve is flat, those between are not. It is no forecast: what people would do if they saw the "
        "change coming is not in it.",
        small,
        [says[0]],
    )


def _last_sentence(curve: LastYear, start: int) -> str:
    """When the change was too late; where part of it can be made in the first year alone, what it does then too."""
    said = _too_late(curve, start)
    if not curve.left_out or curve.failed == 0 or len(curve.years) == 1:
        return said
    whole = curve.years[0].sufficiency
    return (
        f"{said} With {', '.join(curve.left_out)} too, which can be set in {start} alone, it saves "
        f"{share(whole.estimate)} (95\u00a0%: {limits(whole)}) if made then."
    )


def _too_late(curve: LastYear, start: int) -> str:
    if curve.failed == 0:
        return f"“{curve.label}”: no world failed, so nothing could come too late."
    if [y.year for y in curve.years] == [0]:
        saved = curve.years[0].sufficiency
        return (
            f"“{curve.label}” can be made at the start alone, so there is no year in which it comes too late: made in "
            f"{start} it saves {share(saved.estimate)} of the worlds that failed (95\u00a0%: {limits(saved)})."
        )
    if curve.last is None:
        first = min(y.year for y in curve.years if y.year or not curve.left_out)
        lost = (
            "in no year that was run does it save one half of the worlds that failed"
            if curve.lost_from != first
            else "in every year that was run, it is seen to save less than one half of the worlds that failed"
        )
        return f"“{curve.label}”: {lost}."
    low = f"{start + curve.low}" if curve.low is not None else "never"
    high = f"{start + curve.high}" if curve.high is not None else "never"
    said = (
        f"“{curve.label}” made as late as {start + curve.last} (95\u00a0%: {low} to {high}) still saves at least one "
        "half of the worlds that failed"
    )
    if curve.lost_from is not None:
        said += (
            f"; it is seen to be too late from {start + curve.lost_from} on, where every interval lies below one half"
        )
    early = [
        y
        for y in curve.years
        if (y.year or not curve.left_out)
        and y.year < curve.last
        and y.sufficiency.high is not None
        and y.sufficiency.high < 0.5
    ]
    if early:
        said += (
            f". It can also come too early: made in {start + early[0].year}"
            + (f" to {start + early[-1].year}" if len(early) > 1 else "")
            + " it saves less than one half"
        )
    return said + "."


# ------------------------------------------------------------------------------------------------------ shares of blame


def _blame(answer: Answer, full: Full) -> Section:
    title = "Motives, institutions or surroundings?"
    if not full.blame:
        return Section("blame", title, [full.why_not["blame"]])
    says = [_blame_sentence(blame) for blame in full.blame]
    tables = []
    for blame in full.blame:
        shown = _shown(blame)
        tables.append(
            Table(
                [f"Shares of {shown.what}", "Share", "When it comes first", "When it comes last"],
                [
                    [
                        f"{s.player.capitalize()}\n{plural(len(s.parameters), 'parameter')}: {', '.join(s.parameters)}",
                        both(s.share, shown.signed),
                        both(s.first, shown.signed) if s.first else "",
                        both(s.last, shown.signed) if s.last else "",
                    ]
                    for s in blame.shares
                ],
            )
        )
    first = full.blame[0]
    if first.exact:
        plain = [_shown(blame).plain for blame in full.blame]
        tables.append(
            Table(
                [f"“{first.a}” with what of “{first.b}”", *(_shown(blame).name for blame in full.blame)],
                [
                    [" and ".join(mixture.players) or "nothing"]
                    + [both(blame.mixtures[k].worth, how) for blame, how in zip(full.blame, plain, strict=True)]
                    for k, mixture in enumerate(first.mixtures)
                ],
            )
        )
    return Section(
        "blame",
        title,
        says,
        tables,
        "blame",
        "Each group's share of the difference in P(success) and in years stood",
        f"Shapley shares over {plural(first.worlds, 'world')} with the same luck in every mixture (95\u00a0%); they "
        "add up to the whole difference. Hollow: what the group changes alone, and what is lost when it alone is "
        "missing; far apart, the groups work only together. It shares out the difference between these two "
        "societies as their files state them, and says nothing of a third.",
        [],
        says[:1],
    )


@dataclass(frozen=True)
class _Shown:
    name: str
    what: str
    unit: str
    plain: Shown
    signed: Shown


def _shown(blame: Blame) -> _Shown:
    if blame.of == "success":
        return _Shown("P(success)", "the difference in P(success), points", " points", share, points)
    return _Shown("Years stood", "the difference in years stood", " years", number, years)


def _blame_sentence(blame: Blame) -> str:
    shown = _shown(blame)
    gap = f"{shown.signed(blame.gap.estimate)}{shown.unit} (95\u00a0%: {limits(blame.gap, shown.signed)})"
    start = f"{shown.name}: with everything as in “{blame.b}” instead, {gap}"
    shared = "; ".join(
        f"{s.player} {shown.signed(s.share.estimate)} ({limits(s.share, shown.signed)})" for s in blame.shares
    )
    whole = "" if blame.gap.excludes(0) else ": no difference as a whole is seen"
    return f"{start}{whole}. Shared out over what differs: {shared}."


# --------------------------------------------------------------------------------------------------- who, through what


def _who(answer: Answer, full: Full) -> Section:
    title = "Who is touched first, and through what?"
    found = full.who
    if found is None:
        return Section("who", title, [full.why_not["who"]])
    start = answer.first_year
    change = full.changes[0].label
    if found.first is None:
        return Section("who", title, [f"In world {found.world}, nobody at work ever differs with “{change}”."])
    first = found.first
    channels = [name for name, count in found.by_channel.items() if count]
    at_once = found.at_once or 0.0
    says = [
        f"World {found.world}, as it was and with “{change}”: somebody first differs in {start + first.year} "
        f"({share(at_once)} of all at work that year"
        + (", so the change acts on nearly everybody at once" if at_once >= 0.9 else "")
        + f"). First by the rules: {first.person}, through {first.channel}. In all {found.ever:,} of "
        f"{found.people:,} persons ever differ" + (", and in the end nobody does." if found.died_out else "."),
    ]
    counts = Table(
        ["First differ through", "Persons"],
        [[f"{name.capitalize()}\n{found.channels[name]}", f"{found.by_channel[name]:,}"] for name in channels],
    )
    people = Table(
        ["Year", "Person", "Through", "What", "As it was", "With the change"],
        [
            [
                f"{start + p.year}",
                f"{p.person}\ncommunity {p.community}, place {p.place}",
                p.channel,
                p.what,
                number(p.in_a),
                number(p.in_b),
            ]
            for p in found.persons[:12]
        ],
        words=4,
    )
    return Section(
        "who",
        title,
        says,
        [counts, people],
        "who",
        "Persons who differ between the two worlds by year, and those who newly differ by channel",
        "One pair of worlds, the first by number that failed as it was and succeeded with the change (or, where there "
        "is none, the first that differs): an illustration, not an estimate. Line: persons at work who differ that "
        "year. Bars: persons who differ for the first time, by what shows it.",
        [found.limits],
    )


# ---------------------------------------------------------------------------------------------------- years standing


def _standing(answer: Answer, stood: Standing) -> Section:
    title = "How long it stands"
    labels = {lever.name: lever.label for lever in answer.levers}
    rows_ = [
        [
            labels.get(run.run, "The scenario with the test" if run.run == TESTED else "The scenario without the test"),
            f"{run.curve.median:.0f}" if run.curve.median is not None else f"> {stood.horizon}",
            both(run.years, number),
            both(run.difference, years) if run.difference else "",
            f"{both(run.longer)}\n{_pairs(run.longer.n)}" if run.longer and run.longer.n else "",
            _p(run.sign_p),
            _p(run.logrank_p),
        ]
        for run in stood.runs
        if run.run != HISTORY or not answer.test_changes_nothing
    ]
    reference = next(run for run in stood.runs if run.run == stood.reference)
    hazards = Table(
        ["Age, the scenario with the test", "Ends", "Years at risk", "Hazard a year"],
        [
            [f"{h.start} to {h.stop - 1} years", f"{h.ends:,}", f"{h.at_risk:,}", both(h.hazard)]
            for h in reference.hazards
        ],
    )
    return Section(
        "standing",
        title,
        [
            f"Full years stood within the {stood.horizon} watched, over {plural(stood.worlds, 'world')}; a world that "
            "never fell is censored there. Paired: of the worlds whose years differ, the share that stood longer with "
            "the change."
        ],
        [
            Table(["Run", "Median", "Mean years", "Gained", "Stood longer", "p, pairs", "p, log-rank"], rows_),
            hazards,
        ],
        "curves",
        "Share of worlds still standing by year, as it was and with the foremost changes",
        f"Kaplan–Meier estimates with 95\u00a0% bands, {plural(stood.worlds, 'world')} each, the same luck in each. It "
        "shows when worlds fall, not whether those that stand succeed in the rest.",
        [
            "p, pairs: exact sign test over worlds that differ; p, log-rank takes the runs as separate samples. "
            "Neither allows for the number of changes tried."
        ],
    )


def _pairs(n: int) -> str:
    return "1 pair differs" if n == 1 else f"{n:,} pairs differ"


def _p(value: float | None) -> str:
    if value is None:
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


# ------------------------------------------------------------------------------------------- what the answer hangs on


def _sensitivity(answer: Answer, full: Full) -> Section:
    title = "What the answer hangs on"
    found: Sensitivity | None = full.sensitivity
    if found is None:
        return Section("sensitivity", title, [full.why_not["sensitivity"]])
    change = full.changes[0].label
    screen = next(s for s in found.screens if s.of == "effect")
    shown = screen.parameters[:10]
    table = Table(
        ["Parameter of the prior", "μ*, points", "σ, points", "Of this chance", "At a quarter", "At half"],
        [
            [
                e.name,
                both(e.mu_star, _size),
                _size(e.sigma),
                _size(e.noise),
                _size(e.quarter.estimate),
                _size(e.half.estimate),
            ]
            for e in (*shown, screen.dummy)
        ],
    )
    agreed = "; ".join(
        f"{a.one} and {a.other}: {a.common} of the {a.top} foremost in common"
        + (f", rank agreement {a.savage:.2f}" if a.savage is not None else "")
        for a in screen.agreement
    )
    return Section(
        "sensitivity",
        title,
        [f"The answer: what “{change}” does to P(success).", *found.says],
        [table],
        "sensitivity",
        "How much each parameter moves the effect of the change, foremost first",
        f"Elementary effects over the prior (Morris 1991): by how many points of P(success) the change's effect moves "
        f"when one parameter moves over its whole range, on average over {found.trajectories} starting points with "
        f"{found.worlds} worlds each. Hollow: what chance alone would show with so few worlds. Only parameters that "
        "neither the scenario nor the change states are moved.",
        [
            f"How settled the order is: {agreed}. The sentences above rest on {plural(found.walk_worlds, 'world')} a "
            "point, one parameter moved at a time."
        ],
        found.says[:1],
    )


def _size(value: float | None) -> str:
    """A size in points, unsigned."""
    return "–" if value is None else f"{100 * value:.1f}"


# ----------------------------------------------------------------------------------------------- over what isn't known


def _uncertain(found: Uncertain) -> Section:
    history, *changes = found.runs
    asked = f"{plural(found.draws, 'draw')} of what isn't known"
    says = [
        f"Over {asked}, as it was and put to the test: P(success) is {share(history.success.estimate)} on average "
        f"(95\u00a0%: {limits(history.success)}); in the middle 80\u00a0% of draws {_middle(history)}.",
        *(_raises(change) for change in changes),
        f"People: {found.people}.",
    ]
    table = Table(
        ["Run", "P(success), mean", "Middle 80\u00a0% of draws", "Effect, points", "Raises", "Lowers"],
        [
            [
                run.label,
                both(run.success),
                _middle(run),
                both(run.effect, points) if run.effect else "",
                both(run.raises) if run.raises else "",
                both(run.lowers) if run.lowers else "",
            ]
            for run in found.runs
        ],
    )
    of = f"{plural(len(found.parameters), 'parameter')} that the scenario doesn't state"
    known = "each from its prior"
    if found.calibrated:
        names = ", ".join(found.calibrated)
        known = f"{names} jointly from what data have left of them ({found.data}), the others each from its prior"
    noisiest = max(run.noise for run in found.runs)
    return Section(
        "uncertain",
        "Over all that isn't known",
        says,
        [table],
        "uncertain",
        "P(success) at each draw of what isn't known, as it was and with each change, with the mean over draws",
        f"Each bubble is as large as the number of draws with that P(success), of {found.draws} with "
        f"{plural(found.worlds, 'world')} each; the bar is the middle 80\u00a0% of them, the diamond their mean "
        "(95\u00a0%). It shows how far the answer holds over what is stated to be unknown, and can't show what is "
        "wrong in those ranges or in the model.",
        [
            f"Drawn: {of}, {known}. A change's own values stand over the draws. The same draws, and at each the same "
            f"worlds with the same luck, in every run; by the luck of {plural(found.worlds, 'world')} alone a draw's "
            f"P(success) has a standard deviation of up to {_size(noisiest)} points. Raises and lowers: of all draws, "
            "those where it is seen to be higher and lower with the change; in the others it is the same. In so few "
            "worlds a draw in which the change helps or harms a little is often not seen."
        ],
        says[:2],
    )


def _middle(run: Spread) -> str:
    return f"{share(run.low)} to {share(run.high)}"


def _raises(change: Spread) -> str:
    assert change.effect is not None and change.raises is not None and change.lowers is not None
    said = (
        f"“{change.label}” raises it in {share(change.raises.estimate)} of draws (95\u00a0%: {limits(change.raises)}) "
        f"and lowers it in {share(change.lowers.estimate)}"
    )
    return (
        f"{said}: by {points(change.effect.estimate)} points on average ({limits(change.effect, points)}), to "
        f"{share(change.success.estimate)} ({limits(change.success)})."
    )
