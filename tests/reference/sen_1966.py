"""Sen 1966, Holmström 1982, Kandel and Lazear 1992 a second time: who works how much when the product is shared?

Written from the papers' specifications and the addresses of luck alone, without opening the model file.

Output F = K L^eta of the summed efforts L. A part by_need of it is shared equally, the rest by work. Effort l costs
l^2 / 2. A member cares for the others' utility with weight `care` and feels the pressure g (mean effort - own effort).
Each round every member in turn moves towards the best response to the others.

Luck addresses (person = the member's number j, index 0):
    START 1  year 0:          w0  starting effort, uniform from 0 to twice the mean
    ORDER 2  year = round:    w0  priority; members act in ascending (w0, j)

Derived here, not copied: with A = F/L the average product and c = 1 + care (N - 1), the gain from a little more effort
at equal efforts l is
    by_need F' c/N  +  (1 - by_need) [A + A' L c/N]  -  l + h,   A' L = F' - A,   F' = eta A
    =  F' {c/N + (1 - care)(1 - by_need)(N - 1)/(N eta)}  -  l + h,
h the push of pressure, and the efficient effort solves l = F'.

Ambiguities settled: a lone member feels no pressure whichever mean is taken; the gain from more effort falls in l
and is positive near 0, so that the best response is always positive.
"""

from reference.luck import draw, uniform

START, ORDER = 1, 2


# ------------------------------------------------------------------------------------------------------ the efficient


def output(p, total):
    return p.productivity * total**p.elasticity


def efficient_effort(p):
    """Effort a head that makes output less everybody's cost greatest: F'(N l) = l."""
    return (p.productivity * p.elasticity * p.members ** (p.elasticity - 1.0)) ** (1.0 / (2.0 - p.elasticity))


def push(p):
    """What pressure adds to the gain from a little more effort."""
    if p.members == 1:
        return 0.0
    return p.pressure * (1.0 - 1.0 / p.members) if p.pressure_mean_includes_self else p.pressure


def root(gain):
    """Where a falling function that starts above 0 meets 0: bisection to the last bit."""
    low, high = 0.0, 1.0
    while gain(high) > 0.0:
        low, high = high, 2.0 * high
    while True:
        middle = 0.5 * (low + high)
        if middle in (low, high):
            return middle
        if gain(middle) > 0.0:
            low = middle
        else:
            high = middle


def symmetric_effort(p):
    """The effort that is everybody's best response to itself."""
    n, eta = p.members, p.elasticity
    phi = (1.0 + p.care * (n - 1)) / n + (1.0 - p.care) * (1.0 - p.by_need) * (n - 1) / (n * eta)

    def gain(effort):
        marginal = eta * output(p, n * effort) / (n * effort)
        return marginal * phi + push(p) - effort

    return root(gain)


# ----------------------------------------------------------------------------------------------------- best responses


def best_effort(p, others):
    """The best response to the others' summed effort."""
    n = p.members

    def gain(effort):
        total = effort + others
        average = output(p, total) / total
        marginal = p.elasticity * average
        slope = (marginal - average) / total
        by_need = p.by_need * (1.0 + p.care * (n - 1)) / n * marginal
        by_work = (1.0 - p.by_need) * (average + slope * (effort + p.care * others))
        return by_need + by_work - effort + push(p)

    return root(gain)


def forced_effort(p, others):
    """Holmström's broken budget: all or nothing. Fill what is missing if that is needed and worth it, else rest."""
    efficient = efficient_effort(p)
    needed = p.members * efficient - others
    if needed <= 1e-9 * efficient:
        return 0.0
    prize = output(p, p.members * efficient) / p.members
    worth = (1.0 + p.care * (p.members - 1)) * prize - needed**2 / 2.0
    return needed if worth >= 0.0 else 0.0


def total_surplus(p, efforts):
    total = sum(efforts)
    product = output(p, total)
    if p.forcing and total < p.members * efficient_effort(p) * (1.0 - 1e-9):
        product = 0.0
    return product - sum(effort**2 for effort in efforts) / 2.0


# ---------------------------------------------------------------------------------------------------------- simulation


def simulate(p, steps, seed, world):
    """One dict of observables a round."""
    efficient = efficient_effort(p)
    first_best = output(p, p.members * efficient) - p.members * efficient**2 / 2.0
    solved = 1.0 if p.forcing else symmetric_effort(p) / efficient
    members = range(p.members)
    efforts = [p.start_effort * efficient * 2.0 * uniform(draw(seed, world, 0, j, START)[0]) for j in members]
    result = []
    for year in range(steps):
        moved = 0.0
        for j in sorted(members, key=lambda j: (draw(seed, world, year, j, ORDER)[0], j)):
            others = sum(efforts[i] for i in members if i != j)
            best = forced_effort(p, others) if p.forcing else best_effort(p, others)
            change = p.adjustment * (best - efforts[j])
            efforts[j] += change
            moved = max(moved, abs(change))
        result.append(
            {
                "effort": sum(efforts) / p.members / efficient,
                "solved": solved,
                "surplus": total_surplus(p, efforts) / first_best,
                "spread": (max(efforts) - min(efforts)) / efficient,
                "moved": moved / efficient,
            }
        )
    return result


SETTINGS = [
    # everything away from the defaults: need and work, some care, some pressure, sluggish
    (
        dict(
            members=7,
            elasticity=0.73,
            productivity=2.6,
            by_need=0.35,
            care=0.17,
            pressure=0.42,
            adjustment=0.63,
            start_effort=0.8,
        ),
        12,
    ),
    # pressure against the mean of the others only
    (
        dict(members=6, elasticity=0.41, by_need=0.85, care=0.3, pressure=0.27, pressure_mean_includes_self=0),
        8,
    ),
    # nearly all by work: too much effort; nobody works at the start
    (dict(members=11, elasticity=0.55, productivity=0.7, by_need=0.1, start_effort=0.0), 10),
    # equal sharing at constant returns with some pressure
    (dict(members=5, elasticity=1.0, pressure=0.35, start_effort=2.3), 4),
    # one member alone: efficient whatever the rules
    (dict(members=1, by_need=0.4, care=0.6, pressure=1.7, pressure_mean_includes_self=0, adjustment=0.4), 5),
    # the lowest elasticity, two members, strong pressure
    (dict(members=2, elasticity=0.05, productivity=31.0, by_need=0.23, care=0.9, pressure=6.5), 8),
    # forcing: some worlds reach the efficient output, others give up
    (dict(members=3, elasticity=0.8, forcing=1, start_effort=1.05, by_need=0.5), 6),
    # forcing with care, far above the efficient effort at first: some rest, the last ones fill up
    (dict(members=9, elasticity=1.0, productivity=1.9, forcing=1, care=0.45, start_effort=1.4), 6),
    # forcing with sluggish members: the efficient output is reached from below, little by little
    (dict(members=4, elasticity=0.67, forcing=1, care=0.43, start_effort=0.8, adjustment=0.37), 14),
    # the same without care: they give up, little by little
    (dict(members=4, elasticity=0.67, productivity=3.7, forcing=1, start_effort=0.6, adjustment=0.71), 9),
    # a larger group
    (dict(members=41, elasticity=0.62, by_need=0.55, care=0.05, pressure=0.02), 4),
]
