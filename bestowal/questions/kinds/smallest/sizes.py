"""The sizes of a change: on a grid, by a tree-structured Parzen estimator, made smaller, traded."""

from __future__ import annotations

import warnings

from bestowal.questions.kinds.smallest.result import Change, Knob
from bestowal.questions.kinds.smallest.search import FIRST, Search, saved

STEP = 0.05
BATCH = 8
QUARTERS = (0.25, 0.5, 0.75, 1.0)  # sizes of a lever that another is traded for
ROUNDS = 4  # of trading, each for a change at least 5 % nearer


def alone(search: Search, step: float) -> list[Change]:
    """Each lever alone at sizes below its full one, nearest first."""
    every = [search.key({knob.name: z}) for knob in search.knobs.values() for z in _grid(knob, step) if z < 1]
    return sorted(every, key=search.rank)


def inside(search: Search, most: int) -> list[Change]:
    """A change that is enough where no set is so at full size; none where none is found."""
    search.notes.append(
        f"At full size, all sets of up to {most} of the levers were tried, and larger ones from all levers downwards; "
        f"then each lever alone at every {100 * STEP:.0f}\u00a0% of its size; then, from all levers together and from "
        f"the change that saved most, each lever in turn at every {200 * STEP:.0f}\u00a0%. A change that is enough may "
        "have been missed."
    )
    passed = search.enough(alone(search, STEP))
    if passed:
        return [min(passed, key=search.rank)]
    together = search.key(dict.fromkeys(search.knobs, 1.0))
    search.judged([together], min(FIRST, search.worlds))
    best = max((key for key in search.known if key), key=lambda key: (saved(search, key), -search.distance(key)))
    for start in dict.fromkeys((together, best)):
        found = _climbed(search, start)
        if found:
            return [found]
    return []


def _climbed(search: Search, change: Change) -> Change:
    """Each lever in turn at the size with which most worlds are saved, until that is enough (else: nothing)."""
    for _ in range(ROUNDS):
        before = change
        for name, knob in search.knobs.items():
            tried = [search.key(dict(change) | {name: z}) for z in (0.0, *_grid(knob, 2 * STEP))]
            passed = search.enough(other for other in tried if other)
            if passed:
                return min(passed, key=search.rank)
            known = [change, *(other for other in tried if other)]
            change = max(known, key=lambda other: saved(search, other))  # the first of several alike: no change
        if change == before:
            break
    return ()


def _grid(knob: Knob, step: float | None = None) -> list[float]:
    """The sizes it can have, smallest first."""
    step = step or STEP
    steps = [round(step * k, 6) for k in range(1, round(1 / step) + 1)]
    return [1.0] if knob.whole else [size for size in steps if size >= knob.least - 1e-9]


def sizes_of(search: Search, whole: Change, seed: int, trials: int) -> Change:
    """The nearest change found that turns these levers and is enough; ``whole`` turns them fully, and is."""
    free = [name for name, _ in whole if not search.knobs[name].whole]
    best = whole
    if len(free) == 1:
        passed = search.enough(search.key(dict(whole) | {free[0]: size}) for size in _grid(search.knobs[free[0]]))
        best = min([whole, *passed], key=search.rank)
    elif free:
        best = _parzen(search, whole, free, seed, trials)
    return shrunk(search, best)


def _parzen(search: Search, whole: Change, free: list[str], seed: int, trials: int) -> Change:
    with warnings.catch_warnings():  # tqdm, which it brings along, warns where a notebook has no widgets
        warnings.simplefilter("ignore")
        import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():  # `multivariate` and `constant_liar` are called experimental
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(
            seed=seed, multivariate=True, constant_liar=True, n_startup_trials=2 * BATCH
        )
    study = optuna.create_study(sampler=sampler)
    space: dict[str, optuna.distributions.BaseDistribution] = {
        name: optuna.distributions.FloatDistribution(_grid(search.knobs[name])[0], 1.0, step=STEP) for name in free
    }
    for size in reversed(QUARTERS):
        study.enqueue_trial({name: max(size, _grid(search.knobs[name])[0]) for name in free})
    best, worst = whole, search.distance(whole)
    for _ in range(0, trials, BATCH):
        asked = [study.ask(space) for _ in range(BATCH)]
        tried = [search.key(dict(whole) | trial.params) for trial in asked]
        # What is no nearer than the best so far needs no worlds: it can't be the answer.
        nearer = [change for change in tried if search.rank(change) < search.rank(best)]
        passed = set(search.enough(nearer))
        for trial, change in zip(asked, tried, strict=True):
            short = change in nearer and change not in passed
            # What isn't enough is worse than anything that is, and the worse the further from it.
            study.tell(trial, worst * (1 + search.shortfall(change)) if short else search.distance(change))
        best = min([best, *passed], key=search.rank)
    return best


def shrunk(search: Search, change: Change) -> Change:
    """Each lever in turn, the one that is furthest from history first, as small as is still enough; 0 leaves it out."""
    while True:
        before = change
        for name, size in sorted(change, key=lambda part: -search.distance((part,))):
            smaller = [0.0, *(z for z in _grid(search.knobs[name]) if z < size)]
            tried = [search.key(dict(change) | {name: z}) for z in smaller]
            change = min([change, *search.enough(other for other in tried if other)], key=search.rank)
        if change == before:
            return change


def traded(search: Search, change: Change) -> Change:
    """More of one lever, in the set or not, for less of another, as long as that is nearer and still enough."""
    for _ in range(ROUNDS):
        limit = 0.95 * search.distance(change)
        has = dict(change)
        tried = []
        for more, knob in search.knobs.items():
            for size in (size for size in QUARTERS if size in _grid(knob)):
                for less, most in has.items():
                    room = limit - search.distance(search.key(has | {more: size, less: 0.0}))
                    if size > has.get(more, 0.0) and less != more and room >= 0:
                        price = search.distance(((less, 1.0),))
                        fit = [z for z in _grid(search.knobs[less]) if z <= most and z * price <= room + 1e-9]
                        tried.append(search.key(has | {more: size, less: max(fit, default=0.0)}))
        passed = search.enough(tried)
        if not passed:
            break
        change = shrunk(search, min(passed, key=search.rank))
    return change
