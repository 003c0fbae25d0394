"""Exact results for evolutionary games in finite and infinite populations, to set beside simulations.

A game is a payoff matrix (row: own strategy, column: the other's), or a `GroupGame` played in groups sampled without
replacement. Finite populations: pairwise comparison with the Fermi rule (Traulsen, Nowak & Pacheco 2006), or the Moran
process with fitness 1 − s + s·payoff (Nowak et al. 2004). Fixation follows Karlin & Taylor (1975),
ρ = 1 / (1 + Σ_k Π_{l≤k} T⁻_l/T⁺_l); rare mutation gives the embedded chain of Fudenberg & Imhof (2006).

Strong selection in a large population makes probabilities such as 10^−1000000. Payoffs, exponents and small chains are
therefore Decimals of 50 digits, whose exponents reach ±10^18; a result is rounded to a float at the end, and
`log=True` returns its natural logarithm, which does not underflow.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from itertools import combinations_with_replacement, pairwise
from math import comb
from operator import index
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

Process = Literal["pairwise", "moran"]
Vector = NDArray[np.float64]

LARGEST = 1e300  # payoff
ROUNDING = 1e-9  # of probabilities that should sum to 1 or less
RAREST = 1e-300  # mutation: below it, a float no longer holds the chance of imitation to full precision beside it
MOST_STATES = 20_000  # of a chain solved whole: 3.2 GB
WIDE = Context(prec=50, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[InvalidOperation, DivisionByZero, Overflow])
STEEPEST = 10**15  # −log of a fixation probability; products of these stay within a Decimal's exponents


@dataclass(frozen=True)
class GroupGame:
    """A game in groups that are sampled without replacement from the population.

    Parameters
    ----------
    n_strategies : number of strategies, 1 or more.
    size : players in a group, 2 or more.
    payoff : payoff(strategy, group) of a player of that strategy in a group whose members, the player included, number
        group[i] of strategy i.

    Examples
    --------
    A public good with a return of 0.6 to everybody for each unit that costs the giver 1, in groups of three out of
    three givers (strategy 0) and three others:

    >>> game = GroupGame(2, 3, lambda strategy, group: 0.6 * group[0] - (strategy == 0))
    >>> mean_payoffs(game, [3, 3]).round(6).tolist()
    [0.08, 0.72]
    """

    n_strategies: int
    size: int
    payoff: Callable[[int, tuple[int, ...]], float]


Game = ArrayLike | GroupGame
Exact = list[list[Decimal]] | GroupGame  # a game that has been checked


def n_strategies(game: Game) -> int:
    """Return the number of strategies of a game: the rows of a payoff matrix, or what a `GroupGame` says."""
    return game.n_strategies if isinstance(game, GroupGame) else len(_matrix(game))


def mean_payoffs(game: Game, counts: Sequence[int]) -> Vector:
    """Return the mean payoff of each strategy in a population of counts[i] players of strategy i: (n_strategies,).

    Nobody meets themselves. NaN for a strategy that nobody plays: it has no payoff.

    Parameters
    ----------
    game : payoff matrix (n_strategies, n_strategies), row: own strategy, column: the other's; or a `GroupGame`.
    counts : players of each strategy, 0 or more.

    Raises
    ------
    ValueError
        The game is no square matrix of finite numbers, or ``counts`` has another length.

    Examples
    --------
    >>> mean_payoffs([[3, 0], [5, 1]], [10, 10]).round(4).tolist()  # 27/19 and 59/19
    [1.4211, 3.1053]
    """
    players = tuple(_whole(f"counts[{i}]", count, 0) for i, count in enumerate(counts))
    exact = _checked(game, sum(players))
    n = _count(exact)
    if len(players) != n:
        raise ValueError(f"counts: {len(players)} numbers for a game of {n} strategies")
    with localcontext(WIDE):
        return np.array([math.nan if mean is None else float(mean) for mean in _payoffs(exact, players)])


def compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Yield every way to write total as an ordered sum of `parts` whole numbers.

    Examples
    --------
    >>> list(compositions(2, 2))
    [(0, 2), (1, 1), (2, 0)]
    """
    for bars in combinations_with_replacement(range(total + 1), parts - 1):
        ends = (0, *bars, total)
        yield tuple(b - a for a, b in pairwise(ends))


