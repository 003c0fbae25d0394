"""Nowak and May 1992, "Evolutionary games and spatial chaos": cooperators and defectors copying the best on a lattice.

Written from the specification of the paper and the addresses of luck, without opening the model file.

Luck (nothing but the start is random):

    START = 1  year = 0, person = cell (row * side + column), index 0: w0 → defects

Settled where the paper is silent: cells beyond a fixed edge do not exist, neither to play nor to copy; a tie keeps the
own strategy, and among equal neighbours the first in reading order counts; a cell compares itself with its neighbours
whether or not it also plays itself; the growing square around the middle is cut off at the lattice's edge, on a torus
too.
"""

from reference.luck import chance, draw

START = 1
AROUND = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]  # reading order


def start(p, seed, world):
    """Who cooperates: one row a list."""
    side = p.side
    if p.single:
        return [[not (row == side // 2 and column == side // 2) for column in range(side)] for row in range(side)]
    return [
        [not chance(draw(seed, world, 0, row * side + column, START)[0], p.start_defectors) for column in range(side)]
        for row in range(side)
    ]


def neighbours(p, row, column):
    cells = [(row + down, column + right) for down, right in AROUND]
    if p.wraps:
        return [(r % p.side, c % p.side) for r, c in cells]
    return [(r, c) for r, c in cells if 0 <= r < p.side and 0 <= c < p.side]


def score(p, cooperates, row, column):
    partners = neighbours(p, row, column)
    if p.self_included:
        partners.append((row, column))
    cooperators = sum(cooperates[r][c] for r, c in partners)
    return float(cooperators) if cooperates[row][column] else p.temptation * cooperators


def best_strategy(p, cooperates, scores, row, column):
    best, strategy = scores[row][column], cooperates[row][column]
    for r, c in neighbours(p, row, column):
        if scores[r][c] > best:
            best, strategy = scores[r][c], cooperates[r][c]
    return strategy


def simulate(p, steps, seed, world):
    side, middle = p.side, p.side // 2
    cooperates = start(p, seed, world)
    history = []
    for year in range(steps):
        scores = [[score(p, cooperates, row, column) for column in range(side)] for row in range(side)]
        new = [[best_strategy(p, cooperates, scores, row, column) for column in range(side)] for row in range(side)]
        changed = sum(new[row][column] != cooperates[row][column] for row in range(side) for column in range(side))
        cooperates = new

        t = year + 1
        reached = range(max(0, middle - t), min(side - 1, middle + t) + 1)
        inside = [cooperates[row][column] for row in reached for column in reached]
        history.append(
            {
                "cooperators": sum(sum(row) for row in cooperates) / (side * side),
                "changed": changed / (side * side),
                "inside": sum(inside) / len(inside),
            }
        )
    return history


SETTINGS = [
    # the chaotic window, fixed edges and torus
    ({"side": 33, "temptation": 1.87, "start_defectors": 0.17}, 40),
    ({"side": 46, "temptation": 1.93, "start_defectors": 0.21, "wraps": 1}, 40),
    # the same without playing oneself
    ({"side": 31, "temptation": 1.63, "start_defectors": 0.13, "self_included": 0}, 40),
    ({"side": 38, "temptation": 1.64, "start_defectors": 0.19, "self_included": 0, "wraps": 1}, 40),
    # one defector: even and odd sides, beyond the edge, where the square is cut off
    ({"side": 27, "single": 1, "start_defectors": 0.63}, 25),
    ({"side": 20, "single": 1, "temptation": 1.97, "wraps": 1}, 25),
    ({"side": 23, "single": 1, "temptation": 1.62, "self_included": 0}, 20),
    # ties between cooperators and defectors
    ({"side": 21, "temptation": 1.5, "start_defectors": 0.57}, 20),
    ({"side": 22, "temptation": 1.0, "start_defectors": 0.71, "self_included": 0, "wraps": 1}, 15),
    # small: every cell at an edge or the whole torus in sight; little and much to gain
    ({"side": 3, "temptation": 1.3, "start_defectors": 0.43, "wraps": 1}, 5),
    ({"side": 4, "temptation": 0.6, "start_defectors": 0.83}, 5),
    ({"side": 19, "temptation": 3.7, "start_defectors": 0.03}, 12),
]
