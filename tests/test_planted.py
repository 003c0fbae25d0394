"""What an answer says of planted societies, whose causes are known because they were put there."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from bestowal.questions.kinds.survival.compute import standing
from bestowal.questions.levers import paired, read
from bestowal.questions.outcomes import Outcome
from bestowal.report import answer_sentences as sentences

WORLDS = 400


def chances(salt: int) -> np.ndarray:
    """A number between 0 and 1 for each world."""
    return np.random.default_rng([11, salt]).random(WORLDS)


def test_no_effect_at_all() -> None:
    before = chances(0) < 0.3
    found = paired(before, before)
    assert (found.effect.estimate, found.sufficiency.estimate, found.necessity.estimate) == (0, 0, 0)
    assert found.ruined.estimate == 0
    # Some world might still differ: of 400, 2.77 / 402 on each side.
    assert found.effect.low == pytest.approx(-0.0069, abs=1e-4) and found.effect.high == -found.effect.low
    assert read(found.effect, 0.05) == "no difference that matters"


def test_redrawn_random_numbers_are_known_by_their_redrawn_values() -> None:
    """A change with no effect but other random numbers saves 28 % of the worlds that failed and ruins 72 % of those
    that succeeded. Each share is within four standard errors of its value if the runs are independent."""
    found = paired(chances(0) < 0.28, chances(1) < 0.28)
    before, after = found.before.estimate, found.success.estimate
    assert before is not None and after is not None
    for share, redrawn in ((found.sufficiency, after), (found.necessity, 1 - before), (found.ruined, 1 - after)):
        assert share.estimate == pytest.approx(redrawn, abs=4 * (0.28 * 0.72 / share.n) ** 0.5)
    assert found.sufficiency.estimate > 0.2 and found.necessity.estimate > 0.6  # high, and by chance alone
    assert not found.effect.excludes(0)


def test_two_levers_each_enough_alone_are_both_necessary_and_the_words_say_what_that_means() -> None:
    history = chances(0) < 0.05
    one = other = np.ones(WORLDS, bool)
    both = paired(history, one | other)
    for found in (paired(history, one), paired(history, other), both):
        assert (found.sufficiency.estimate, found.necessity.estimate) == (1, (~history).mean())
    # Beside the first, the second adds nothing: with the one made, the other is not necessary.
    assert paired(one, one | other).necessity.estimate == 0
    assert "two changes that are each enough alone are both 100\u00a0% necessary" in sentences.CAUSATION


def test_levers_that_only_work_together_do_nothing_alone() -> None:
    history = chances(0) < 0.05
    together = history | (chances(1) < 0.9)
    assert paired(history, history).sufficiency.estimate == 0
    found = paired(history, together)
    assert found.sufficiency.low < 0.9 < found.sufficiency.high and found.ruined.estimate == 0


def test_a_lever_that_harms_is_seen_in_the_worlds_it_ruins() -> None:
    # It saves a tenth of the worlds that failed, and ruins three quarters of the half that succeeded.
    before = chances(0) < 0.5
    after = np.where(before, chances(1) < 0.25, chances(1) < 0.1)
    found = paired(before, after)
    assert found.ruined.low < 0.75 < found.ruined.high and found.ruined.n == before.sum()
    assert found.sufficiency.low < 0.1 < found.sufficiency.high
    assert read(found.effect, 0.05) == "lowers"


def test_where_every_world_succeeds_already_there_is_nothing_to_save() -> None:
    everywhere = np.ones(WORLDS, bool)
    found = paired(everywhere, everywhere)
    assert found.sufficiency.n == 0 and found.sufficiency.estimate is None
    assert (found.necessity.estimate, found.ruined.estimate) == (0, 0)
    # A change that saves nobody, since nobody is lost, can still ruin.
    assert paired(everywhere, ~everywhere).ruined.estimate == 1


@pytest.mark.parametrize(("years", "later"), [(7, 7), (0, 0), (7, 12), (19, 19)])
def test_where_everything_falls_in_one_year_every_number_can_be_kept(years: int, later: int) -> None:
    def fallen(year: int) -> Outcome:
        return Outcome(np.zeros((WORLDS, 1), bool), np.full(WORLDS, float(year)), np.ones(WORLDS, bool))

    found = standing({"a": fallen(years), "b": fallen(later)}, 20, "a")
    json.dumps(asdict(found), allow_nan=False)
    change = found.runs[1]
    assert change.difference is not None and change.difference.estimate == later - years
    assert change.difference.low < later - years < change.difference.high
    # With one year in which anything ends, there is nothing by which to order two runs.
    assert (change.logrank_p is None) == (years == later)