def fixation(
    game: Game,
    mutant: int,
    resident: int,
    size: int,
    strength: float,
    process: Process = "pairwise",
    *,
    log: bool = False,
) -> float:
    """Return the probability that one mutant among size − 1 residents takes over, or its natural logarithm.

    Karlin & Taylor (1975): ρ = 1 / (1 + Σ_k Π_{l≤k} T⁻_l/T⁺_l). A probability below 1e-323 is returned as 0; its
    logarithm is not.

    Parameters
    ----------
    game : payoff matrix (n_strategies, n_strategies), row: own strategy, column: the other's; or a `GroupGame`.
    mutant, resident : strategies, counted from 0.
    size : players in the population, 2 or more.
    strength : intensity of selection, β of pairwise comparison, or s of the Moran process (0 to 1).
    process : "pairwise" (Fermi rule; Traulsen, Nowak & Pacheco 2006) or "moran" (Nowak et al. 2004).
    log : return the natural logarithm.

    Raises
    ------
    ValueError
        An argument is out of its bounds, or the Moran process has a negative fitness.

    Examples
    --------
    >>> fixation([[3, 0], [5, 1]], 0, 1, size=50, strength=0.0)  # neutral: 1/50
    0.02
    """
    exact = _checked(game, size)
    _two_strategies(exact, "mutant", mutant, "resident", resident)
    _selection(strength, process)
    with localcontext(WIDE):
        probability = _fixation(exact, mutant, resident, size, strength, process)
        return float(_numbers([probability], log)[0])


def gradient(game: Game, first: int, second: int, k: int, size: int, strength: float) -> float:
    """Return T⁺ − T⁻ of the number k of `first` among `size` players of two strategies, pairwise comparison.

    0 at k = 0 and k = size: with one strategy alone there is nobody to imitate.

    Parameters
    ----------
    game : payoff matrix (n_strategies, n_strategies), row: own strategy, column: the other's; or a `GroupGame`.
    first, second : strategies, counted from 0.
    k : players of ``first``, 0 to ``size``.
    size : players in the population.
    strength : β, the intensity of selection.

    Examples
    --------
    >>> round(gradient([[3, 0], [5, 1]], 0, 1, k=5, size=10, strength=1.0), 4)  # −(25/90) tanh(17/18)
    -0.2048
    """
    exact = _checked(game, size)
    _two_strategies(exact, "first", first, "second", second)
    _selection(strength, "pairwise")
    if _whole("k", k, 0, size) in (0, size):
        return 0.0
    with localcontext(WIDE):
        ours, theirs = _pair(exact, first, second, k, size)
        return (size - k) / size * k / (size - 1) * math.tanh(float(Decimal(float(strength)) * (ours - theirs) / 2))


def small_mutation(
    game: Game, size: int, strength: float, process: Process = "pairwise", *, log: bool = False
) -> Vector:
    """Return the shares of time at each pure state, or their logarithms, in the limit of rare mutation.

    Mutations are so rare that each fixes or is lost before the next (Fudenberg & Imhof 2006).

    Parameters
    ----------
    game : payoff matrix (n_strategies, n_strategies), row: own strategy, column: the other's; or a `GroupGame`.
    size, strength, process, log : as for `fixation`.

    Returns
    -------
    ndarray (n_strategies,)
        Shares that sum to 1.

    Examples
    --------
    >>> small_mutation([[1, 1], [1, 1]], size=20, strength=1.0).tolist()  # equal payoffs
    [0.5, 0.5]
    """
    exact = _checked(game, size)
    _selection(strength, process)
    n = _count(exact)
    with localcontext(WIDE):
        step = np.full((n, n), Decimal(0))
        for resident in range(n):
            for mutant in range(n):
                if mutant != resident:
                    step[resident, mutant] = _fixation(exact, mutant, resident, size, strength, process)
        return _numbers(_eliminate(step), log)


