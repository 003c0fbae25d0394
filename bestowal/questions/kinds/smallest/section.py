"""The smallest change that would have been enough, in words and a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bestowal.models.registry import load, parameters
from bestowal.questions.answer import Answer
from bestowal.questions.dose import scales, sized
from bestowal.questions.kind import Full
from bestowal.questions.kinds.smallest.result import Found, Smallest
from bestowal.questions.question import tested
from bestowal.questions.section import Section, Table
from bestowal.simulation.scenario import Scenario, rows
from bestowal.statistics.number_format import between, limits, number, percent, plural, share, with_limits_below
from bestowal.uncertainty.prior import prior

FAR = (
    "Distance: how far the values set lie from the scenario's, in standard deviations of each parameter's prior (of "
    "its posterior, where data inform it), averaged over years and summed over parameters. It measures how unusual a "
    "change is, not what it costs."
)

TITLE = "The smallest change that would have been enough"


def section(answer: Answer, full: Full, results: Sequence[Smallest]) -> Section:
    least = results[0]
    target = percent(least.target)
    labels = {lever.name: lever.label for lever in answer.levers}

    def change(found: Found) -> str:
        return "; ".join(f"“{labels[name]}”{_at(size)}" for name, size in found.sizes.items())

    def sets(found: Found) -> str:
        return moves(tested(full.base, answer.question), _sized(full, answer, found.sizes))

    best = least.answer
    if best is not None:
        says = [
            f"The smallest sufficient change is {change(best)}, at a distance of {number(best.distance)} standard "
            f"deviations from the scenario. It saves {share(best.sufficiency.estimate)} of the failed worlds "
            f"(95\u00a0%: {limits(best.sufficiency)}; {plural(best.sufficiency.n, 'failed world')} that the search did "
            f"not use; target {target}).",
            *_threshold_sentences(least, target),
            *_rival_sentences(least, labels),
        ]
    else:
        says = [
            f"No change that was tried is sufficient: of none does the whole interval of the share of failed worlds "
            f"saved lie above {target}. The notes below list what was tried."
        ]
    rows_ = [
        [
            f"{change(found)}\n{sets(found)}",
            number(found.distance),
            with_limits_below(found.success),
            with_limits_below(found.sufficiency),
            "yes" if found.held_up else "no",
        ]
        for found in least.minimal
    ]
    tables = []
    if rows_:
        tables.append(
            Table(["Minimal set, at its smallest sizes", "Distance", "P(success)", "Sufficiency", "Sufficient"], rows_)
        )
    return Section(
        "smallest",
        TITLE,
        says,
        tables,
        "smallest",
        "P(success) against distance from the scenario, for the changes that no nearer change surpasses",
        f"Each point is a change whose P(success) no nearer change surpasses, over {plural(least.worlds, 'world')} "
        "that the search did not use (95\u00a0% intervals). Only the question's levers are tried, each up to the size "
        "stated for it; a change by another lever might be smaller.",
        [FAR, *least.notes],
        [says[0]],
    )


def _threshold_sentences(least: Smallest, target: str) -> list[str]:
    at = least.threshold
    if at is None or least.answer is None:
        return []
    whole = next(iter(least.answer.sizes.values())) if len(least.answer.sizes) == 1 else 1.0
    of = "its size" if len(least.answer.sizes) == 1 else "these sizes"

    def part(value: float | None) -> str:
        return percent(None if value is None else whole * value)

    interval = between(at.low, at.high, part) if at.high is not None else f"{part(at.low)} or more"
    return [
        "A change counts as sufficient when its whole interval lies above the target, so its sizes exceed the smallest "
        f"ones at which the share saved equals the target: it reaches {target} at about {part(at.estimate)} of {of} "
        f"(95\u00a0%: {interval})."
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
    said = f"In a bootstrap of the worlds of the search, these levers are nearest in {share(own.share)} of resamples"
    return [f"{said}; near-ties: {named}." if named else f"{said}; there are no near-ties."]


def _at(size: float) -> str:
    return " as stated" if size == 1 else f" at {percent(size)} of its size"


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


def _sized(full: Full, answer: Answer, sizes: dict[str, float]) -> Scenario:
    levers = {lever.name: lever for lever in answer.question.levers}
    scale = scales(full.base.model, prior(full.base.model))
    changed = full.base
    for name, size in sizes.items():
        changed = sized(changed, levers[name], size, scale)
    return tested(changed, answer.question)
