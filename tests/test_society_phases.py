"""The C that the society's phases are timed against: it must leave the same bits, or the timing says nothing."""

import os
import shlex
import shutil
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import society_phases  # noqa: E402
from society_year import everything_on  # noqa: E402

YEARS = range(society_phases.FIRST, society_phases.LAST)
# 2 * 16 + 5 places: with full groups of a sum and a rest; few people, and communities that end.
SMALL = dict(n_places=37, n_founders=30, n_communities=4, n_founded=3, split_size=30, minimum=5)

CC = shlex.split(os.environ.get("CC", "")) or [cc for cc in ("cc", "gcc", "clang") if shutil.which(cc)][:1]
pytestmark = pytest.mark.skipif(not CC, reason="no C compiler; CC names one")


@pytest.fixture(scope="module")
def lived():
    """A small world, and what it looked like before each phase of sixteen years."""
    kept = society_phases.kept_from(everything_on().but(**SMALL), 1)
    return kept, kept.live(YEARS)


@pytest.mark.society
def test_the_phases_make_a_year_of_the_engines(lived):
    from bestowal.simulation import engine

    kept, before = lived
    states = engine.course(everything_on().but(**SMALL), 1, society_phases.FIRST, society_phases.LAST)
    for k, (state, _) in enumerate(states):
        if k + 1 < len(YEARS):
            kept.flat[:] = before["begin."][k + 1]
            for name, mine, theirs in zip(state._fields, kept.state, state, strict=True):
                assert mine.tobytes() == theirs.tobytes(), f"{name} after year {YEARS[k]}"


@pytest.mark.society
def test_c_leaves_the_same_bits(lived, tmp_path):
    kept, before = lived
    assert society_phases.differing(kept, before, society_phases.built(CC, tmp_path), YEARS) == []


# A fault in each phase, most of them no more than another order of operations.
FAULTS = {
    "draw_luck": ("FAMILY, WORDS(2, 0)", "LEARN, WORDS(2, 0)"),
    "prepare": ("ratio[i] = x;", "ratio[i] = x * (1.0 + 1e-15);"),
    "work": ("total(OF(EFFORT), size) / n", "total(OF(EFFORT), size) * (1.0 / n)"),
    "measure_intention": ("giving[i] * breadth[i]", "giving[i] * (1.0 - (1.0 - breadth[i]))"),
    "aid": ("steady += gross / IN(SHOCK)", "steady += gross * (1.0 / IN(SHOCK))"),
    "share": ("0.5 * expected[i] * given[i]", "0.5000000000000001 * expected[i] * given[i]"),
    "measure_sharing": ("- (double)k + 1.0", "- ((double)k - 1.0000000000001)"),
    "relapse": ("rate * (native[i] - screen[i])", "(rate * native[i] - rate * screen[i])"),
    "perceive": ("rate * (seen - belief[i])", "(rate * seen - rate * belief[i])"),
    "imitate": ("s->crowd_from[n++] = i", "s->crowd_from[n++] = lo"),
    "practise": ("screen[i] > height[i] ? screen[i]", "screen[i] > height[i] ? 0.5 * height[i]"),
    "value_lives": ("payoff[i] + bond * motive[i]", "bond * (payoff[i] / bond + motive[i])"),
    "departures": ("dies ? DIED : LEFT", "dies ? LEFT : DIED"),
    "newcomers": ("20.0 + 25.0 * uniform(w3[i])", "20.0 + 25.0 * uniform(w2[i])"),
}


@pytest.mark.society
def test_a_fault_in_any_phase_is_named(lived, tmp_path):
    kept, before = lived
    text = (BENCHMARKS / "society_phases.c").read_text()
    for right, wrong in FAULTS.values():
        assert text.count(right) == 1, right
        text = text.replace(right, wrong)
    faulty = tmp_path / "faulty.c"
    faulty.write_text(text)
    told = society_phases.differing(kept, before, society_phases.built(CC, tmp_path, faulty), YEARS)
    twins = {name for name in society_phases.phases() if not name.endswith(".")}
    assert twins == set(FAULTS) == {line.split(",")[0] for line in told}