def stationary(
    game: Game, size: int, strength: float, mutation: float, *, log: bool = False
) -> tuple[NDArray[np.int64], Vector]:
    """Return the states (n_states, n_strategies) and how often each is visited, or the logarithm of that.

    Pairwise comparison: a randomly chosen player takes a random other strategy with probability `mutation`, else
    compares with a random other player. With two strategies the result is a product over states; with more, the chain
    is solved whole, which is fit for some thousands of states.

    Parameters
    ----------
    game : payoff matrix (n_strategies, n_strategies), row: own strategy, column: the other's; or a `GroupGame`.
    size, strength, log : as for `fixation`.
    mutation : probability that a chosen player takes a random other strategy, above 0 and at most 1.

    Raises
    ------
    ValueError
        An argument is out of its bounds, or the chain has more than 20,000 states.

    Examples
    --------
    >>> states, shares = stationary([[0, 0], [0, 0]], size=2, strength=0.0, mutation=0.5)
    >>> states.tolist(), shares.round(6).tolist()
    ([[0, 2], [1, 1], [2, 0]], [0.3, 0.4, 0.3])
    """
    exact = _checked(game, size)
    _selection(strength, "pairwise")
    if not RAREST <= mutation <= 1.0:
        raise ValueError(
            f"mutation = {mutation}: from {RAREST:g} to 1; without mutation the long run depends on the start, and "
            "small_mutation gives the limit of rare mutation"
        )
    n = _count(exact)
    n_states = comb(size + n - 1, n - 1)
    if n > 2 and n_states > MOST_STATES:
        raise ValueError(f"size = {size}: {n_states} states of {n} strategies; at most {MOST_STATES} are solved")
    states = list(compositions(size, n))
    with localcontext(WIDE):
        if n == 2:
            moves = [_moves(exact, state, strength, mutation) for state in states]
            visits = [Decimal(1)]
            for k in range(size):
                rise, fall = moves[k][states[k + 1]], moves[k + 1][states[k]]
                visits.append(visits[-1] * Decimal(rise) / Decimal(fall))
            total = sum(visits)
            return np.array(states), _numbers([visit / total for visit in visits], log)
        place = {state: i for i, state in enumerate(states)}
        step = np.zeros((n_states, n_states))
        for i, state in enumerate(states):
            for there, probability in _moves(exact, state, strength, mutation).items():
                step[i, place[there]] = probability
        return np.array(states), _numbers(_solve(step), log)


def replicator(matrix: ArrayLike, shares: ArrayLike) -> Vector:
    """Return the rate of change of each strategy's share, ẋ_i = x_i((Ax)_i − xᵀAx) (Taylor & Jonker 1978).

    Parameters
    ----------
    matrix : payoffs A (n_strategies, n_strategies).
    shares : x (n_strategies,), which sums to 1.

    Examples
    --------
    >>> replicator([[3, 0], [5, 1]], [0.5, 0.5]).tolist()
    [-0.375, 0.375]
    """
    rows = _matrix(matrix)
    x = np.asarray(shares, dtype=float)
    if x.shape != (len(rows),):
        raise ValueError(f"shares: shape {x.shape} for a game of {len(rows)} strategies")
    if not (x >= 0.0).all() or not math.isclose(x.sum(), 1.0, rel_tol=ROUNDING):
        raise ValueError(f"shares = {x.tolist()}: from 0, with sum 1; their sum is {x.sum():g}")
    payoffs = rows @ x
    return np.asarray(x * (payoffs - x @ payoffs))


def long_run(step: ArrayLike) -> Vector:
    """Return the stationary distribution of a Markov chain from its transition probabilities step[from, to].

    The diagonal is not read. Every state must reach state 0.

    Parameters
    ----------
    step : transition probabilities (n_states, n_states).

    Examples
    --------
    >>> long_run([[0.9, 0.1], [0.3, 0.7]]).round(6).tolist()
    [0.75, 0.25]
    """
    chain = np.array(step, dtype=float)
    if chain.ndim != 2 or chain.shape[0] != chain.shape[1] or not chain.size:
        raise ValueError(f"step: shape {chain.shape}, not square")
    np.fill_diagonal(chain, 0.0)
    if not ((chain >= 0.0) & (chain <= LARGEST)).all():
        raise ValueError("step: a transition probability is negative or not finite")
    if (chain.sum(axis=1) > 1.0 + ROUNDING).any():
        raise ValueError("step: the probabilities of leaving a state sum to more than 1")
    with localcontext(WIDE):
        return _numbers(_solve(chain), log=False)


