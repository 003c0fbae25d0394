"""Evolutionary games against EGTtools (Fernández Domingos, Santos & Lenaerts 2023, iScience 26:106419), to 1e-9.

200 random 2 x 2 and 50 random 3 x 3 games: every fixation probability, the small-mutation stationary vector, and the
whole stationary distribution with mutation. About a minute. What EGTtools 0.1.14.2 does that has to be allowed for:

- a fixation probability below 1e-7 is given as 0. Ours must then be below 1e-7 too, and the small-mutation vector,
  which rests on it, is not compared;
- the stationary vector comes from a general eigenvector routine, with errors up to some 1e-9. So EGTtools' transition
  matrix is solved by elimination here, and that is judged; the difference from the vector EGTtools gives is shown.

pip install egttools; python verify/theory_against_egttools.py      exit status 1 where a judged number differs by more
"""

import sys

import numpy as np

from bestowal.statistics import evolutionary_games as theory

WITHIN = 1e-9
CUT = 1e-7
try:
    import egttools
except ImportError:
    print("EGTtools is not installed here: nothing compared. (pip install egttools)")
    sys.exit(0)


def differences(matrix: np.ndarray, size: int, strength: float, mutation: float) -> dict[str, float]:
    """The largest difference in one game, of each kind compared."""
    n = len(matrix)
    found = {"fixation": 0.0, "cut to 0": 0.0}
    game = egttools.games.Matrix2PlayerGameHolder(n, matrix)  # kept by name: EGTtools holds no reference to it
    theirs = egttools.analytical.PairwiseComparison(size, game)
    for resident in range(n):
        for mutant in range(n):
            if mutant != resident:
                ours = theory.fixation(matrix, mutant, resident, size, strength)
                their = theirs.calculate_fixation_probability(mutant, resident, strength)
                kind = "fixation" if their > 0.0 else "cut to 0"
                found[kind] = max(found[kind], abs(ours - their))
    if found["cut to 0"] == 0.0:
        chain, _ = theirs.calculate_transition_and_fixation_matrix_sml(strength)
        ours_pure = theory.small_mutation(matrix, size, strength)
        found["small mutation"] = float(np.abs(ours_pure - theory.long_run(np.asarray(chain))).max())
    step = theirs.calculate_transition_matrix(strength, mutation).toarray()
    states, shares = theory.stationary(matrix, size, strength, mutation)
    place = [egttools.calculate_state(size, np.asarray(state, dtype=np.uint64)) for state in states]
    found["stationary"] = float(np.abs(shares - theory.long_run(step)[place]).max())
    shown = egttools.utils.calculate_stationary_distribution(step.T)[place]
    found["stationary, by eigenvector (not judged)"] = float(np.abs(shares - shown).max())
    return found


random = np.random.default_rng(19)
failed = False
for n, games, size in ((2, 200, 40), (3, 50, 14)):
    worst: dict[str, float] = {}
    compared: dict[str, int] = {}
    for _ in range(games):
        matrix = np.ascontiguousarray(random.normal(size=(n, n)))
        strength, mutation = float(random.uniform(0.05, 2.0)), float(10 ** random.uniform(-3, -1))
        for kind, value in differences(matrix, size, strength, mutation).items():
            worst[kind] = max(worst.get(kind, 0.0), value)
            compared[kind] = compared.get(kind, 0) + 1
    print(f"{games} games of {n} strategies, {size} players")
    for kind, value in worst.items():
        limit = CUT if kind == "cut to 0" else WITHIN
        wrong = value > limit and "not judged" not in kind
        print(f"  {kind:42} {compared[kind]:4} games, largest difference {value:.1e}{'  WRONG' if wrong else ''}")
        failed |= wrong
sys.exit(failed)
