"""Exact finite-population results against outside numbers: EGTtools' tests and runs, the Axelrod library's games, and
the shares published by Hauert et al. 2007. Every number here was computed by others, or follows by hand."""

from collections.abc import Callable

import exact_games
import numpy as np
import pytest

from bestowal.statistics import evolutionary_games as theory

HAWK_DOVE = [[-0.5, 2.0], [0.0, 0.0]]  # V = 2, D = 3, T = 1


def test_fixation_of_a_hawk_among_doves() -> None:
    assert theory.fixation(HAWK_DOVE, 0, 1, 100, 1.0) == pytest.approx(0.8641155742462664, rel=1e-12)


def test_replicator_rests_where_hawks_are_four_in_five() -> None:
    assert theory.replicator(HAWK_DOVE, [0.8, 0.2]) == pytest.approx([0.0, 0.0], abs=1e-16)
    assert theory.replicator(HAWK_DOVE, [0.7, 0.3])[0] > 0 > theory.replicator(HAWK_DOVE, [0.9, 0.1])[0]


@pytest.mark.parametrize(
    ("hawks", "value"),
    [(10, 0.064508), (50, 0.091881), (79, 0.002539), (80, 0.000408), (81, -0.001570), (82, -0.003388), (90, -0.011192)],
)
def test_gradient_of_selection(hawks: int, value: float) -> None:
    assert theory.gradient(HAWK_DOVE, 0, 1, hawks, 100, 1.0) == pytest.approx(value, abs=5.1e-7)


def test_stationary_distribution_with_mutation() -> None:
    states, shares = theory.stationary(HAWK_DOVE, 100, 1.0, 1e-3)
    hawks = states[:, 0]
    mean = float(hawks @ shares)
    assert mean == pytest.approx(82.327, abs=5.1e-4)
    assert hawks[shares.argmax()] == 82 and shares.max() == pytest.approx(0.05733, abs=5.1e-6)
    assert np.sqrt((hawks - mean) ** 2 @ shares) == pytest.approx(7.261, abs=5.1e-4)


def test_rare_mutation_leaves_hawks_alone() -> None:
    assert theory.small_mutation(HAWK_DOVE, 100, 1.0) == pytest.approx([1.0, 0.0], abs=1e-6)


def risk(strategy: int, group: tuple[int, ...]) -> float:
    """Collective-risk dilemma (Santos & Pacheco 2011), cooperators first: endowment 1, cost 0.1, threshold 3 of 6.

    Below the threshold all is lost for certain; a cooperator gets a defector's payoff less the cost, there too.
    (Read as "what is left after paying is lost", payoffs 0 and 0, the outside numbers do not come out.)
    """
    return (1.0 if group[0] >= 3 else 0.0) - (0.1 if strategy == 0 else 0.0)


def test_collective_risk_dilemma() -> None:
    game = theory.GroupGame(2, 6, risk)
    assert theory.fixation(game, 1, 0, 50, 1.0) == pytest.approx(0.003682100470889826, rel=1e-10)
    assert theory.fixation(game, 0, 1, 50, 1.0) == pytest.approx(0.04196419282, rel=1e-9)
    slope = [theory.gradient(game, 0, 1, k, 50, 1.0) for k in range(1, 50)]
    assert [k for k in range(1, 50) if slope[k - 1] > 0] == list(range(8, 36))
    for k, value in ((7, -0.000596), (8, 0.001193), (35, 0.000759), (36, -0.001107)):
        assert slope[k - 1] == pytest.approx(value, abs=5.1e-7)
    assert max(slope) == pytest.approx(0.0280208, abs=5.1e-8) and int(np.argmax(slope)) + 1 == 21


def test_fixation_in_a_three_player_game() -> None:
    by_seconds_in_group = [[-0.5, 2.0, 1.0, 3.0], [0.0, 0.0, 1.0, 2.0]]
    game = theory.GroupGame(2, 3, lambda strategy, group: by_seconds_in_group[strategy][group[1]])
    assert theory.fixation(game, 1, 0, 100, 1.0) == pytest.approx(0.020104159364630978, rel=1e-12)


