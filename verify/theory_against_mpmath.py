"""Evolutionary games against mpmath at 60 digits, to a relative 1e-9: what is too slow for tests/test_theory.py.

300 random games, ties included, of two to four strategies: 200 of up to 300 players, whose chain with mutation is
compared too, and 100 of up to 10^4 players. About ten minutes. The reference and the games: `tests/exact_games.py`.

python verify/theory_against_mpmath.py      exit status 1 where a result differs by more
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import exact_games

random = np.random.default_rng(20)
failed = False
for games, low, high, whole in ((200, 2, 300, (300, 6)), (100, 300, 10_000, (2_000, 0))):
    sizes = np.exp(random.uniform(np.log(low), np.log(high + 1), games)).astype(int).tolist()
    sizes[-1] = high
    worst = 0.0
    for case in exact_games.cases(sizes, seed=games, whole=whole):
        largest = max(exact_games.errors(case))
        worst = max(worst, largest)
        if not largest <= 1.0:
            print(f"  WRONG by {largest:.1e} of what is allowed: {case}")
            failed = True
    print(f"{games} games of {low} to {high} players: largest error {worst * exact_games.WITHIN:.1e}", flush=True)
sys.exit(failed)
