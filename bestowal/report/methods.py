"""The methods paragraph of an answer or a run, in sentences that a paper can use as they are."""

from bestowal.models.registry import load
from bestowal.questions.answer import Answer
from bestowal.questions.question import HISTORY, TESTED
from bestowal.simulation.scenario import Scenario

RANDOM_NUMBERS = (
    "Random numbers are Philox4x32-10 (Salmon et al. 2011), and each is addressed by the seed, the world, the year, "
    "the person and the purpose."
)
MEANS = "Means over worlds have Student's t intervals at the 95 % level."
SHARES = (
    "P(success) has Wilson's 95 % interval (Wilson 1927), with the one-sided Poisson limit for one to three successes "
    "or failures (Brown et al. 2001), and that of Clopper & Pearson (1934) for fewer than 16 worlds."
)
EFFECTS = (
    "A change's effect is the difference of P(success) paired world by world, with the adjusted Wald interval of "
    "Bonett & Price (2012). Its probabilities of sufficiency and of necessity (Pearl 1999) are shares of those worlds "
    "that failed without it, and of those that succeed with it."
)


def of_answer(answer: Answer, version: str) -> str:
    """Return what was simulated for an answer, how it was judged, and how to find it again."""
    question = answer.question
    base = question.base
    step = load(base.model).step
    changes = len(question.levers)
    arms = "as stated" if answer.test_changes_nothing else f"as stated, and as stated with a test ({_test(answer)})"
    criteria = "; ".join(part.label for part in question.success)
    sentences = [
        f"We simulated the scenario “{answer.scenario_title}” with the model `{base.model}` of bestowal {version} for "
        f"{base.years} {step}s from {base.first_year}, in {_worlds(answer.worlds, base.seed)}.",
        f"The scenario was run {arms}; each of {changes} change{'s' if changes != 1 else ''} was run in the same worlds"
        f"{'' if answer.test_changes_nothing else ' under the same test'}, each alone and at one size.",
        RANDOM_NUMBERS,
        "All runs share them (common random numbers), so that two runs of one world differ only by what the change "
        "causes.",
        f"A run succeeds if it meets all criteria at its end: {criteria}.",
        SHARES,
        EFFECTS,
        _number_of_worlds(answer),
        f"The answer's id is {answer.id}; the key of the scenario's run is {answer.keys[HISTORY]}"
        f"{'' if answer.test_changes_nothing else f', with the test {answer.keys[TESTED]}'}.",
    ]
    return " ".join(sentences)


def of_run(scenario: Scenario, key: str, worlds: int, version: str) -> str:
    """Return what was simulated in a run, with which random numbers and intervals, and its key."""
    step = load(scenario.model).step
    return " ".join(
        [
            f"We simulated the scenario “{scenario.title}” with the model `{scenario.model}` of bestowal {version} for "
            f"{scenario.years} {step}s from {scenario.first_year}, in {_worlds(worlds, scenario.seed)}.",
            RANDOM_NUMBERS,
            "Runs with the same seed share them (common random numbers), so that two scenarios compared world by world "
            "differ only by what they state.",
            MEANS,
            f"The key of the run is {key}.",
        ]
    )


def _worlds(worlds: int, seed: int) -> str:
    many = f"{worlds} worlds (independent replicates" if worlds != 1 else "one world (a replicate"
    return f"{many}; seed {seed})"


def _test(answer: Answer) -> str:
    """What the test sets, and when: "exit_right = 1 from 1982"."""
    test = answer.question.test
    values = ", ".join(f"{name} = {value:g}" for name, value in test.values.items())
    return f"{values} from {answer.first_year + test.year}"


def _number_of_worlds(answer: Answer) -> str:
    growth = answer.growth
    if growth.stopped == "asked":
        return "The number of worlds was set beforehand."
    if growth.stopped == "budget":
        return f"Worlds were added to the first {growth.first_worlds} up to the limit of {growth.most_worlds}."
    narrow = f"no interval of P(success) or of an effect was wider than {growth.narrow:g}"
    if answer.worlds == growth.first_worlds:
        return f"Of the first {answer.worlds} worlds, whose number was set beforehand, {narrow}; no more were run."
    return f"Worlds were added to the first {growth.first_worlds} until {narrow}, and for no other reason."