# A repeated prisoner's dilemma of 100 rounds, R = 2, T = 4, P = 1, S = 0: mean payoff a round.
@pytest.mark.parametrize(
    ("matrix", "value"),
    [
        ([[1.0, 4.0], [0.0, 2.0]], 0.867164),  # AllD among AllC
        ([[2.0, 0.99], [1.03, 1.0]], 0.0675790),  # TFT among AllD
        ([[1.0, 2.5], [0.5, 2.0]], 0.402590),  # AllD among Pavlov
    ],
)
def test_fixation_in_the_repeated_dilemma(matrix: list[list[float]], value: float) -> None:
    assert theory.fixation(matrix, 0, 1, 100, 1.0) == pytest.approx(value, abs=5.1e-7)


@pytest.mark.parametrize(("defectors", "value"), [(2, 0.843373), (1, 0.562249)])
def test_moran_process_of_defectors_and_alternators(defectors: int, value: float) -> None:
    """Fitness is the score summed over two-turn matches with all others; absorption from `defectors` of four."""
    matrix = np.array([[2.0, 6.0], [1.0, 6.0]])  # defectors first: DD twice; D against C then D; CC then DD is 3 + 1
    matrix[1, 1] = 4.0
    ratios = []
    for k in (1, 2, 3):
        mean = theory.mean_payoffs(matrix, (k, 4 - k))
        ratios.append(mean[1] / mean[0])
    products = np.concatenate([[1.0], np.cumprod(ratios)])
    assert products[:defectors].sum() / products.sum() == pytest.approx(value, abs=5.1e-7)
    assert theory.fixation(matrix, 0, 1, 4, 1.0, "moran") == pytest.approx(0.562249, abs=5.1e-7)


def joint_enterprise(strategy: int, group: tuple[int, ...]) -> float:
    """Hauert et al. 2007: cooperators, defectors, loners, punishers; r = 3, c = 1, sigma = 1, beta = 1, gamma = 0.3."""
    cooperators, defectors, loners, punishers = group
    taking_part = sum(group) - loners
    if strategy == 2 or taking_part == 1:
        return 1.0
    share = 3.0 * (cooperators + punishers) / taking_part
    return share - {0: 1.0, 1: punishers * 1.0, 3: 1.0 + 0.3 * defectors}[strategy]


def test_freedom_to_coercion() -> None:
    """Shares of time in the limit of rare mutation; the paper prints 14, 5, 9, 72 %."""
    voluntary = theory.small_mutation(theory.GroupGame(4, 5, joint_enterprise), 100, 0.249, "moran")
    assert voluntary == pytest.approx([0.14146, 0.04684, 0.08714, 0.72456], abs=1e-4)
    assert voluntary == pytest.approx([0.14, 0.05, 0.09, 0.72], abs=0.006)


def test_without_the_freedom_to_stay_out_defectors_rule() -> None:
    def compulsory(strategy: int, group: tuple[int, ...]) -> float:
        cooperators, defectors, punishers = group
        return joint_enterprise((0, 1, 3)[strategy], (cooperators, defectors, 0, punishers))

    shares = theory.small_mutation(theory.GroupGame(3, 5, compulsory), 100, 0.249, "moran")
    assert shares == pytest.approx([0.00003, 0.99983, 0.00013], abs=1e-5)


def test_neutral_drift_fixes_one_in_the_population() -> None:
    for process in ("pairwise", "moran"):
        assert theory.fixation([[1.0, 1.0], [1.0, 1.0]], 0, 1, 37, 0.5, process) == pytest.approx(1 / 37, rel=1e-12)  # type: ignore[arg-type]


def test_a_negative_fitness_is_refused() -> None:
    with pytest.raises(ValueError, match=r"strength = 0\.9: makes a fitness negative or zero"):
        theory.fixation([[-5.0, -5.0], [0.0, 0.0]], 0, 1, 10, 0.9, "moran")


DILEMMA = [[3.0, 0.0], [5.0, 1.0]]


