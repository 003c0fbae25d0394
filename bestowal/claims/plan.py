"""An experiment made ready to run: its arms as scenarios, what is drawn, and what its model observes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bestowal.claims.experiment import Arm, Experiment
from bestowal.core.errors import BestowalError, nearest
from bestowal.models.registry import load
from bestowal.questions.question import Moment, Question, hold, tested
from bestowal.questions.question_file import plain
from bestowal.simulation.scenario import Scenario
from bestowal.simulation.scenario_file import scenario as read_scenario
from bestowal.uncertainty.prior import People, Range, open_to


@dataclass(frozen=True)
class Plan:
    """An experiment ready to run; it holds no label of an arm."""

    experiment: Experiment
    seed: int
    model: str
    years: int
    prior: dict[str, Range]  # of what the scenario leaves open
    people: People
    arms: tuple[Scenario, ...]  # on top of the base, before the draw; with the test of success unless there are levers
    set_by: tuple[frozenset[str], ...]  # what an arm sets from the start, over the draw
    asked: Question | None  # the default question, where success is asked
    at: dict[str, int]  # observable -> column

    @property
    def shape(self) -> tuple[int, int]:
        """Rows of a draw, and worlds in each. A sweep has two: its best bundle on fresh worlds, and where chosen."""
        worlds = self.experiment.worlds
        return (2, worlds // 2) if self.experiment.kind == "sweep" else (len(self.arms), worlds)

    @property
    def work(self) -> int:
        """Number of worlds run for a draw."""
        worlds = self.experiment.worlds
        return worlds // 2 * (1 + (self.experiment.bundles or 0)) if self.experiment.levers else worlds * len(self.arms)

    @property
    def free(self) -> list[str]:
        """Parameters of the prior that at least one arm leaves free."""
        bundled = set(self.experiment.levers)
        return [n for n in self.prior if n not in bundled and any(n not in own for own in self.set_by)]


def plan_of(experiment: Experiment, seed: int) -> Plan:
    """Return the plan of an experiment.

    Raises
    ------
    BestowalError
        The scenario, an arm, a lever, or the statistic does not fit the model; the message names the key.
    """
    try:
        base = read_scenario(experiment.scenario)
        base = base.clock(years=experiment.years) if experiment.years is not None else base
    except BestowalError as error:
        raise BestowalError(f"experiment.scenario = {experiment.scenario!r}: {error}") from None
    model = load(base.model)
    at = {o.name: i for i, o in enumerate(model.observables)}
    _check_statistic(experiment, at, base)
    asked = None
    if experiment.statistic.take == "success":
        try:
            asked = plain(base)
        except BestowalError as error:
            raise BestowalError(f'experiment.statistic.take = "success": {error}') from None
    arms = []
    for name, arm in (experiment.arms or {"base": Arm(label="")}).items():
        moments = [
            Moment(0, arm.values),
            *(Moment(c.year, c.values) for c in sorted(arm.changes, key=lambda c: c.year)),
        ]
        made = base
        try:
            for moment in moments:
                made = hold(made, moment)
        except BestowalError as error:
            raise BestowalError(f"experiment.arms.{name}: {error}") from None
        arms.append(made)
    for end in (0, 1):
        try:
            hold(base, Moment(0, {name: ends[end] for name, ends in experiment.levers.items()}))
        except BestowalError as error:
            raise BestowalError(f"experiment.levers: {error}") from None
    if experiment.iso and "motive" not in at:
        raise BestowalError(f'experiment.iso = true: model {base.model} observes no "motive"')
    known, people = open_to(base)
    return Plan(
        experiment,
        seed,
        base.model,
        base.years,
        known,
        people,
        tuple(arm if asked is None or experiment.levers else tested(arm, asked) for arm in arms),
        tuple(frozenset(arm.values) for arm in experiment.arms.values()) or (frozenset(),),
        asked,
        at,
    )


def _check_statistic(experiment: Experiment, at: Mapping[str, int], base: Scenario) -> None:
    taken = experiment.statistic
    name = "standing" if taken.take == "years_standing" else taken.observable
    if name is not None and name not in at:
        what = f"take = {taken.take!r}" if taken.observable is None else f"observable = {name!r}"
        raise BestowalError(f"experiment.statistic.{what}: {base.model} observes no {name!r}{nearest(name, at)}")
    last = base.years - 1 if taken.last is None else taken.last
    if not taken.first <= last < base.years:
        raise BestowalError(
            f"experiment.statistic.from = {taken.first}, to = {last}: must be two of the {base.years} steps, in order"
        )
