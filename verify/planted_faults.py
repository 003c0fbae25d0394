"""Plants faults in a copy of the society model, one at a time, and says which test sees each. About a minute a fault.

python verify/planted_faults.py            exit status 1 when a fault goes unseen
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOCIETY = "bestowal/models/society"

# file, what stands there, what is planted, in words
FAULTS = [
    ("work.py", "(n - 1.0) / n", "1.0", "care counts oneself twice"),
    ("work.py", "1.0 / n + alpha", "1.0 / (n - 1.0) + alpha", "off by one in community size"),
    ("work.py", "(1.0 - crowding_out * coercion)", "(1.0 + crowding_out * coercion)", "coercion crowds in"),
    ("work.py", "matching * belief)", "belief)", "matching ignored"),
    ("work.py", "pride * threat * (1.0 - breadth)", "pride * threat * breadth", "threat binds the universal giver"),
    ("sharing.py", "+ saving * s.community[GROSS, c] - eaten", "+ saving * s.community[GROSS, c]", "eaten capital is kept"),
    ("sharing.py", "pot -= paid", "pot -= 0.0", "debt is served for nothing"),
    ("sharing.py", "gap = need - own[i]", "gap = need + own[i]", "the guarantee tops up the wrong people"),
    ("rule.py", "(1.0 - p.accountability)", "p.accountability", "rent rises with accountability"),
    ("membership.py", "steepness * (outside[i] - inside[i])", "steepness * (inside[i] - outside[i])", "the contented leave"),
    ("membership.py", "s.tally[DIED] += 1.0", "s.tally[DIED] += 0.0", "deaths uncounted"),
    ("perception.py", "rate * (seen - belief[i])", "rate * (belief[i] - seen)", "beliefs run away from what is seen"),
    ("learning.py", "(payoff - s.person[PAYOFF, i])", "(s.person[PAYOFF, i] - payoff)", "failure is imitated"),
    ("learning.py", "rate * (native[i] - screen[i])", "rate * (0.0 - screen[i])", "relapse to one level for all"),
    ("contests.py", "for c in range(n):\n        s.community[DAMAGE, c]", "for c in range(0):\n        s.community[DAMAGE, c]", "war leaves no damage"),
    ("votes.py", "wants_up = (rise > stay)", "wants_up = (rise < stay)", "people vote against their gain"),
    ("entry.py", "s.crowd[MOTIVE, k] < p.screening_bar", "s.crowd[MOTIVE, k] > p.screening_bar", "the other-regarding are turned away"),
    ("entry.py", "applicant(c, year, k)", "applicant(c, year, members(p, s, c) + k)", "applicants named by a running count"),
    ("surroundings.py", "= lognormal(p.shock_sd", "= 1.1 * lognormal(p.shock_sd", "shocks raise mean product"),
    ("state.py", "0.5 * sd * sd", "0.0 * sd * sd", "mean ability and luck above 1"),
]  # fmt: skip


def seen_by(file: str, there: str, planted: str) -> str:
    """The first test that fails with the fault in place, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tree"
        for part in ("bestowal", "tests", "pyproject.toml"):
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy / part)
        target = copy / SOCIETY / file
        text = target.read_text(encoding="utf-8")
        target.write_text(text.replace(there, planted), encoding="utf-8")
        found = []
        # The pinned bits see every change there is: left out, so that a test of meaning has to.
        for tests in (["tests/test_society.py", "-k", "not bits"], ["tests/test_society_twin.py"]):
            command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
            environment = {"PYTHONPATH": str(copy), "BESTOWAL_CACHE": str(copy / "cache"), "PATH": "/usr/bin:/bin"}
            told = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
            failed = re.search(r"^(?:FAILED|ERROR) \S+?::(\S+)", told.stdout, re.MULTILINE)
            found.append(failed.group(1) if failed else "")
        return " and ".join(name for name in found if name)


if __name__ == "__main__":
    for file, there, _, _ in FAULTS:
        if there not in (ROOT / SOCIETY / file).read_text(encoding="utf-8"):
            raise SystemExit(f"{file}: nothing reads {there!r} any more")
    unseen = 0
    for file, there, planted, words in FAULTS:
        by = seen_by(file, there, planted)
        unseen += not by
        print(f"{'seen  ' if by else 'UNSEEN'}  {words} ({file}): {by or 'no test'}", flush=True)
    print(f"{len(FAULTS) - unseen} of {len(FAULTS)} seen")
    sys.exit(unseen > 0)