def _matrix(game: ArrayLike) -> Vector:
    """Return a payoff matrix that has been checked."""
    matrix = np.asarray(game, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or len(matrix) < 2:
        raise ValueError(f"game: shape {matrix.shape}, not the square payoff matrix of two or more strategies")
    if not (np.abs(matrix) <= LARGEST).all():  # NaN is not
        for (i, j), value in np.ndenumerate(matrix):
            _payoff(f"game[{i}][{j}]", value)
    return matrix


def _payoff(name: str, value: float) -> float:
    if not abs(value) <= LARGEST:
        raise ValueError(f"{name} = {value}: payoffs are from {-LARGEST:g} to {LARGEST:g}")
    return float(value)


def _whole(name: str, value: int, least: int, most: float = math.inf) -> int:
    try:
        number = index(value)
    except TypeError:
        raise ValueError(f"{name} = {value!r}: not a whole number") from None
    if not least <= number <= most:
        raise ValueError(f"{name} = {number}: from {least}" + (f" to {most}" if most < math.inf else ""))
    return number


def _checked(game: Game, size: int) -> Exact:
    """Return a game ready to compute with, or refuse it or the size of its population."""
    _whole("size", size, 2)
    if not isinstance(game, GroupGame):
        return [[Decimal(value) for value in row] for row in _matrix(game).tolist()]
    _whole("n_strategies", game.n_strategies, 2)
    _whole("GroupGame.size", game.size, 2)
    if game.size > size:
        raise ValueError(f"size = {size}: a population smaller than the groups of {game.size} players")
    return game


def _count(game: Exact) -> int:
    return game.n_strategies if isinstance(game, GroupGame) else len(game)


def _two_strategies(game: Exact, first: str, i: int, second: str, j: int) -> None:
    for name, strategy in ((first, i), (second, j)):
        _whole(name, strategy, 0, _count(game) - 1)
    if i == j:
        raise ValueError(f"{first} = {second} = {i}: two different strategies are compared")


def _selection(strength: float, process: Process) -> None:
    if process not in get_args(Process):
        raise ValueError(f"process = {process!r}: {' or '.join(get_args(Process))}")
    most = 1.0 if process == "moran" else LARGEST
    if not 0.0 <= strength <= most:
        raise ValueError(f"strength = {strength}: from 0 to {most:g} in the process {process}")


def _payoffs(game: Exact, counts: Sequence[int]) -> list[Decimal | None]:
    """Return the mean payoff of each strategy, None for one that nobody plays."""
    total = sum(counts)
    out: list[Decimal | None] = [None] * len(counts)
    for own, players in enumerate(counts):
        if not players:
            continue
        others = [(i, count - (i == own)) for i, count in enumerate(counts) if count > (i == own)]
        mean = Decimal(0)
        if not isinstance(game, GroupGame):
            for i, count in others:
                mean += game[own][i] * count
            out[own] = mean / (total - 1)
            continue
        for met in compositions(game.size - 1, len(others)):
            ways = math.prod(comb(count, drawn) for (_, count), drawn in zip(others, met, strict=True))
            if ways:
                group = [0] * len(counts)
                group[own] = 1
                for (i, _), drawn in zip(others, met, strict=True):
                    group[i] += drawn
                payoff = game.payoff(own, tuple(group))
                mean += ways * Decimal(_payoff(f"payoff({own}, {tuple(group)})", payoff))
        out[own] = mean / comb(total - 1, game.size - 1)
    return out


def _pair(game: Exact, first: int, second: int, k: int, size: int) -> tuple[Decimal, Decimal]:
    """Return the payoffs of two strategies where k of the first meet size − k of the second."""
    counts = [0] * _count(game)
    counts[first] = k
    counts[second] = size - k
    payoffs = _payoffs(game, counts)
    ours, theirs = payoffs[first], payoffs[second]
    assert ours is not None and theirs is not None
    return ours, theirs


def _fixation(game: Exact, mutant: int, resident: int, size: int, strength: float, process: Process) -> Decimal:
    s = Decimal(float(strength))
    if process == "moran":
        total = product = Decimal(1)
        for k in range(1, size):
            ours, theirs = _pair(game, mutant, resident, k, size)
            fit_ours, fit_theirs = 1 - s + s * ours, 1 - s + s * theirs
            if fit_ours <= 0 or fit_theirs <= 0:
                raise ValueError(
                    f"strength = {strength}: makes a fitness negative or zero, payoffs {ours:g} and {theirs:g}"
                )
            product *= fit_theirs / fit_ours
            total += product
        return 1 / total
    exponents = [Decimal(0)]  # of Π T⁻/T⁺
    for k in range(1, size):
        ours, theirs = _pair(game, mutant, resident, k, size)
        exponents.append(exponents[-1] - s * (ours - theirs))
    highest = max(exponents)
    if highest > STEEPEST:
        raise ValueError(f"strength = {strength}: with these payoffs a probability is below exp(-{STEEPEST:g})")
    exponents.remove(highest)  # its term is 1, which a sum of floats would swallow
    others = math.fsum(math.exp(float(exponent - highest)) for exponent in exponents)
    return (-highest).exp() / (1 + Decimal(others))


def _moves(game: Exact, state: tuple[int, ...], strength: float, mutation: float) -> dict[tuple[int, ...], float]:
    """Return the states one step away with their probabilities: one player changes strategy."""
    size, n = sum(state), len(state)
    s = Decimal(float(strength))
    payoffs = _payoffs(game, state)
    moves = {}
    for leaves, theirs in enumerate(payoffs):
        if theirs is None:
            continue
        for takes, ours in enumerate(payoffs):
            if takes == leaves:
                continue
            rate = mutation / (n - 1)
            if ours is not None:
                rate += (1.0 - mutation) * state[takes] / (size - 1) * _fermi(float(s * (ours - theirs)))
            there = tuple(c + (i == takes) - (i == leaves) for i, c in enumerate(state))
            moves[there] = state[leaves] / size * rate
    return moves


def _fermi(gap: float) -> float:
    """Return 1 / (1 + exp(−gap)), which does not overflow."""
    small = math.exp(-abs(gap))
    return (1.0 if gap >= 0.0 else small) / (1.0 + small)


def _solve(step: Vector) -> NDArray[Any]:
    """Return the stationary distribution in floats, or in Decimals where a number leaves the range of floats."""
    try:
        with np.errstate(all="raise"):
            return _eliminate(step.copy())
    except FloatingPointError:
        chain = np.full(step.shape, Decimal(0))
        moves = step.nonzero()
        chain[moves] = [Decimal(probability) for probability in step[moves].tolist()]
        return _eliminate(chain)


def _eliminate(chain: NDArray[Any]) -> NDArray[Any]:
    """Return the stationary distribution by elimination without subtraction (Grassmann, Taksar & Heyman 1985), which
    keeps small probabilities to full relative precision. Overwrites the chain.

    Each state's transitions lie in a band below it, and elimination fills no place outside that.
    """
    n = len(chain)
    firsts = [0] * n  # the first state that leads to each
    for k in range(n - 1, 0, -1):
        sources, targets = chain[:k, k].nonzero()[0], chain[k, :k].nonzero()[0]
        if not targets.size:
            raise ValueError(f"step: state {k} does not reach state 0, so that the long run depends on the start")
        if not sources.size:
            firsts[k] = k
            continue
        first, left = int(sources[0]), int(targets[0])
        firsts[k] = first
        into, out = chain[first:k, k], chain[k, left:k]
        into /= out.sum()
        chain[first:k, left:k] += np.multiply.outer(into, out)
    visits = np.full(n, chain.dtype.type(0) if chain.dtype != object else Decimal(0))
    visits[0] += 1
    for k in range(1, n):
        visits[k] = (visits[firsts[k] : k] * chain[firsts[k] : k, k]).sum()
    return np.asarray(visits / visits.sum())


def _numbers(values: Sequence[Any] | NDArray[Any], log: bool) -> Vector:
    """Return probabilities as floats, or their natural logarithms."""
    return np.array([float(Decimal(value).ln() if log else value) for value in values])
