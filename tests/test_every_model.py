"""What every model keeps to, by standing in bestowal/models: nothing is registered here."""

import dataclasses
import functools
import itertools

import numpy as np
import pytest
from toy import run_blocks

from bestowal.core.errors import BestowalError
from bestowal.models.registry import Parameter, load, names, parameters
from bestowal.simulation import engine
from bestowal.simulation.scenario import Change, Scenario, defaults, key, rows

MODELS = names()
STEPS = 12
LONGER = (12, 60, 400)  # how long a parameter may take to show
WORLDS = [0, 7, 3]
PARAMETERS = [(name, p.name) for name in MODELS for p in parameters(load(name))]


def parameter(model: str, name: str) -> Parameter:
    return next(p for p in parameters(load(model)) if p.name == name)


@functools.cache
def base(model: str, steps: int = STEPS) -> Scenario:
    return defaults(model).clock(years=steps, seed=20261122)


def simulate(scenario: Scenario) -> np.ndarray:
    return engine.simulate(scenario, WORLDS)


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """To the bit, NaN with NaN."""
    return a.tobytes() == b.tobytes()


def elsewhere(p: Parameter, scenario: Scenario) -> Scenario:
    """The scenario with this parameter doubled, or where it is 0 or at its bound, moved."""
    here = getattr(scenario.values, p.name)
    for there in (min(max(2 * here, p.low), p.high), (p.low + p.high) / 2, p.high, p.low, here + 1):
        value = int(there) if p.kind == "int" else there
        if value != here:
            try:
                return scenario.but(**{p.name: value})
            except BestowalError:  # two parameters that don't fit together
                continue
    raise AssertionError(f"{p.name} can't be moved from {here}")


# ------------------------------------------------------------------------------------------------- what a model says


@pytest.mark.parametrize("name", MODELS)
def test_a_model_says_what_it_is(name: str) -> None:
    model = load(name)
    assert model.title and model.step.isalpha() and model.steps >= 1
    assert len({o.name for o in model.observables}) == len(model.observables) > 0
    for o in model.observables:
        assert o.name.isidentifier() and o.unit and o.meaning and o.low < o.high, o
    for p in parameters(model):
        assert p.meaning and p.unit and p.source, p
        assert set(p.needs) <= {other.name for other in parameters(model)}, p


# ---------------------------------------------------------------------------------------------------------- a world


@pytest.mark.parametrize("name", MODELS)
def test_what_is_observed_has_its_shape_and_stays_in_its_range(name: str) -> None:
    observed = simulate(base(name))
    assert observed.shape == (len(WORLDS), STEPS, len(load(name).observables))
    within(name, observed)


@pytest.mark.parametrize("name", MODELS)
def test_every_observable_is_written_at_every_step(name: str) -> None:
    observables = load(name).observables
    out = np.full((len(WORLDS), STEPS, len(observables)), -np.inf)
    worlds = np.array(WORLDS, dtype=np.uint32)
    engine._kernel(load(name)).simulate(rows(base(name)), np.uint64(base(name).seed), worlds, out)
    assert [o.name for k, o in enumerate(observables) if np.isneginf(out[:, :, k]).any()] == []


@pytest.mark.parametrize("name", MODELS)
def test_every_observable_is_a_number_somewhere(name: str) -> None:
    """With the defaults, or with one parameter moved: `within` can't tell a NaN that is meant from one forgotten."""
    missing = {o.name for o in load(name).observables}
    moved = (elsewhere(p, base(name)) for p in parameters(load(name)))
    for scenario in itertools.chain([base(name)], moved):
        known = ~np.isnan(simulate(scenario)).all(axis=(0, 1))
        missing -= {o.name for o, found in zip(load(name).observables, known, strict=True) if found}
        if not missing:
            return
    raise AssertionError(f"always NaN: {', '.join(sorted(missing))}")


def within(name: str, observed: np.ndarray) -> None:
    for o, values in zip(load(name).observables, np.moveaxis(observed, 2, 0), strict=True):
        numbers = values[~np.isnan(values)]
        assert np.isfinite(numbers).all(), o.name
        assert numbers.size == values.size or o.undefined, f"{o.name} is NaN, and does not say where"
        slack = 1e-9 * max(1.0, abs(numbers).max(initial=0.0))
        assert ((numbers >= o.low - slack) & (numbers <= o.high + slack)).all(), (o.name, numbers.min(), numbers.max())


@pytest.mark.parametrize("name", MODELS)
def test_both_ends_of_every_share_and_rate_can_be_run(name: str) -> None:
    for p in parameters(load(name)):
        for end in (p.low, p.high) if p.kind == "float" else ():
            try:
                scenario = base(name, 4).but(**{p.name: end})
            except BestowalError as error:
                assert "must be a number" not in str(error)  # noqa: PT017 (a rule of the model, not a bound)
                continue
            within(name, simulate(scenario))


