"""Plants faults in a copy of the models, one at a time, and says which checks see each. About a minute a fault.

Three checks, the first two up to their first failure:

    tests   the society's own, without the pinned bits, which see every change there is; else the contract suite
    twin    the slow plain twin
    claim   of a published model: the one its row names disagrees, and agrees without the fault

Where a row names no claim, NO_CLAIM says why no number of the paper can see the fault.

python verify/planted_faults.py [--only MODEL ...] [--about TEXT] [--claims]

Exit status 1 when a fault goes unseen, or the claim of its row doesn't see it; --claims runs those claims alone.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from bestowal.claims.paper import paper

ROOT = Path(__file__).parent.parent
MODELS = "bestowal/models"
AT_ONCE = 2  # faults

CLAIMS = """
import sys
from bestowal.claims.paper import check
model, *only = sys.argv[1:]
print(*(v.claim.id for v in check(model, only=only, threads=1) if v.verdict == "disagrees"))
"""


class Fault(NamedTuple):
    """`there`, which stands in the file so many times, gives way to `planted`; `claim` is the id of one that sees it."""

    file: str
    there: str
    planted: str
    words: str
    claim: str = ""
    times: int = 1

    @property
    def model(self) -> str:
        return Path(self.file).parts[0].removesuffix(".py")


FAULTS = [Fault(*row) for row in [
    ("society/work.py", "(n - 1.0) / n", "1.0", "care counts oneself twice"),
    ("society/work.py", "1.0 / n + alpha", "1.0 / (n - 1.0) + alpha", "off by one in community size"),
    ("society/work.py", "(1.0 - crowding_out * coercion)", "(1.0 + crowding_out * coercion)", "coercion crowds in"),
    ("society/work.py", "belief[i], matching)", "belief[i], 1.0)", "matching ignored"),
    ("society/work.py", "pride * threat * (1.0 - breadth)", "pride * threat * breadth", "threat binds the universal giver"),
    ("society/sharing.py", "+ saving * s.community[GROSS, c] - eaten", "+ saving * s.community[GROSS, c]", "eaten capital is kept"),
    ("society/sharing.py", "pot -= paid", "pot -= 0.0", "debt is served for nothing"),
    ("society/sharing.py", "gap = need - paid", "gap = need + paid", "the guarantee tops up the wrong people"),
    ("society/entry.py", "come(p, s, first, c + 1,", "come(p, s, first, c,", "the last community of a crowd gets nobody"),
    ("society/entry.py", "crowd - begin[c] < room", "crowd < room", "nobody knocks behind another community's crowd"),
    ("society/state.py", "for row in SUMMED:", "for row in (PRACTISING,):", "the departed are summed"),
    ("society/measures.py", "np.uint32(bucket[i] + 1)", "np.uint32(bucket[i])", "buckets begin one too far"),
    ("society/measures.py", "out[COLUMN.debt] = sums[SUM_DEBT] / n", "out[COLUMN.debt] = sums[SUM_CAPITAL] / n", "capital is shown as debt"),
    ("society/measures.py", "out[COLUMN.ability] = sums[SUM_ABILITY] / n", "out[COLUMN.ability] = sums[SUM_BREADTH] / n", "breadth is shown as ability"),
    ("society/measures.py", "out[COLUMN.belief] = sums[SUM_BELIEF] / n", "out[COLUMN.belief] = sums[SUM_EFFORT] / n", "effort is shown as belief"),
    ("society/measures.py", "out[COLUMN.wish_to_leave] = sums[SUM_WISHING] / n", "out[COLUMN.wish_to_leave] = 0.5", "half wish to leave in every year"),
    ("society/measures.py", "        out[COLUMN.harm] = sums[SUM_HARM] / n\n", "", "harm is never written"),
    ("society/measures.py", "tally[POOR]\n    out[COLUMN.ended_crushed] = tally[CRUSHED]", "tally[CRUSHED]\n    out[COLUMN.ended_crushed] = tally[POOR]", "ended in want and crushed exchanged"),
    ("society/measures.py", "out[COLUMN.gini] = sums[SUM_GINI] / n", "out[COLUMN.gini] = sums[SUM_GINI] / (n - s.community[WORKERS, 0])", "mean Gini over one community too few"),
    ("society/measures.py", "n = sums[SUM_PERSONS]", "n = np.float64(count(s.alive))", "means over the members at the year's end"),
    ("society/measures.py", "sums[SUM_ACROSS] / free if", "sums[SUM_ACROSS] / given if", "scope as a share of all effort"),
    ("society/measures.py", "standing / founded", "standing / p.n_communities", "standing over rooms, not communities founded"),
    ("society/measures.py", "sums[SUM_NEED_MET] += n * met", "sums[SUM_NEED_MET] += p.n_founders * met", "need met weighed by the members at the start"),
    ("society/measures.py", "sums[SUM_OUTPUT] += s.community[GROSS, c]", "sums[SUM_OUTPUT] += s.community[MADE, c]", "output without what synergy adds"),
    ("society/measures.py", "k = compress(alive, s.person[CONSUMPTION, lo:hi], scratch)", "k, scratch[:] = alive.size, s.person[CONSUMPTION, lo:hi]", "empty places counted in the Gini"),
    ("society/measures.py", "(n + 9) // 10", "n // 10 + 1", "one too many in the worst-off tenth of 10, 20, …"),
    ("society/year.py", "            measure_after(s, c)\n            decide(p, s, c, seed, world, year)\n", "            decide(p, s, c, seed, world, year)\n            measure_after(s, c)\n", "debt and capital without the communities that end"),
    ("society/rule.py", "(1.0 - p.accountability)", "p.accountability", "rent rises with accountability"),
    ("society/membership.py", "steepness * (leave - stay)", "steepness * (stay - leave)", "the contented leave"),
    ("society/membership.py", "s.tally[DIED] += 1.0", "s.tally[DIED] += 0.0", "deaths uncounted"),
    ("society/perception.py", "seen, rate, sd *", "seen, -rate, sd *", "beliefs run away from what is seen"),
    ("society/learning.py", "payoff - s.person[PAYOFF, i]", "s.person[PAYOFF, i] - payoff", "failure is imitated"),
    ("society/learning.py", "rate * (native[i] - screen[i])", "rate * (0.0 - screen[i])", "relapse to one level for all"),
    ("society/contests.py", "for c in range(n):\n        s.community[DAMAGE, c]", "for c in range(0):\n        s.community[DAMAGE, c]", "war leaves no damage"),
    ("society/votes.py", "wants_up = (rise > stay)", "wants_up = (rise < stay)", "people vote against their gain"),
    ("society/votes.py", "4 * admissions < admissions + others", "2 * admissions < admissions + others", "few entrants are never the cause"),
    ("society/votes.py", "ate >= p.need * effort", "ate >= p.need", "hunger is never put down to idleness"),
    ("society/entry.py", "s.crowd[MOTIVE, k] < p.screening_bar", "s.crowd[MOTIVE, k] > p.screening_bar", "the other-regarding are turned away"),
    ("society/entry.py", "applicant(c, year, k)", "applicant(c, year, members(p, s, c) + k)", "applicants named by a running count"),
    ("society/surroundings.py", "= lognormal(p.shock_sd", "= 1.1 * lognormal(p.shock_sd", "shocks raise mean product"),
    ("society/state.py", "0.5 * sd * sd", "0.0 * sd * sd", "mean ability and luck above 1"),
    ("boyd_2003.py", " & (not chance(w0[i], error))", "", "errors ignored", "first-deeds"),
    ("boyd_2003.py", "* others / size", "* others / (size - 1.0)", "punishment shared among one too few", "lapse"),
    ("boyd_2003.py", "others = punishers - punishes", "others = np.float64(punishers)", "punishers punish themselves", "lapse"),
    ("boyd_2003.py", "(d_b - d_a) / 2.0", "(d_a - d_b) / 2.0", "the group with more defectors wins", "contests-favour-givers"),
    ("boyd_2003.py", "types, after = small[NOW], small[NEXT]\n", "after = small[NEXT]\n    after[:] = small[NOW]\n    types = after\n", "imitation from types already changed", "mutation-and-imitation"),
    ("boyd_2003.py", "    imitate(p, state, seed, world, year)\n    contests(p, state, seed, world, year)\n", "    small = state[0]\n    small[NEXT] = small[NOW]\n    contests(p, state, seed, world, year)\n    small[NOW] = small[NEXT]\n    imitate(p, state, seed, world, year)\n", "the contest comes before imitation", "imitation-before-contest"),
    ("boyd_2003.py", "defectors(p, after, a)\n                d_b = defectors(p, after, b)", "defectors(p, small[NOW], a)\n                d_b = defectors(p, small[NOW], b)", "the types before imitation decide the contest", "imitation-before-contest"),
    ("boyd_2003.py", "(a, b) if chance(words[2, a], 0.5 + (d_b - d_a) / 2.0) else (b, a)", "(a, b) if d_a <= d_b else (b, a)", "the group with fewer defectors is sure to win", "imitation-before-contest"),
    ("boyd_2003.py", "other(w1[i], g, groups) * size", "below(w1[i], groups) * size", "abroad may be one's own group", "imitation-before-contest"),
    ("boyd_2003.py", "faults = kept_back - (1.0 - does)", "faults = np.float64(kept_back)", "a punisher pays for its own lapse", "lapse"),
    ("boyd_2003.py", "* others / size * (1.0 - does)", "* others / size * np.float64(kinds[k] == D)", "a contributor's lapse goes unpunished", "lapse"),
    ("boyd_2003.py", "cost * does -", "cost * np.float64(kinds[k] != D) -", "a lapse costs as much as contributing", "lapse"),
    ("boyd_2003.py", "lo + other(w1[i], place, size)", "lo + below(w1[i], size)", "one may look at oneself", "nobody-copies-oneself"),
    ("boyd_2003.py", "            if chance(words[1, a], p.contest):\n", "            if chance(words[1, a], p.contest) or chance(words[1, b], p.contest):\n", "either group of a pair may start the fight", "extinction"),
    ("boyd_2003.py", "np.int8(1 + below(w2[i], 2))", "np.int8(below(w2[i], 3))", "a mutant may keep its type", "mutation-and-imitation"),
    ("boyd_2003.py", "after[i] = types[model] if chance(w3[i], share) else types[i]", "after[i] = types[model] if payoff[model] > payoff[i] else types[i]", "the better paid are always copied", "mutation-and-imitation"),
    ("fischbacher_gachter_2010.py", "p.other_base + p.other_slope * b", "p.other_base", "slope of the other schedule ignored", "schedule-other"),
    ("fischbacher_gachter_2010.py", "(pot - given[i]) / (p.group_size - 1)", "pot / p.group_size", "mean of the others includes oneself", "spread-third"),
    ("fischbacher_gachter_2010.py", "+ p.return_rate * pot", "+ p.return_rate * (pot - given[i])", "one's own gift returns nothing", "earnings"),
    ("fischbacher_gachter_2010.py", "clip(p.first_belief + p.first_belief_sd * z, 0.0, p.endowment)", "p.first_belief + p.first_belief_sd * z", "first beliefs are not held between the ends", "spread-third"),
    ("fischbacher_gachter_2010.py", "fill(seed, world, year, persons, MATCH, 0, words)", "fill(seed, world, 0, persons, MATCH, 0, words)", "groups stay together", "spread-third"),
    ("fischbacher_gachter_2010.py", "a = p.peak * (p.endowment - b) / (p.endowment - p.peak_at)", "a = p.peak", "a triangle's schedule never falls", "schedule-triangle"),
    ("fischbacher_gachter_2010.py", "p.seen_weight * seen + p.own_weight * belief[i]", "p.own_weight * seen + p.seen_weight * belief[i]", "the weights of what is seen and of the last belief change places", "belief-after-one"),
    ("fischbacher_gachter_2010.py", "clip(p.belief_constant + p.seen_weight", "clip(p.seen_weight", "the constant of the next belief is left out", "belief-after-one"),
    ("fischbacher_gachter_2010.py", "elif u < p.share_conditional + p.share_free:", "elif u < p.share_conditional + p.share_triangle:", "free riders are as many as triangle contributors", "stand-in-1"),
    ("hauert_2007.py", "met = (p.sample - 1.0)", "met = p.sample", "off by one in the size of the sample", "fine-needed"),
    ("hauert_2007.py", "(contributors - 1.0) * each", "contributors * each", "a contributor meets itself", "voluntary-punishers-paper"),
    ("hauert_2007.py", "log(f[common]) - log(f[mutant])", "log(f[mutant]) - log(f[common])", "the less fit take over in the exact chain", "voluntary-punishers-paper"),
    ("hauert_2007.py", "other(p, child, below(kind, n_other))", "other(p, -1, below(kind, n_other + 1))", "a mutant may keep its type", "two-types-neutral-pure"),
    ("hauert_2007.py", "p.fine_cost * met * y", "p.fine_cost * met * (y + z)", "punishers pay to punish loners", "voluntary-punishers-paper"),
    ("hauert_2007.py", "stays = p.loner_payoff * alone", "stays = 0.0", "who is left alone gets nothing", "voluntary-cooperators-paper"),
    ("hauert_2007.py", "for n in range(1, size):\n        x = n", "for n in range(1, size - 1):\n        x = n", "the last step to taking over is left out", "dilemma-above"),
    ("hauert_2007.py", "to_x = x * f[0]", "to_x = np.float64(x)", "cooperators' fitness does not count among individuals", "two-types-defection-share"),
    ("hauert_2007.py", "max(base + s * gives, 0.0)", "exp(s * (gives - 1.0))", "cooperators' fitness is exponential in payoff", "voluntary-cooperators-paper"),
    ("nowak_may_1992.py", "cells[i + 1] = strategy", "cells[i + 1] = strategy\n            here[i + 1] = best", "cells read what was just written", "single-second-step"),
    ("nowak_may_1992.py", "np.int8(1 - p.self_included)", "np.int8(0)", "always plays with itself", "single-endures-without-self"),
    ("nowak_may_1992.py", "other > np.int8(best | np.int8(1))", "other > best", "a C of equal score takes over a D", ""),
    ("nowak_may_1992.py", "met = np.int8(above[i] + above[i + 1] + above[i + 2])", "met = np.int8(above[i + 1])", "two of the corners are not played with", "single-third-step"),
    ("nowak_may_1992.py", "            best = better(best, above[i])\n", "", "nobody copies the neighbour at the upper left", "single-first-step"),
    ("nowak_may_1992.py", "lattice[0, column] = lattice[last, column] if wraps else BEYOND", "lattice[0, column] = BEYOND", "the torus is open on one side", "start"),
    ("nowak_may_1992.py", "= 0 if chance(s.words[0, column], p.start_defectors) else 1", "= 1 if chance(s.words[0, column], p.start_defectors) else 0", "start_defectors is the share of cooperators", "start"),
    ("nowak_may_1992.py", "s.cells[side // 2 + 1, side // 2 + 1] = 0", "s.cells[1, 1] = 0", "the single defector stands in a corner", "single-first-step"),
    ("ohtsuki_2006.py", "1.0 - p.selection + p.selection * payoff", "1.0 - p.selection - p.selection * payoff", "the less fit are picked", "ring-twenty-above"),
    ("ohtsuki_2006.py", "np.int64(p.update == IMITATION)", "np.int64(0)", "imitation leaves the own strategy out", "imitation-ring-below"),
    ("ohtsuki_2006.py", "p.cost * degree", "p.cost", "the cost is paid once, not for each neighbour", "ring-twenty-below"),
    ("ohtsuki_2006.py", "by_birth, own = p.update == BIRTH_DEATH, np.int64(p.update == IMITATION)", "by_birth, own = p.update == BIRTH_DEATH, np.int64(1)", "the one who dies competes for its own place", "ring-twenty-above"),
    ("ohtsuki_2006.py", "parent = picked(state.running, n, state.words[0, at])", "parent = below(state.words[0, at], n)", "birth-death parents are picked whatever their fitness", "birth-death-ring"),
    ("ohtsuki_2006.py", "p.selection * payoff, 0.0)", "p.selection * payoff / degree, 0.0)", "payoffs are means over neighbours, not sums", "ring-twenty-above"),
    ("ohtsuki_2006.py", "p.benefit * (degree - state.unlike[i])", "p.benefit * (degree - state.unlike[i] + 1)", "cooperators help themselves too", "ring-twenty-below"),
    ("ohtsuki_2006.py", "flip(state, below(w0, n)), np.int64(0)", "flip(state, NONE), np.int64(0)", "the first cooperator is always at node 0", "neutral-death-birth"),
    ("ohtsuki_2006.py", "    if p.graph == REGULAR:\n        exchange(p, state, seed, world)\n", "", "random regular graphs are rings", ""),
    ("ohtsuki_2006.py", "candidate = np.int64(ends[below(w0, there)])", "candidate = below(w0, v)", "newcomers link to anybody, not to those with many links", ""),
    ("public_goods.py", "(pot - s.people[GIVEN, i]) / (p.group_size - 1)", "pot / p.group_size", "mean of the others includes oneself", "spread-second"),
    ("public_goods.py", "alpha * (1.0 - p.crowding_out * p.punishment)", "alpha * (1.0 + p.crowding_out * p.punishment)", "punishment crowds in", "punished"),
    ("public_goods.py", "min(1.0, exp(level))", "exp(level)", "care for others beyond that for oneself", "inclusion-spread"),
    ("public_goods.py", "math.floor(endowment * share + 0.5)", "math.floor(endowment * share)", "gifts are rounded down", "half-a-token-goes-up"),
    ("public_goods.py", "clip(p.belief_start + p.belief_start_sd * z, 0.0, 1.0)", "p.belief_start + p.belief_start_sd * z", "first beliefs are not held between the ends", "first-belief-high"),
    ("public_goods.py", "if p.fixed_groups == 0:", "if p.fixed_groups == 1:", "groups that should be drawn anew stay together", "spread-third"),
    ("public_goods.py", "level = giver if chance(s.words[2, i], p.giver_share) else ordinary", "level = ordinary if chance(s.words[2, i], p.giver_share) else giver", "givers and ordinary people change places", "types-conditional"),
    ("public_goods.py", "p.endowment * seen, p.endowment * belief[i], p", "p.endowment * belief[i], p.endowment * seen, p", "the regression's two weights change places", "regression-seen-weight"),
    ("public_goods.py", "p.endowment // 2)", "p.endowment / 2)", "half of an odd endowment is not a whole token", "odd-endowment-half"),
    ("public_goods.py", "+ p.punishment * p.punished_giving", "+ p.punished_giving", "force is all or nothing", "punished"),
    ("riolo_2001.py", "p.strict == 0", "p.strict == 1", "strict and weak inequality exchanged", "one-tag"),
    ("riolo_2001.py", "score[j] > score[i]", "score[j] >= score[i]", "an equal score is copied", "no-selection"),
    ("riolo_2001.py", "max(0.0, tolerance + p.tolerance_step * normals(w0, w1)[0])", "tolerance + p.tolerance_step * normals(w0, w1)[0]", "tolerances below 0", "floor"),
    ("riolo_2001.py", "j = other(met[i], i, n)", "j = np.int64((np.uint64(met[i]) * np.uint64(n)) >> np.uint64(32))", "agents may meet themselves", "first-no-clones"),
    ("riolo_2001.py", "- cost * gifts[GIVEN, i]", "+ cost * gifts[GIVEN, i]", "giving pays the giver", "cost-0.6"),
    ("riolo_2001.py", "(apart < tolerance[i]) | ((apart == tolerance[i])", "(apart < tolerance[j]) | ((apart == tolerance[j])", "the tolerance of the one who gets decides", "three-pairings"),
    ("riolo_2001.py", "    gifts[:] = 0\n    reaches_equal", "    reaches_equal", "scores add up over generations", "three-pairings"),
    ("riolo_2001.py", "        traits[NEXT_TAG, i] = tag\n", "        traits[NEXT_TAG, i] = tag\n        traits[TAG, i] = tag\n        traits[TOLERANCE, i] = tolerance\n", "slots are filled one after another", "three-pairings"),
    ("riolo_2001.py", "j = other(words[0, i], i, n)", "j = np.int64((np.uint64(words[0, i]) * np.uint64(n)) >> np.uint64(32))", "an agent may be compared with itself", ""),
    ("sen_1966.py", "p.care * (p.members - 1.0)", "p.care * p.members", "care counts oneself twice", "effort-care-0-5-need-1"),
    ("sen_1966.py", "total = others + effort[j]", "total = others + old", "all answer what the others did in the last round", ""),
    ("sen_1966.py", "p.pressure * (1.0 - 1.0 / p.members)", "p.pressure", "the mean that presses never includes oneself", "pressure-0-5"),
    ("sen_1966.py", "(1.0 - p.by_need) * (1.0 - p.elasticity) * (1.0 - p.care)", "(1.0 - p.by_need) * (1.0 - p.elasticity)", "who cares takes from the others all the same", "effort-care-0-5-need-0"),
    ("sen_1966.py", "cost += 0.5 * effort[j] * effort[j]", "cost += effort[j] * effort[j]", "effort costs twice as much", "surplus-by-need"),
    ("sen_1966.py", "and worth - 0.5 * missing * missing >= 0.0", "and worth >= 0.0", "everybody fills the gap whatever it costs", "broken-budget-bad-equilibrium"),
    ("sen_1966.py", "mean * 2.0 * uniform(words[0, j])", "mean", "all start alike", "broken-budget-two"),
    ("sen_1966.py", "(1.0 - p.by_need) * (n - 1.0) / (n * eta)", "(1.0 - p.by_need) * (n - 1.0) / n", "the symmetric condition takes the marginal for the average product", "solved-care-0-need-0"),
    ("sen_1966.py", "effort[j] = old + p.adjustment * (best - old)", "effort[j] = best", "members always move all the way", ""),
    ("traulsen_nowak_2006.py", "b * (k - 1) / (s - 1)", "b * k / (s - 1)", "own help counted", "rare-splits-b2"),
    ("traulsen_nowak_2006.py", "below(w0, s) < k", "below(w0, s - 1) < k - kind", "the newborn never dies", "exact-births"),
    ("traulsen_nowak_2006.py", "g = other(state.words[2, i], g, m)", "g = below(state.words[2, i], m)", "migrants may stay", "exact-strong-migration"),
    ("traulsen_nowak_2006.py", "gone = other(w1, g, m)", "gone = (g + 1) % m", "the next group always makes room", ""),
    ("traulsen_nowak_2006.py", "g = above(state.running, m, r) if total > 0.0 else below(word, m)", "g = below(word, m)\n    r = (state.running[g - 1] if g > 0 else 0.0) + state.weight[g] * uniform(np.uint32((np.uint64(word) * np.uint64(m)) & np.uint64(0xFFFFFFFF)))", "every group bears as many", "exact-four-by-four"),
    ("traulsen_nowak_2006.py", "return g, np.int64(within < state.table[0, s, k])", "return g, np.int64(within * s < state.weight[g] * k)", "inside a group fitness does not count", "exact-four-by-four"),
    ("traulsen_nowak_2006.py", "bit = np.int64(words[j >> 5] >> np.uint32(j & 31)) & 1", "bit = np.int64(j < s // 2)", "a group splits into its cooperators and its defectors", "exact-frequent-splits"),
    ("traulsen_nowak_2006.py", "elif splitting or (0 < k and k < s):", "elif splitting:", "nobody dies in a full group", "exact-births"),
    ("traulsen_nowak_pacheco_2006.py", "p.strength * (f1 - f2)", "p.strength * (f2 - f1)", "the worse-off are copied", "hawks-mean", 2),
    ("traulsen_nowak_pacheco_2006.py", "p.first_first * (k - 1)", "p.first_first * k", "own payoff counted", "coordination-mean"),
    ("traulsen_nowak_pacheco_2006.py", "math.floor(log(uniform(word))", "1.0 + math.floor(log(uniform(word))", "skipped waits are one too long", "coordination-pure-skip"),
    ("traulsen_nowak_pacheco_2006.py", "z, mu = p.population, p.mutation", "z, mu = p.population, 0.5 * p.mutation", "a mutant may keep its strategy", "mutation-takes-the-other"),
    ("traulsen_nowak_pacheco_2006.py", "(z - k) / z * k / (z - 1) * logistic", "(z - k) / z * k / z * logistic", "players of the second strategy may look at themselves", "coordination-mean"),
    ("traulsen_nowak_pacheco_2006.py", "p.second_second * (z - k - 1)", "p.second_second * (z - k)", "the second strategy counts its own payoff", "coordination-mean"),
    ("traulsen_nowak_pacheco_2006.py", "up = (1.0 - mu) * (z - k)", "up = (z - k)", "mutants also copy the first strategy", "coordination-mean"),
    ("traulsen_nowak_pacheco_2006.py", "p.first_second * (z - k)) / (z - 1)", "p.first_second * (z - k)) / z", "the first strategy's payoff is a mean over everybody", "coordination-mean"),
    ("hammond_axelrod_2006.py", "s.newborn[n_newborn] = np.uint64(site)\n", "s.newborn[n_newborn] = np.uint64(site)\n        s.words[3, site] = np.uint32(0xFFFFFFFF)\n", "newborns exempt from death", "nobody-stays"),
    ("hammond_axelrod_2006.py", "below(words[1, j], p.colours - 1)\n            other += np.int64(other >= colour)\n", "below(words[1, j], p.colours)\n", "a mutant may keep its colour", "colours-anew"),
    ("hammond_axelrod_2006.py", "(differ & np.uint16(one >> _1))", "(differ & one)", "others are helped by the bit for one's own", "ethnocentric"),
    ("hammond_axelrod_2006.py", "(np.uint64(turn[i]) << _32) | np.uint64(i)", "np.uint64(i)", "births in the order of sites", ""),
    ("hammond_axelrod_2006.py", "- p.cost * given +", "+ p.cost * given +", "helping pays the helper", "fruitless-help"),
    ("hammond_axelrod_2006.py", "p.benefit * had", "p.benefit * given", "a help benefits the helper", "ethnocentric"),
    ("hammond_axelrod_2006.py", "chance(words[3, j], p.mutation)", "chance(words[2, j], p.mutation)", "the two bits mutate together", "humanitarian"),
    ("hammond_axelrod_2006.py", "og = np.int64(chance(w2, 0.5))", "og = np.int64(0)", "immigrants never help others", "immigrants-act"),
    ("hammond_axelrod_2006.py", "    immigrate(p, s, seed, world, year)\n    look(p, s)\n    meet(p, s)\n    fill(seed, world, year, s.sites, LIFE, 0, s.words)\n    n_newborn = bear(p, s, line_up(p, s))\n    mutate(p, s, n_newborn, seed, world, year)\n    die(p, s)\n", "    die(p, s)\n    immigrate(p, s, seed, world, year)\n    look(p, s)\n    meet(p, s)\n    fill(seed, world, year, s.sites, LIFE, 0, s.words)\n    n_newborn = bear(p, s, line_up(p, s))\n    mutate(p, s, n_newborn, seed, world, year)\n", "deaths come first in a period", "immigrants-only"),
    ("hammond_axelrod_2006.py", "    immigrate(p, s, seed, world, year)\n    look(p, s)\n    meet(p, s)\n    fill(seed, world, year, s.sites, LIFE, 0, s.words)\n    n_newborn = bear(p, s, line_up(p, s))\n    mutate(p, s, n_newborn, seed, world, year)\n    die(p, s)\n", "    look(p, s)\n    meet(p, s)\n    fill(seed, world, year, s.sites, LIFE, 0, s.words)\n    n_newborn = bear(p, s, line_up(p, s))\n    mutate(p, s, n_newborn, seed, world, year)\n    die(p, s)\n    immigrate(p, s, seed, world, year)\n", "immigrants come last and never die at once", "immigrants-only"),
    ("hammond_axelrod_2006.py", "east[last] = people[first]", "east[last] = EMPTY", "people on the eastern edge have no eastern neighbour", ""),
]]  # fmt: skip


NO_CLAIM = {  # words of a fault: why no number of the paper can see it
    "a C of equal score takes over a D": "at no temptation of the paper do a C and a D score alike",
    "random regular graphs are rings": "the paper says of them only on which side of 1/N they are: so are rings",
    "newcomers link to anybody, not to those with many links": "the paper gives no number for scale-free graphs",
    "an agent may be compared with itself": "one comparison in a hundred is lost, less than the error of the tables",
    "all answer what the others did in the last round": "the papers speak of the equilibrium, not of the way to it",
    "members always move all the way": "the papers speak of the equilibrium, not of the way to it",
    "the next group always makes room": "a group takes over as often on a directed ring as anywhere, for rare splits",
    "births in the order of sites": "run: 0.758 ethnocentric, density 0.624; no number of the paper moves by as much as its error",
    "people on the eastern edge have no eastern neighbour": "it concerns 50 of 2,500 sites, less than the error",
}


def seen_by(model: str, claims: Collection[str], fault: Fault | None = None, only_claims: bool = False) -> list[str]:
    """What fails in tests and twin, the first of each, and which of the claims disagree, with the fault in place."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in ("bestowal", "tests"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        if fault is not None:
            target = copy / MODELS / fault.file
            text = target.read_text(encoding="utf-8")
            target.write_text(text.replace(fault.there, fault.planted), encoding="utf-8")
        environment = {
            "PATH": os.defpath,
            "PYTHONPATH": str(copy),
            "BESTOWAL_CACHE": str(copy / "cache"),
            "BESTOWAL_STORE": str(copy / "store"),
        }

        def run(*command: str) -> subprocess.CompletedProcess[str]:
            whole = [sys.executable, *command]
            return subprocess.run(whole, cwd=copy, env=environment, capture_output=True, text=True, check=False)

        def test(*choice: str) -> str:
            if only_claims:
                return ""
            told = run("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *choice)
            failed = re.search(r"^(?:FAILED|ERROR) \S+?::(\S+)", told.stdout, re.MULTILINE)
            if not failed and told.returncode:
                raise SystemExit(f"{choice}: {told.stdout}{told.stderr}")
            return failed.group(1) if failed else ""

        if model == "society":
            return [test("tests/test_society.py", "-k", "not bits"), test("tests/test_society_twin.py"), ""]
        disagree = ""
        if claims:
            told = run("-c", CLAIMS, model, *claims)
            if told.returncode:  # what does not run is no fault of meaning
                raise SystemExit(f"{model}, {fault.words if fault else 'no fault'}: {told.stderr}")
            disagree = told.stdout.strip()
        return [
            test("tests/test_every_model.py", "-k", model),
            test("tests/test_reference.py", "-k", model),
            disagree,
        ]


def show(*cells: str) -> None:
    print("  ".join(cell.ljust(width) for cell, width in zip(cells, (66, 27, 5, 4, 6, 0), strict=True)), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Which checks see which faults.")
    models = list(dict.fromkeys(fault.model for fault in FAULTS))
    parser.add_argument(
        "--only", metavar="MODEL", nargs="+", choices=models, default=models, help="the faults of these"
    )
    parser.add_argument("--about", metavar="TEXT", default="", help="of these, the faults whose row has this in it")
    parser.add_argument("--claims", action="store_true", help="run nothing but the claim that each row names")
    given = parser.parse_args()
    faults = [
        fault
        for fault in FAULTS
        if fault.model in given.only
        and any(given.about in str(part) for part in fault)
        and (fault.model != "society" or not given.claims)
    ]
    models = list(dict.fromkeys(fault.model for fault in faults))
    for fault in faults:
        found = (ROOT / MODELS / fault.file).read_text(encoding="utf-8").count(fault.there)
        if found != fault.times:
            raise SystemExit(f"{fault.file}: {fault.there!r} stands there {found} times, not {fault.times}")
    named = {model: sorted({fault.claim for fault in faults if fault.model == model} - {""}) for model in models}
    known = {(model, claim.id): claim.known for model in models if model != "society" for claim in paper(model).claims}
    unseen = missed = 0
    show("fault", "model", "tests", "twin", "claim", "the first that fail")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        sound = dict(zip(models, pool.map(lambda m: seen_by(m, named[m], None, given.claims), models), strict=True))
        for model, by in sound.items():
            if any(by):
                raise SystemExit(f"{model}: {' '.join(filter(None, by))} fails without any fault")

        def planted(fault: Fault) -> list[str]:
            return seen_by(fault.model, [fault.claim] if fault.claim else [], fault, given.claims)

        for fault, by in zip(faults, pool.map(planted, faults), strict=True):
            unseen += not any(by) and not given.claims
            missed += bool(fault.claim) and not by[-1]
            marks = ["seen" if name else "-" for name in by]
            if by[-1]:
                by[-1] += f" ({known[fault.model, by[-1]]})"
            show(fault.words, fault.model, *marks, ", ".join(filter(None, by)) or NO_CLAIM.get(fault.words, "UNSEEN"))
    print(f"{len(faults) - unseen} of {len(faults)} seen, {sum(bool(f.claim) for f in faults) - missed} by a claim")
    return int(unseen + missed > 0)


if __name__ == "__main__":
    sys.exit(main())