@pytest.mark.parametrize(("size", "strength"), [(100, 5.0), (1000, 0.5), (10_000, 1000.0), (2, 1000.0)])
@pytest.mark.parametrize("defectors", [0, 1])
def test_defectors_rule_under_strong_selection(size: int, strength: float, defectors: int) -> None:
    game = np.array(DILEMMA) if defectors else np.array(DILEMMA)[::-1, ::-1]
    odds = strength * (1.5 * size + 2)  # log of Π T⁺/T⁻, as k defectors earn (2 size − k + 2)/(size − 1) more
    assert theory.small_mutation(game, size, strength)[defectors] == 1.0
    logs = theory.small_mutation(game, size, strength, log=True)
    assert logs[defectors] <= 0.0 and logs[1 - defectors] == pytest.approx(-odds, rel=1e-12)


@pytest.mark.slow
def test_exact_results_against_mpmath() -> None:
    """300 random games with ties, of up to 10^4 players, β up to 10^3, to a relative 1e-9."""
    sizes = [2, 3, 4, 6, 9, 14] * 50
    sizes[:22:7] = [10_000, 1000, 10_000, 1000]  # with β = 1000, except the third: a Moran process
    cases = list(exact_games.cases(sizes, seed=17, whole=(10_000, 4)))
    wrong = [case for case in cases if not max(exact_games.errors(case)) <= 1.0]
    assert len(cases) == 300 and not wrong


def test_ties_under_strong_selection() -> None:
    """By symmetry: a mutant that gets past the first few players fixes in half of all cases; the orders are alike."""
    assert theory.fixation([[0.1, 0.7], [0.7, 0.1]], 0, 1, 10_000, 1000.0) == pytest.approx(0.5, rel=1e-12)
    coordination = 0.1 + 0.6 * np.eye(3)
    assert theory.small_mutation(coordination, 2000, 1000.0) == pytest.approx([1 / 3] * 3, rel=1e-12)


def test_long_run_beyond_the_range_of_floats() -> None:
    """A birth-death chain that rises with chance 0.5 and falls with 1e-3, then the other way round."""
    states = np.arange(200)
    step = np.zeros((200, 200))
    step[states[:-1], states[1:]] = 0.5
    step[states[1:], states[:-1]] = 1e-3
    np.fill_diagonal(step, np.nan)  # not read
    exact = 0.998 * 0.002 ** (199.0 - states)
    for found in (theory.long_run(step), theory.long_run(step.T)[::-1]):
        assert found[100:] == pytest.approx(exact[100:], rel=1e-12, abs=0.0)
        assert found[:50].max() == 0.0


def test_stationary_of_three_strategies_beyond_the_range_of_floats() -> None:
    """Two neutral strategies and one that always loses; the limit of rare mutation, to the order of the mutation."""
    game = [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]
    states, shares = theory.stationary(game, 30, 50.0, 1e-14)
    pure = np.array([shares[(states == 30 * np.eye(3, dtype=int)[i]).all(axis=1)][0] for i in range(3)])
    assert np.isfinite(shares).all() and shares.sum() == pytest.approx(1.0, rel=1e-12)
    assert pure == pytest.approx([0.5, 0.5, 0.0], abs=1e-11)


def test_gradient_is_zero_where_one_strategy_is_alone() -> None:
    assert theory.gradient(HAWK_DOVE, 0, 1, 0, 10, 1.0) == theory.gradient(HAWK_DOVE, 0, 1, 10, 10, 1.0) == 0.0
    assert theory.gradient([[0.1, 0.1], [0.1, 0.1]], 0, 1, 3, 7, 1000.0) == 0.0
    assert theory.gradient(DILEMMA, 1, 0, 5, 10, 1e300) == pytest.approx(5 / 10 * 5 / 9, rel=1e-15)


def test_the_mean_payoff_of_a_strategy_that_nobody_plays_is_missing() -> None:
    assert theory.mean_payoffs(DILEMMA, (0, 4)).tolist() == pytest.approx([np.nan, 1.0], nan_ok=True)