@pytest.mark.parametrize("name", MODELS)
def test_a_world_alone_is_the_world_among_others(name: str) -> None:
    together = simulate(base(name))
    for i, world in enumerate(WORLDS):
        assert same(engine.simulate(base(name), [world])[0], together[i])
    backwards = engine.simulate(base(name), WORLDS[::-1])
    assert same(backwards[::-1].copy(), together)


@pytest.mark.parametrize("name", MODELS)
def test_threads_and_blocks_do_not_matter(name: str) -> None:
    def run(threads: int, block_size: int, n_blocks: int) -> np.ndarray:
        found: dict[int, np.ndarray] = {}
        run_blocks(base(name), range(n_blocks), threads, found.__setitem__, block_size)
        return np.concatenate([found[b] for b in range(n_blocks)])

    first = run(1, 6, 1)
    assert same(run(2, 2, 3), first) and same(run(2, 1, 6), first)


@pytest.mark.parametrize("name", MODELS)
def test_worlds_and_seeds_have_luck_of_their_own(name: str) -> None:
    for steps in LONGER:
        observed = simulate(base(name, steps))
        other = simulate(base(name, steps).clock(seed=1))
        if not same(observed[0], observed[1]) and not same(observed, other):
            return
    raise AssertionError("no luck shows")


@pytest.mark.parametrize("name", MODELS)
def test_a_world_gone_on_with_from_a_year_is_the_world_run_straight(name: str) -> None:
    """Branches in several years, two of them in one, and one that changes nothing: all as if run from the start."""
    history = base(name)
    free = [p for p in parameters(load(name)) if not p.fixed]
    branches = []
    for year in (7, 0, 3, 7):
        p = free[len(branches) % len(free)]
        value = getattr(elsewhere(p, history).values, p.name) if year != 3 else getattr(history.values, p.name)
        try:
            branches.append((year, history.but(year, **{p.name: value})))
        except BestowalError:  # two parameters that don't fit together
            branches.append((year, history))
    straight = [simulate(scenario) for _, scenario in branches] + [simulate(history)]
    found = list(engine.branch(history, branches, WORLDS))
    assert sorted((i, k) for i, k, _ in found) == sorted((i, k) for i in range(len(WORLDS)) for k in range(-1, 4))
    for i, k, array in found:
        assert same(array, straight[k][i].copy()), (i, k)


# ---------------------------------------------------------------------------------------------------------- changes


@pytest.mark.parametrize("name", MODELS)
def test_a_change_to_what_is_there_already_changes_nothing(name: str) -> None:
    free = {p.name: p.default for p in parameters(load(name)) if not p.fixed}
    scenario = dataclasses.replace(base(name), changes=(Change(5, free),))
    assert same(simulate(scenario), simulate(base(name)))
    assert key(scenario) == key(base(name))


@pytest.mark.parametrize("name", MODELS)
def test_nothing_before_a_change_moves(name: str) -> None:
    """Every parameter that a change may set is set elsewhere at once, so that whatever looked ahead would be seen."""
    before = simulate(base(name))
    moved = 0
    for p in parameters(load(name)):
        if p.fixed:
            continue
        try:
            changed = base(name).but(5, **{p.name: getattr(elsewhere(p, base(name)).values, p.name)})
        except BestowalError:
            continue
        after = simulate(changed)
        assert same(after[:, :5].copy(), before[:, :5].copy()), p.name
        moved += not same(after, before)
    assert moved > 0


@pytest.mark.parametrize(("name", "p"), PARAMETERS)
def test_every_parameter_matters(name: str, p: str) -> None:
    told = parameter(name, p)
    kinds = {q.name: int if q.kind == "int" else float for q in parameters(load(name))}
    for steps in LONGER:
        here = base(name, steps).but(**{other: kinds[other](value) for other, value in told.needs.items()})
        there = elsewhere(told, here)
        # What is not fixed must matter from a Change on too, or else a Change would be taken and do nothing.
        late = there if told.fixed else here.but(2, **{p: getattr(there.values, p)})
        before = simulate(here)
        if not same(simulate(there), before) and not same(simulate(late), before):
            return
    raise AssertionError(f"{p} makes no difference, and `needs` names nothing with which it would")


@pytest.mark.parametrize(("name", "p"), PARAMETERS)
def test_bounds_hold_at_both_ends(name: str, p: str) -> None:
    told = parameter(name, p)
    for end, out in ((told.low, -1), (told.high, 1)):
        beyond = end + out if told.kind == "int" else np.nextafter(end, out * np.inf)
        with pytest.raises(BestowalError, match=rf"{p} = .*must be (an integer|a number) from"):
            base(name).but(**{p: beyond})


@pytest.mark.parametrize(("name", "p"), [(n, p) for n, p in PARAMETERS if parameter(n, p).fixed])
def test_a_change_may_not_set_what_is_read_when_a_world_begins(name: str, p: str) -> None:
    with pytest.raises(BestowalError, match=f"{p}: is read when a world begins"):
        base(name).but(5, **{p: parameter(name, p).default})
