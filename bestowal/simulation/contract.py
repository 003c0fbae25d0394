"""The contract of every model: what the engine, the store and the questions rely on, as checks of one model each.

`bestowal check --contract MODEL` prints them, and tests/test_every_model.py runs them on every model of the package.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bestowal.core.errors import BestowalError
from bestowal.models.registry import Parameter, load, parameters
from bestowal.simulation import engine
from bestowal.simulation.scenario import Change, Scenario, defaults, key

STEPS = 12
LONGER = (12, 60, 400)
"""Steps in which a parameter must show an effect, tried in this order."""
WORLDS = (0, 7, 3)
SEED = 20261122
YEAR = 5
"""Step in which changes are made."""

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Check:
    """One rule of the contract: its name, the rule as a sentence, and what finds a breach of it.

    ``breach`` returns a line that names the first breach, empty where there is none.
    """

    name: str
    rule: str
    breach: Callable[[Scenario], str]


@dataclass(frozen=True)
class Finding:
    """What a check found of a model: ``breach`` is empty where the model keeps the rule."""

    check: Check
    breach: str


def check_contract(model: str) -> Iterator[Finding]:
    """Check a model against each rule of the contract, in order.

    Parameters
    ----------
    model : the model's name, or a file's as `model_files.import_model` returned it.

    Raises
    ------
    BestowalError
        There is no such model.
    """
    base = short_run(model)
    for check in CHECKS:
        try:
            breach = check.breach(base)
        except BestowalError as error:  # the model's code fails
            breach = str(error)
        yield Finding(check, breach)


def short_run(model: str, steps: int = STEPS) -> Scenario:
    """Return the model's defaults over a few steps: what the checks run."""
    return defaults(model).clock(years=steps, seed=SEED)


# --------------------------------------------------------------------------------------------------------- a world


def _repeats(base: Scenario) -> str:
    first, second = _simulate(base), _simulate(base)
    return "" if same(first, second) else _where(base, first, second, "a second run of the same worlds")


def _world_alone(base: Scenario) -> str:
    together = _simulate(base)
    for i, world in enumerate(WORLDS):
        alone = engine.simulate(base, [world])
        if not same(alone[0], together[i]):
            return _where(base, together[i : i + 1], alone, f"world {world} run alone")
    backwards = np.ascontiguousarray(engine.simulate(base, WORLDS[::-1])[::-1])
    return "" if same(backwards, together) else _where(base, together, backwards, "the worlds in the other order")


def _blocks_and_threads(base: Scenario) -> str:
    first = _in_blocks(base, 1, 6)
    for threads, size in ((2, 2), (2, 1)):
        other = _in_blocks(base, threads, size)
        if not same(first, other):
            return _where(base, first, other, f"blocks of {size} worlds on {threads} threads")
    return ""