six = theory.GroupGame(2, 6, risk)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: theory.fixation(six, 0, 1, 4, 1.0), r"size = 4: a population smaller than the groups of 6 players"),
        (lambda: theory.mean_payoffs(six, (2, 2)), r"size = 4: a population smaller than the groups of 6 players"),
        (lambda: theory.fixation(DILEMMA, 0, 1, 9, 1.0, "morann"), r"process = 'morann': pairwise or moran"),  # type: ignore[arg-type]
        (lambda: theory.small_mutation(DILEMMA, 9, 1.0, "Moran"), r"process = 'Moran': pairwise or moran"),  # type: ignore[arg-type]
        (lambda: theory.replicator(DILEMMA, [0.5, 0.6]), r"shares = \[0\.5, 0\.6\]: .* their sum is 1\.1"),
        (lambda: theory.replicator(DILEMMA, [1.5, -0.5]), r"shares = \[1\.5, -0\.5\]: from 0, with sum 1"),
        (lambda: theory.replicator(DILEMMA, [np.nan, 1.0]), r"shares = \[nan, 1\.0\]: from 0, with sum 1"),
        (lambda: theory.replicator(DILEMMA, [1.0]), r"shares: shape \(1,\) for a game of 2 strategies"),
        (lambda: theory.fixation(DILEMMA, 1, 1, 9, 1.0), r"mutant = resident = 1: two different strategies"),
        (lambda: theory.fixation(DILEMMA, -1, 0, 9, 1.0), r"mutant = -1: from 0 to 1"),
        (lambda: theory.fixation(DILEMMA, 0, 1, 1, 1.0), r"size = 1: from 2"),
        (lambda: theory.fixation(DILEMMA, 0, 1, 9.5, 1.0), r"size = 9\.5: not a whole number"),  # type: ignore[arg-type]
        (lambda: theory.fixation(DILEMMA, 0, 1, 9, np.nan), r"strength = nan: from 0 to 1e\+300"),
        (lambda: theory.fixation(DILEMMA, 0, 1, 9, 1.5, "moran"), r"strength = 1\.5: from 0 to 1 in the process moran"),
        (lambda: theory.fixation(DILEMMA, 0, 1, 9, 1e20), r"strength = 1e\+20: with these payoffs a probability"),
        (lambda: theory.fixation([[1.0, np.inf], [0.0, 0.0]], 0, 1, 9, 1.0), r"game\[0\]\[1\] = inf: payoffs are"),
        (lambda: theory.fixation([[1.0, 2.0]], 0, 1, 9, 1.0), r"game: shape \(1, 2\), not the square payoff matrix"),
        (
            lambda: theory.fixation(theory.GroupGame(2, 3, lambda own, group: np.nan), 0, 1, 9, 1.0),
            r"payoff\(0, \(1, 2\)\) = nan: payoffs are",
        ),
        (lambda: theory.gradient(DILEMMA, 0, 1, 10, 9, 1.0), r"k = 10: from 0 to 9"),
        (lambda: theory.stationary(DILEMMA, 9, 1.0, 0), r"mutation = 0: from 1e-300 to 1; .* small_mutation gives"),
        (lambda: theory.stationary(DILEMMA, 9, 1.0, 1.1), r"mutation = 1\.1: from 1e-300 to 1"),
        (lambda: theory.stationary(np.eye(3), 999, 1.0, 0.1), r"size = 999: 500500 states of 3 strategies; at most"),
        (lambda: theory.mean_payoffs(DILEMMA, (1, 2, 3)), r"counts: 3 numbers for a game of 2 strategies"),
        (lambda: theory.mean_payoffs(DILEMMA, (-1, 4)), r"counts\[0\] = -1: from 0"),
        (lambda: theory.long_run(np.eye(2)), r"step: state 1 does not reach state 0"),
        (lambda: theory.long_run([[0.5, -0.5], [0.5, 0.5]]), r"step: a transition probability is negative"),
        (lambda: theory.long_run([[0.5, 0.5], [7, 0.9]]), r"step: the probabilities of leaving a state sum to more"),
        (lambda: theory.long_run([[0.5, 0.5]]), r"step: shape \(1, 2\), not square"),
    ],
)
def test_what_has_no_answer_is_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message) as refused:
        call()
    assert "\n" not in str(refused.value)
