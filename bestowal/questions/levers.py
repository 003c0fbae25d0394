"""Compare the runs with a lever with the runs without it, world by world.

World w has the same luck in every run, so levers are judged world by world:

* effect is P(success) with the lever minus P(success) without, paired (Bonett & Price 2012);
* sufficiency is the share, of the worlds that failed, that succeed with the lever;
* necessity is the share, of the worlds that succeed with the lever, that failed without it;
* ruined is the share, of the worlds that succeeded, that fail with the lever;

the last three with Wilson's interval. The first two of these are Pearl's probabilities of causation; twin worlds show
both outcomes, so no assumption of monotony is needed. Each is against history, in which no other lever is set: where
two levers suffice alone, both are 100 % necessary.

A lever that did nothing but redraw the random numbers would make the two runs independent. With the same two shares of
success it then had sufficiency P(success with), necessity 1 - P(success without) and ruined 1 - P(success with): the
``_redrawn`` values. Where the three equal these, they show no more than the effect does, and where the effect is 0
nothing but redrawn random numbers. Nothing is concluded that an interval doesn't carry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bestowal.models.registry import load as load_model
from bestowal.models.registry import parameters
from bestowal.questions.question import Lever, Question
from bestowal.simulation.scenario import Scenario, rows
from bestowal.statistics.intervals import LEVEL, Interval

if TYPE_CHECKING:
    import numpy as np
from bestowal.questions.answer import Best, LeverResult, Setting


def saved_by_pairs(before: np.ndarray, after: np.ndarray) -> float | None:
    """Var(after) + Var(before) over Var(after - before), over worlds with the same luck.

    That is, how many worlds with luck of their own would give the effect as exactly as one pair does. None where no
    world differs.
    """
    apart = float(after.var() + before.var())
    together = float((after.astype(float) - before.astype(float)).var())
    return apart / together if together > 0 else None


def lever_result(
    lever: Lever,
    asked: Question,
    base: Scenario,
    before: np.ndarray,
    after: np.ndarray,
    parts: list[np.ndarray],
    years: np.ndarray,
    overruled: list[str],
) -> LeverResult:
    from bestowal.statistics.intervals import mean, proportion

    found = paired(before, after)
    return LeverResult(
        lever.name,
        lever.label,
        lever.group,
        lever.together,
        settings_of(lever, base),
        found.success,
        found.effect,
        read(found.effect, asked.matters),
        found.sufficiency,
        found.necessity,
        [proportion(int(part.sum()), int(part.size)) for part in parts],
        found.ruined,
        found.success.estimate,
        1 - found.before.estimate if found.before.estimate is not None else None,
        1 - found.success.estimate if found.success.estimate is not None else None,
        mean(years, bounds=(-asked.horizon, asked.horizon)),
        found.both,
        found.gained,
        found.lost,
        found.neither,
        saved_by_pairs(before, after),
        overruled,
    )


@dataclass(frozen=True)
class Paired:
    """What a change did to success, world by world: P(success) without and with it, the effect, what caused what."""

    before: Interval
    success: Interval
    effect: Interval
    sufficiency: Interval
    necessity: Interval
    ruined: Interval
    both: int
    gained: int
    lost: int
    neither: int


def paired(before: np.ndarray, after: np.ndarray) -> Paired:
    """``Paired`` from (worlds,) whether each succeeded without and with the change."""
    from bestowal.statistics.intervals import paired_difference, proportion

    both, gained = int((before & after).sum()), int((~before & after).sum())
    lost, neither = int((before & ~after).sum()), int((~before & ~after).sum())
    return Paired(
        proportion(both + lost, int(before.size)),
        proportion(both + gained, int(before.size)),
        paired_difference(before, after),
        proportion(gained, gained + neither),
        proportion(gained, gained + both),
        proportion(lost, lost + both),
        both,
        gained,
        lost,
        neither,
    )


def read(effect: Interval, matters: float) -> str:
    """What an effect's interval carries."""
    if effect.low is None or effect.high is None:
        return "not decided"
    if effect.excludes(0):
        return "raises" if effect.low > 0 else "lowers"
    return "no difference that matters" if -matters < effect.low and effect.high < matters else "not decided"


def settings_of(lever: Lever, base: Scenario) -> list[Setting]:
    known = {p.name: p for p in parameters(load_model(base.model))}
    history = rows(base)
    settings = []
    for moment in lever.moments:
        for name, value in moment.values.items():
            was = history[name][moment.year :]
            p = known[name]
            low, high = float(was.min()), float(was.max())
            settings.append(Setting(name, p.meaning, p.unit, low, high, float(value), moment.year))
    return settings


def best_of(
    group: str, asked: Question, levers: list[LeverResult], before: np.ndarray, whole: Mapping[str, np.ndarray]
) -> Best | None:
    """See ``Best``. A bundle is no single lever and doesn't compete."""
    from bestowal.statistics.intervals import paired_difference

    singles = [lever for lever in levers if lever.group == group and not lever.together]
    if not singles:
        return None
    top = max(singles, key=lambda lever: lever.success.estimate or 0.0)  # the first of several alike
    raised = paired_difference(before, whole[top.name], 1 - (1 - LEVEL) / len(singles))
    rivals = [lever for lever in singles if lever is not top]
    leads = {
        rival.name: paired_difference(whole[rival.name], whole[top.name], 1 - (1 - LEVEL) / len(rivals))
        for rival in rivals
    }
    runner_up = min(leads, key=lambda name: leads[name].estimate or 0.0, default="")
    lead = leads.get(runner_up)
    if raised.low is None or raised.low <= 0:
        return Best(group, "none", [], runner_up, lead, len(singles))
    tied = [name for name, difference in leads.items() if not difference.excludes(0)]
    return Best(group, "tied" if tied else "best", [top.name, *tied], runner_up, lead, len(singles))
