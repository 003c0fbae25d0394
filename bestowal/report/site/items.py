"""What is known of an answer outside its own page, and which others belong beside it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bestowal.claims.verdict import Verdict
from bestowal.questions.answer import Answer
from bestowal.report import answer_sentences as sentences
from bestowal.statistics.intervals import Interval
from bestowal.statistics.number_format import points, share

if TYPE_CHECKING:
    from bestowal.claims.experiment import Experiment
    from bestowal.claims.source import Result

FAMILIES = {"1": "History", "2": "Motive", "3": "Method", "4": "Camp", "5": "Aim"}
OF_A_QUESTION = "1.0"
SIDES = {
    Verdict.SUPPORTED: "supported",
    Verdict.CONTRADICTED: "contradicted",
    Verdict.DEPENDS: "depends",
    Verdict.UNDECIDED: "undecided",
    Verdict.UNTESTABLE: "untestable",
}
PHRASES = {
    "supported": "supported in the model",
    "contradicted": "contradicted in the model",
    "depends": "depends on one parameter",
    "undecided": "not decided",
    "untestable": "not a testable claim",
}


@dataclass(frozen=True)
class Checked:
    """A claim's result, and when it was computed."""

    result: Result
    seed: int
    computed: datetime


@dataclass(frozen=True)
class Asked:
    """A question's answer, when it was computed, and whether asking today would give another (its keys differ)."""

    answer: Answer
    computed: datetime
    stale: bool = False


@dataclass(frozen=True)
class Item:
    """What the indexes, the feed and other answers know of an answer: a line of `answers.json`."""

    id: str
    number: int
    subject: str  # "C8", or a question's name
    kind: str  # "claim" or "question"
    theme: str
    words: str  # the question, or the claim as it is asked about
    title: str
    verdict: str
    side: str  # "supported", "contradicted", "depends", "undecided", "untestable" or "question"
    because: str
    updated: str  # when it was computed
    where: str  # in the source
    scenario: str
    rival: str
    levers: list[str]  # parameters that the arms, or the levers, set
    share: tuple[float, float | None, float | None] | None  # of draws at which it holds, or of worlds that succeed
    tops: list[tuple[str, float]]  # of a question: a group's best single change, and P(success) with it
    effects: list[Effect] = field(default_factory=list)
    supersedes: str | None = None
    latest: bool = True
    stale: bool = False  # asked today, it would be run otherwise
    gone: bool = False  # not among the results that this build found


@dataclass(frozen=True)
class Effect:
    """What one lever of a question did."""

    label: str
    to: dict[str, float]
    reading: str
    points: float


def place(item: Item) -> tuple[str, str, int, str]:
    """Where an answer stands among the others: claims first, C1 to C25, P24, then questions by name."""
    written = re.fullmatch(r"([A-Za-z]+)(\d+)", item.subject) if item.kind == "claim" else None
    return (item.kind, written[1] if written else "", int(written[2]) if written else 0, item.subject)


def family(theme: str) -> str:
    """What a theme's family is called."""
    return FAMILIES.get(theme.partition(".")[0], f"Family {theme.partition('.')[0]}")


def day(iso: str) -> str:
    """A date as it is read: "22 November 2026"."""
    when = datetime.fromisoformat(iso)
    return f"{when.day} {when:%B %Y}"


def sentence(text: str) -> str:
    """Words with a full stop at their end, where they have none."""
    text = " ".join(text.split())
    return text if not text or text[-1] in ".?!" or text[-2:] == ".)" else f"{text}."


