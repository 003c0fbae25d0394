"""The smallest change that would have been enough, in words and a table."""

from __future__ import annotations

from collections.abc import Mapping

from bestowal.models.registry import load, parameters
from bestowal.questions.answer import Answer
from bestowal.questions.full import Full
from bestowal.questions.kinds.dose import scales, sized
from bestowal.questions.kinds.smallest import Found, Smallest
from bestowal.questions.question_file import tested
from bestowal.report.number_format import limits, number, plural, share
from bestowal.report.sections.section import Section, Table, both
from bestowal.simulation.scenario import Scenario, rows
from bestowal.uncertainty.prior import prior

FAR = (
    "Distance: how far the values set lie from the scenario's, in standard deviations of what is known of each "
    "parameter (its prior, or what data have left of it), averaged over the years and added up over parameters. "
    "It says how unusual a change is, not what it costs."
)


def section(answer: Answer, full: Full) -> Section:
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