def _in_blocks(base: Scenario, threads: int, size: int) -> Array:
    """Six worlds in blocks of this size."""
    blocks: dict[int, Array] = {}

    def live(block: int) -> Array:
        return engine.simulate(base, range(block * size, (block + 1) * size))

    engine.simulate(base, [])
    engine.in_threads(range(6 // size), live, threads, blocks.__setitem__)
    return np.concatenate([blocks[block] for block in range(6 // size)])


def _own_random_numbers(base: Scenario) -> str:
    for steps in LONGER:
        here = base.clock(years=steps)
        observed = _simulate(here)
        if not same(observed[0], observed[1]) and not same(observed, _simulate(here.clock(seed=1))):
            return ""
    return "worlds 0 and 7, or seeds 20261122 and 1, give the same numbers: does a draw leave out seed or world?"


def _branches(base: Scenario) -> str:
    """Branches in several years, two of them in one, and one that changes nothing: all as if run from the start."""
    free = [p for p in parameters(load(base.model)) if not p.fixed]
    branches: list[tuple[int, Scenario]] = []
    for year in (7, 0, 3, 7) if free else ():
        p = free[len(branches) % len(free)]
        value = getattr(moved(p, base).values, p.name) if year != 3 else getattr(base.values, p.name)
        try:
            branches.append((year, base.but(year + base.first_year, **_set(p, value))))
        except BestowalError:  # two parameters that don't fit together
            branches.append((year, base))
    straight = [_simulate(scenario) for _, scenario in branches] + [_simulate(base)]
    lived = 0
    for i, k, array in engine.branch(base, branches, WORLDS):
        lived += 1
        if not same(array, straight[k][i].copy()):
            year = branches[k][0] if k >= 0 else 0
            return _where(base, straight[k][i : i + 1], array[np.newaxis], f"the world gone on with from step {year}")
    needed = len(WORLDS) * (len(branches) + 1)
    return "" if lived == needed else f"{lived} of {needed} branches were run"


# ----------------------------------------------------------------------------------------------------- observables


def _within_bounds(base: Scenario) -> str:
    observed = _simulate(base)
    shape = (len(WORLDS), base.years, len(load(base.model).observables))
    return out_of_bounds(base, observed) if observed.shape == shape else f"shape {observed.shape}, not {shape}"


def out_of_bounds(scenario: Scenario, observed: Array) -> str:
    """Return a line for the first observable that is infinite, NaN where it does not say so, or out of its bounds."""
    for o, values in zip(load(scenario.model).observables, np.moveaxis(observed, 2, 0), strict=True):
        numbers = values[~np.isnan(values)]
        if not np.isfinite(numbers).all():
            return f"{o.name}: is infinite"
        if numbers.size < values.size and not o.undefined:
            return f"{o.name}: is NaN; say in `undefined` where there is nothing to measure"
        slack = 1e-9 * max(1.0, abs(numbers).max(initial=0.0))
        if not ((numbers >= o.low - slack) & (numbers <= o.high + slack)).all():
            return f"{o.name}: from {numbers.min():g} to {numbers.max():g}, and its bounds are {o.low:g} to {o.high:g}"
    return ""


def _every_observable_written(base: Scenario) -> str:
    out = np.full((len(WORLDS), base.years, len(load(base.model).observables)), -np.inf)
    engine.simulate_into(base, WORLDS, out)
    unwritten = [o.name for k, o in enumerate(load(base.model).observables) if np.isneginf(out[:, :, k]).any()]
    return f"observe leaves out: {', '.join(unwritten)}" if unwritten else ""


def _every_observable_a_number(base: Scenario) -> str:
    """With the defaults, or with one parameter moved."""
    observables = load(base.model).observables
    missing = {o.name for o in observables}
    others = (moved(p, base) for p in parameters(load(base.model)))
    for scenario in itertools.chain([base], others):
        observed = _simulate(scenario)
        missing -= {o.name for k, o in enumerate(observables) if not np.isnan(observed[:, :, k]).all()}
        if not missing:
            return ""
    return f"NaN in every run tried: {', '.join(sorted(missing))}"


def _both_ends(base: Scenario) -> str:
    short = base.clock(years=4)
    for p in parameters(load(base.model)):
        for end in (p.low, p.high) if p.kind == "float" else ():
            try:
                scenario = short.but(**_set(p, end))
            except BestowalError as error:
                if "must be a number" in str(error):
                    return str(error)
                continue  # a rule of the model, not a bound
            if breach := out_of_bounds(scenario, _simulate(scenario)):
                return f"{p.name} = {end:g}: {breach}"
    return ""


# --------------------------------------------------------------------------------------------------------- changes


def _null_change(base: Scenario) -> str:
    free = {p.name: getattr(base.values, p.name) for p in parameters(load(base.model)) if not p.fixed}
    if not free:
        return ""
    scenario = replace(base, changes=(Change(YEAR, free),))
    if key(scenario) != key(base):
        return "a change to the values there already gives another key"
    before, after = _simulate(base), _simulate(scenario)
    return "" if same(before, after) else _where(base, before, after, f"a change in step {YEAR} to the same values")


def _nothing_before(base: Scenario) -> str:
    before = _simulate(base)
    free = [p for p in parameters(load(base.model)) if not p.fixed]
    effects = 0
    for p in free:
        try:
            changed = base.but(YEAR + base.first_year, **{p.name: getattr(moved(p, base).values, p.name)})
        except BestowalError:
            continue
        after = _simulate(changed)
        if not same(after[:, :YEAR].copy(), before[:, :YEAR].copy()):
            return _where(base, before, after, f"{p.name} changed in step {YEAR}")
        effects += not same(after, before)
    return "" if effects or not free else f"no change in step {YEAR} has an effect within {base.years} steps"


def _every_parameter_matters(base: Scenario) -> str:
    for p in parameters(load(base.model)):
        if not any(_matters(p, base.clock(years=steps)) for steps in LONGER):
            late = "" if p.fixed else ", from the start and from step 2 on"
            return (
                f"{p.name}: makes no difference in {LONGER[-1]} steps{late}; say in `needs` beside which values of "
                "others it does, or in `fixed` that it is read when a world begins"
            )
    return ""


def _matters(p: Parameter, base: Scenario) -> bool:
    """Whether a parameter shows, and one that is no `fixed` one from a change on too."""
    kinds: dict[str, type[Any]] = {q.name: int if q.kind == "int" else float for q in parameters(load(base.model))}
    here = base.but(**{other: kinds[other](value) for other, value in p.needs.items()})
    there = moved(p, here)
    late = there if p.fixed else here.but(2 + here.first_year, **{p.name: getattr(there.values, p.name)})
    before = _simulate(here)
    return not same(_simulate(there), before) and not same(_simulate(late), before)


def _bounds_hold(base: Scenario) -> str:
    for p in parameters(load(base.model)):
        for end, out in ((p.low, -1), (p.high, 1)):
            beyond = end + out if p.kind == "int" else float(np.nextafter(end, out * np.inf))
            try:
                base.but(**_set(p, beyond))
            except BestowalError as error:
                if "must be an integer from" in str(error) or "must be a number from" in str(error):
                    continue
                return str(error)
            return f"{p.name} = {beyond!r} is taken, and its bounds are {p.low:g} to {p.high:g}"
    return ""


def _fixed_holds(base: Scenario) -> str:
    for p in parameters(load(base.model)):
        if p.fixed:
            try:
                base.but(YEAR + base.first_year, **{p.name: p.default})
            except BestowalError as error:
                if f"{p.name}: is read when a world begins" in str(error):
                    continue
                return str(error)
            return f"{p.name}: is read when a world begins, and a change sets it"
    return ""


CHECKS = (
    Check("repeats", "Two runs of the same worlds are the same to the bit", _repeats),
    Check("world alone", "A world run alone is the world run among others, in any order", _world_alone),
    Check("blocks and threads", "Blocks of worlds and threads make no difference", _blocks_and_threads),
    Check("random numbers", "Each world and each seed has random numbers of its own", _own_random_numbers),
    Check("branches", "A world gone on with from a step is the world run straight", _branches),
    Check("bounds of observables", "Observables are finite and within their bounds", _within_bounds),
    Check("observables written", "Every observable is written at every step", _every_observable_written),
    Check("observables known", "Every observable is a number in some run", _every_observable_a_number),
    Check("ends of parameters", "The model runs at both ends of every parameter", _both_ends),
    Check("null change", "A change to the values there already changes nothing", _null_change),
    Check("nothing before", "Nothing before a change moves", _nothing_before),
    Check("parameters matter", "Every parameter makes a difference", _every_parameter_matters),
    Check("bounds of parameters", "A value past a parameter's bounds is refused", _bounds_hold),
    Check("fixed", "No change sets what is read when a world begins", _fixed_holds),
)


# ----------------------------------------------------------------------------------------------------------- tools


def same(a: Array, b: Array) -> bool:
    """Whether two arrays are the same to the bit, NaN with NaN."""
    return a.tobytes() == b.tobytes()


def moved(p: Parameter, scenario: Scenario) -> Scenario:
    """Return the scenario with this parameter doubled, or where it is 0 or at its bound, moved."""
    here = getattr(scenario.values, p.name)
    for there in (min(max(2 * here, p.low), p.high), (p.low + p.high) / 2, p.high, p.low, here + 1):
        value = int(there) if p.kind == "int" else there
        if value != here:
            try:
                return scenario.but(**_set(p, value))
            except BestowalError:  # two parameters that don't fit together
                continue
    raise BestowalError(f"{p.name}: can't be moved from {here}: it has one value only")


def _set(p: Parameter, value: float) -> dict[str, Any]:
    return {p.name: value}


def _simulate(scenario: Scenario) -> Array:
    return engine.simulate(scenario, WORLDS)


def _where(base: Scenario, first: Array, second: Array, what: str) -> str:
    """The first step and observable in which the second array differs."""
    differs = ~((first == second) | (np.isnan(first) & np.isnan(second)))
    if not differs.any():
        return f"{what}: other bits of the same numbers (-0.0 for 0.0)"
    step = int(differs.any(axis=(0, 2)).argmax())
    observable = int(differs[:, step].any(axis=0).argmax())
    return f"{what}: {load(base.model).observables[observable].name} differs from step {step} on"
