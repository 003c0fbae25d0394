"""Plants faults in a copy of the models, one at a time, and says which checks see each. About a minute a fault.

Three checks, each up to its first failure:

    tests   the society's own, without the pinned bits, which see every change there is; else the contract suite
    twin    the slow plain twin
    claims  of a published model: one disagrees that doesn't without the fault

python verify/planted_faults.py [--only MODEL ...] [--about TEXT]     exit status 1 when a fault goes unseen
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

ROOT = Path(__file__).parent.parent
MODELS = "bestowal/models"
AT_ONCE = 2  # faults

CLAIMS = """
import itertools, sys
from bestowal.claims import check
model, most, *known = sys.argv[1:]
found = (v.claim.id for v in check(model, threads=1) if v.outcome == "disagrees" and v.claim.id not in known)
print(*itertools.islice(found, int(most)))
"""


class Fault(NamedTuple):
    """`there`, which stands in the file so many times, gives way to `planted`."""

    file: str
    there: str
    planted: str
    words: str
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
    ("boyd_2003.py", " & (not chance(w0[i], error))", "", "errors ignored"),
    ("boyd_2003.py", "* others / size", "* others / (size - 1.0)", "punishment shared among one too few"),
    ("boyd_2003.py", "others = punishers - punishes", "others = np.float64(punishers)", "punishers punish themselves"),
    ("boyd_2003.py", "(d_b - d_a) / 2.0", "(d_a - d_b) / 2.0", "the group with more defectors wins"),
    ("boyd_2003.py", "types, after = small[NOW], small[NEXT]\n", "after = small[NEXT]\n    after[:] = small[NOW]\n    types = after\n", "imitation from types already changed"),
    ("fischbacher_gachter_2010.py", "p.other_base + p.other_slope * b", "p.other_base", "slope of the other schedule ignored"),
    ("fischbacher_gachter_2010.py", "(pot - given[i]) / (p.group_size - 1)", "pot / p.group_size", "mean of the others includes oneself"),
    ("fischbacher_gachter_2010.py", "+ p.return_rate * pot", "+ p.return_rate * (pot - given[i])", "one's own gift returns nothing"),
    ("hauert_2007.py", "met = (p.sample - 1.0)", "met = p.sample", "off by one in the size of the sample"),
    ("hauert_2007.py", "(contributors - 1.0) * each", "contributors * each", "a contributor meets itself"),
    ("hauert_2007.py", "log(f[common]) - log(f[mutant])", "log(f[mutant]) - log(f[common])", "the less fit take over in the exact chain"),
    ("hauert_2007.py", "other(p, child, below(kind, n_other))", "other(p, -1, below(kind, n_other + 1))", "a mutant may keep its type"),
    ("nowak_may_1992.py", "cells[i + 1] = strategy", "cells[i + 1] = strategy\n            here[i + 1] = best", "cells read what was just written"),
    ("nowak_may_1992.py", "np.int8(1 - p.self_included)", "np.int8(0)", "always plays with itself"),
    ("nowak_may_1992.py", "other > np.int8(best | np.int8(1))", "other > best", "a C of equal score takes over a D"),
    ("ohtsuki_2006.py", "1.0 - p.selection + p.selection * payoff", "1.0 - p.selection - p.selection * payoff", "the less fit are picked"),
    ("ohtsuki_2006.py", "np.int64(p.update == IMITATION)", "np.int64(0)", "imitation leaves the own strategy out"),
    ("ohtsuki_2006.py", "p.cost * degree", "p.cost", "the cost is paid once, not for each neighbour"),
    ("public_goods.py", "(pot - s.people[GIVEN, i]) / (p.group_size - 1)", "pot / p.group_size", "mean of the others includes oneself"),
    ("public_goods.py", "alpha * (1.0 - p.crowding_out * p.punishment)", "alpha * (1.0 + p.crowding_out * p.punishment)", "punishment crowds in"),
    ("public_goods.py", "min(1.0, exp(level))", "exp(level)", "care for others beyond that for oneself"),
    ("riolo_2001.py", "p.strict == 0", "p.strict == 1", "strict and weak inequality exchanged"),
    ("riolo_2001.py", "score[j] > score[i]", "score[j] >= score[i]", "an equal score is copied"),
    ("riolo_2001.py", "max(0.0, tolerance + p.tolerance_step * normals(w0, w1)[0])", "tolerance + p.tolerance_step * normals(w0, w1)[0]", "tolerances below 0"),
    ("sen_1966.py", "p.care * (p.members - 1.0)", "p.care * p.members", "care counts oneself twice"),
    ("sen_1966.py", "total = others + effort[j]", "total = others + old", "all answer what the others did in the last round"),
    ("sen_1966.py", "p.pressure * (1.0 - 1.0 / p.members)", "p.pressure", "the mean that presses never includes oneself"),
    ("traulsen_nowak_2006.py", "b * (k - 1) / (s - 1)", "b * k / (s - 1)", "own help counted"),
    ("traulsen_nowak_2006.py", "below(w0, s) < k", "below(w0, s - 1) < k - kind", "the newborn never dies"),
    ("traulsen_nowak_2006.py", "g = other(state.words[2, i], g, m)", "g = below(state.words[2, i], m)", "migrants may stay"),
    ("traulsen_nowak_pacheco_2006.py", "p.strength * (f1 - f2)", "p.strength * (f2 - f1)", "the worse-off are copied", 2),
    ("traulsen_nowak_pacheco_2006.py", "p.first_first * (k - 1)", "p.first_first * k", "own payoff counted"),
    ("traulsen_nowak_pacheco_2006.py", "math.floor(log(uniform(word))", "1.0 + math.floor(log(uniform(word))", "skipped waits are one too long"),
    ("hammond_axelrod_2006.py", "s.newborn[n_newborn] = np.uint64(site)\n", "s.newborn[n_newborn] = np.uint64(site)\n        s.words[3, site] = np.uint32(0xFFFFFFFF)\n", "newborns exempt from death"),
    ("hammond_axelrod_2006.py", "below(words[1, j], p.colours - 1)\n            other += np.int64(other >= colour)\n", "below(words[1, j], p.colours)\n", "a mutant may keep its colour"),
    ("hammond_axelrod_2006.py", "(differ & np.uint16(one >> _1))", "(differ & one)", "others are helped by the bit for one's own"),
    ("hammond_axelrod_2006.py", "(np.uint64(turn[i]) << _32) | np.uint64(i)", "np.uint64(i)", "births in the order of sites"),
]]  # fmt: skip


def seen_by(model: str, fault: Fault | None = None, known: Collection[str] = ()) -> list[str]:
    """What fails in tests, twin and claims with the fault in place: the first of each, or all claims without a fault.

    `known` are the claims that disagree anyway.
    """
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
            told = run("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *choice)
            failed = re.search(r"^(?:FAILED|ERROR) \S+?::(\S+)", told.stdout, re.MULTILINE)
            if not failed and told.returncode:
                raise SystemExit(f"{choice}: {told.stdout}{told.stderr}")
            return failed.group(1) if failed else ""

        if model == "society":
            return [test("tests/test_society.py", "-k", "not bits"), test("tests/test_society_twin.py"), ""]
        claims = run("-c", CLAIMS, model, "1" if fault else "1000", *known)
        if claims.returncode:  # what does not run is no fault of meaning
            raise SystemExit(f"{model}, {fault.words if fault else 'no fault'}: {claims.stderr}")
        return [
            test("tests/test_every_model.py", "-k", model),
            test("tests/test_second.py", "-k", model),
            claims.stdout.strip(),
        ]


def show(*cells: str) -> None:
    print("  ".join(cell.ljust(width) for cell, width in zip(cells, (51, 27, 5, 4, 6, 0), strict=True)), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Which checks see which faults.")
    models = list(dict.fromkeys(fault.model for fault in FAULTS))
    parser.add_argument(
        "--only", metavar="MODEL", nargs="+", choices=models, default=models, help="the faults of these"
    )
    parser.add_argument("--about", metavar="TEXT", default="", help="of these, the faults whose row has this in it")
    chosen = parser.parse_args()
    faults = [
        fault for fault in FAULTS if fault.model in chosen.only and any(chosen.about in str(part) for part in fault)
    ]
    models = list(dict.fromkeys(fault.model for fault in faults))
    for fault in faults:
        found = (ROOT / MODELS / fault.file).read_text(encoding="utf-8").count(fault.there)
        if found != fault.times:
            raise SystemExit(f"{fault.file}: {fault.there!r} stands there {found} times, not {fault.times}")
    unseen = 0
    show("fault", "model", "tests", "twin", "claims", "the first that fail")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        sound = dict(zip(models, pool.map(seen_by, models), strict=True))
        for model, (tests, twin, _) in sound.items():
            if tests or twin:
                raise SystemExit(f"{model}: {tests or twin} fails without any fault")
        seen = pool.map(lambda fault: seen_by(fault.model, fault, sound[fault.model][2].split()), faults)
        for fault, by in zip(faults, seen, strict=True):
            unseen += not any(by)
            marks = ["seen" if name else "-" for name in by]
            show(fault.words, fault.model, *marks, ", ".join(filter(None, by)) or "UNSEEN")
    print(f"{len(faults) - unseen} of {len(faults)} seen")
    return int(unseen > 0)


if __name__ == "__main__":
    sys.exit(main())