def _iso(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def command(claim: str, draws: int | None = None, seed: int = 1) -> str:
    """What checks a claim, to these draws."""
    more = ("" if draws is None else f" --draws {draws}") + ("" if seed == 1 else f" --seed {seed}")
    return f"bestowal check source --claim {claim}{more}"


def item_of(one: Checked | Asked) -> Item:
    return _of_claim(one) if isinstance(one, Checked) else _of_question(one)


def _of_claim(one: Checked) -> Item:
    result, claim = one.result, one.result.claim
    sure = [None if i is None else [i.estimate, i.low, i.high, i.n] for i in (result.share, result.number)]
    split = result.split and [result.split.parameter, result.split.at]
    content = [claim.id, result.key, result.phrase, sure, result.near, split, result.draws, result.left_out]
    side = SIDES[result.verdict]
    return Item(
        id=_digest(content),
        number=0,
        subject=claim.id,
        kind="claim",
        theme=claim.theme,
        words=sentence(claim.claim),
        title=f"{claim.id}: {claim.claim.rstrip('.')}",
        verdict=result.phrase,
        side=side,
        because=result.because,
        updated=_iso(one.computed),
        where=_where(claim.sentence),
        scenario=claim.experiment.scenario if claim.experiment else "",
        rival=claim.rival,
        levers=sorted(_set(claim.experiment)) if claim.experiment else [],
        share=_three(result.share),
        tops=[],
    )


def _of_question(one: Asked) -> Item:
    answer, question = one.answer, one.answer.question
    tops = []
    for group in ("motive", "institution"):
        single = [lever for lever in answer.levers if lever.group == group and not lever.together]
        if single:
            tops.append((group, max(lever.success.estimate or 0.0 for lever in single)))
    return Item(
        id=answer.id,
        number=0,
        subject=question.name,
        kind="question",
        theme=OF_A_QUESTION,
        words=question.words,
        title=question.title,
        verdict=f"as the scenario states it, {share(answer.success.estimate)} of worlds succeed",
        side="question",
        because=" ".join(because(answer)),
        updated=_iso(one.computed),
        where=answer.scenario_title,
        scenario=question.scenario,
        rival="",
        levers=sorted({s.name for lever in answer.levers if not lever.together for s in lever.settings}),
        share=_three(answer.success),
        tops=tops,
        effects=[
            Effect(
                lever.label,
                {s.name: s.to for s in lever.settings},
                lever.reading,
                round(100 * (lever.effect.estimate or 0.0), 1),
            )
            for lever in answer.levers
            if not lever.together
        ],
        stale=one.stale,
    )


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _three(interval: Interval | None) -> tuple[float, float | None, float | None] | None:
    if interval is None or interval.estimate is None:
        return None
    return interval.estimate, interval.low, interval.high


def _set(experiment: Experiment) -> set[str]:
    """The parameters by which the arms of an experiment differ, or that its sweep is over."""
    arms = list(experiment.arms.values())
    told = [
        {(name, 0, value) for name, value in arm.values.items()}
        | {(name, change.year, value) for change in arm.changes for name, value in change.values.items()}
        for arm in arms
    ]
    common = set.intersection(*told) if len(told) > 1 else set()
    return {name for of_one in told for name, *_ in of_one - common} | set(experiment.levers)


def _where(sentence: str) -> str:
    if sentence.isdigit():
        return f"sentence {sentence}"
    return "the title" if sentence == "title" else sentence


def because(answer: Answer) -> list[str]:
    return [sentences.success_sentence(answer), *(sentences.best_sentence(best, answer) for best in answer.best)]


# ------------------------------------------------------------------------------------------------------------ related

Related = tuple[str, Item | None, str]


def related(item: Item, others: Iterable[Item]) -> list[Related]:
    """Three answers to read beside this one: why, which, and what it says where that isn't simply its verdict."""
    rest = [other for other in others if other.subject != item.subject and other.latest]
    found: list[Related] = [_contrary(item, rest)]
    taken = {other.subject for _, other, _ in found if other}

    def pick(why: str, fits: Callable[[Item], Any]) -> None:
        some = [other for other in rest if other.subject not in taken and fits(other)]
        if some:
            best = min(some, key=lambda other: (_apart(item, other), place(other)))
            taken.add(best.subject)
            found.append((why, best, ""))

    pick(
        "The same family, another rival account",
        lambda o: _family(o) == _family(item) and o.rival != item.rival and o.side != "untestable",
    )
    mine = set(item.levers)
    same = [o for o in rest if o.subject not in taken and mine & set(o.levers) and o.scenario != item.scenario]
    if same:
        best = max(same, key=lambda o: (len(mine & set(o.levers)), -_apart(item, o)))
        taken.add(best.subject)
        shared = sorted(mine & set(best.levers))
        told = ", ".join(shared[:3]) + (f" and {len(shared) - 3} more" if len(shared) > 3 else "")
        found.append((f"The same lever in another society ({told}; scenario {best.scenario})", best, ""))
    elif item.scenario:
        pick(f"The same society (scenario {item.scenario})", lambda o: o.scenario == item.scenario)
    if len(found) == 1:
        pick("The same family", lambda o: _family(o) == _family(item))
    return [*found[1:], found[0]]


def _family(item: Item) -> str:
    return item.theme.partition(".")[0]


def _apart(item: Item, other: Item) -> int:
    """How far two answers are from each other: theme, then levers, then place."""
    near = 4 * (item.theme == other.theme) + 2 * bool(set(item.levers) & set(other.levers))
    return -near - (item.scenario == other.scenario)


def _contrary(item: Item, rest: Sequence[Item]) -> Related:
    why = "The strongest opposing answer"
    if item.kind == "question":
        return _opposite_effect(item, rest)
    other_side = {"supported": "contradicted", "contradicted": "supported"}.get(item.side)
    if other_side is None:
        return (why, None, "This answer is neither supported nor contradicted, so no answer opposes it.")
    some = [o for o in rest if o.side == other_side and o.share]
    akin = [
        o
        for o in some
        if _family(o) == _family(item) or set(o.levers) & set(item.levers) or o.scenario == item.scenario
    ]
    if not some:
        return (why, None, f"No claim is {PHRASES[other_side]} here so far.")

    def strength(o: Item) -> float:
        assert o.share is not None
        estimate, low, high = o.share
        return (estimate if low is None else low) if o.side == "supported" else 1 - (estimate if high is None else high)

    best = max(akin or some, key=strength)
    assert best.share is not None
    held = f"{best.verdict}; it holds at {share(best.share[0])} of draws"
    return (why, best, held + ("" if akin else "; of another family, lever and society"))


def _opposite_effect(item: Item, rest: Sequence[Item]) -> Related:
    """The lever that does one thing here and another in another society, by the widest gap."""
    why = "The strongest opposing answer"
    decided = ("raises", "lowers")
    pairs = [
        (abs(mine.points - theirs.points), mine, theirs, other)
        for other in rest
        for mine in item.effects
        for theirs in other.effects
        if mine.to == theirs.to
        and mine.reading != theirs.reading
        and "not decided" not in (mine.reading, theirs.reading)
        and (mine.reading in decided or theirs.reading in decided)
    ]
    if not pairs:
        return (why, None, "No change tried here has a different effect in another society.")
    _, mine, theirs, other = max(pairs, key=lambda pair: pair[0])
    how = (
        f"“{mine.label}”: {_did(theirs)} in scenario {other.scenario}, "
        f"{_did(mine)} in this one ({points(theirs.points / 100)} and {points(mine.points / 100)} points)"
    )
    return (why, other, how)


def _did(effect: Effect) -> str:
    words = {"raises": "raises success", "lowers": "lowers success"}
    return words.get(effect.reading, "makes no difference that matters")
