"""What is measured each year. Means weigh every member at work that year alike."""

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

from bestowal.models.registry import Observable

INF = float("inf")
PRODUCT = "product of a person-year"
NOBODY = "where nobody works"
UNGIVEN = "where nobody gives"
UNMOVED = "where nobody would give though all the others did"

OBSERVABLES = (
    Observable("standing", "share", "communities standing over those at the start, at most 1", 0, 1),
    Observable("communities", "communities", "communities standing at the year's end", 0, INF),
    Observable("members", "persons", "living members at the year's end", 0, INF),
    Observable("effort", "share", "mean effort, efficient effort = 1", 0, 1, NOBODY),
    Observable("output", PRODUCT, "product per head", 0, INF, NOBODY),
    Observable("output_ratio", "ratio", "product over what the same people would make at pay link 1", 0, INF, NOBODY),
    Observable("consumption", PRODUCT, "mean consumption", 0, INF, NOBODY),
    Observable("need_met", "share", "need met for the worst-off tenth of each community", 0, 1, NOBODY),
    Observable("gini", "share", "Gini coefficient of consumption within communities", 0, 1, NOBODY),
    Observable("motive", "share", "mean motive m", 0, 1, NOBODY),
    Observable("commitment", "share", "mean commitment", 0, 1, NOBODY),
    Observable("breadth", "share", "mean breadth", 0, 1, NOBODY),
    Observable("belief", "share", "mean belief of others' giving, before it is updated", 0, 1, NOBODY),
    Observable("ability", "ratio", "mean ability, population mean = 1", 0, INF, NOBODY),
    Observable("pay_link", "share", "mean pay link in force", 0, 1, NOBODY),
    Observable("common_share", "share", "share of product that passes through the common pot", 0, 1, NOBODY),
    Observable("capital", PRODUCT, "common capital per member at work, after contests", 0, INF, NOBODY),
    Observable("debt", PRODUCT, "debt per member at work, after contests", 0, INF, NOBODY),
    Observable("rent", "share", "share of product taken by rulers", 0, 1, NOBODY),
    Observable("arms", "share", "share of product spent on arms", 0, 1, NOBODY),
    Observable("gifts", PRODUCT, "gifts to outsiders per head", 0, INF, NOBODY),
    Observable("harm", PRODUCT, "harm done to other communities per head", 0, INF, NOBODY),
    Observable("wish_to_leave", "share", "members whose life outside would be better", 0, 1, NOBODY),
    Observable("joined", "persons", "let in from outside", 0, INF),
    Observable("born", "persons", "children come of age", 0, INF),
    Observable("died", "persons", "died or killed", 0, INF),
    Observable("left", "persons", "left of their own accord", 0, INF),
    Observable("dispersed", "persons", "members of communities that ended", 0, INF),
    Observable("ended_revolt", "communities", "ended by revolt this year", 0, INF),
    Observable("ended_dissolved", "communities", "dissolved by vote this year", 0, INF),
    Observable("ended_poor", "communities", "ended in want this year", 0, INF),
    Observable("ended_crushed", "communities", "ended crushed by force this year", 0, INF),
    Observable("ended_dwindled", "communities", "ended for lack of members this year", 0, INF),
    Observable("practising", "share", "members at work who practise", 0, 1, NOBODY),
    Observable("inclusion", "share", "mean inclusion", 0, 1, NOBODY),
    Observable("purity", "share", "effort that stays with pay, own part, sanctions and audience off", 0, 1, NOBODY),
    Observable("purity_without_glow", "share", "the same, warm glow counted as a return", 0, 1, NOBODY),
    Observable("scope", "share", "part of that giving that crosses the camp's border", 0, 1, UNGIVEN),
    Observable("unconditionality", "share", "that giving if nobody else gave, over if all did", 0, 1, UNMOVED),
    Observable("unwatched", "share", "part of that giving left without a believed watcher", 0, 1, UNGIVEN),
    Observable("top_rung", "share", "members whose purity, scope and unconditionality are all ½ or more", 0, 1, NOBODY),
    Observable("cause_poverty", "communities", "of those ended this year, put down to poverty", 0, INF),
    Observable("cause_idleness", "communities", "of those ended this year, put down to idleness", 0, INF),
    Observable("cause_entrants", "communities", "of those ended this year, put down to unsuitable entrants", 0, INF),
    Observable("cause_dissension", "communities", "of those ended this year, put down to dissension", 0, INF),
    Observable("cause_other", "communities", "of those ended this year, put down to none of these", 0, INF),
)

OFF = "effort with this off: "

# Of one person at work.
PERSON_OBSERVABLES = (
    Observable("id_high", "word", "identity by lineage, the high half", 0, 2**32 - 1),
    Observable("id_low", "word", "identity by lineage, the low half", 0, 2**32 - 1),
    Observable("community", "index", "the person's community", 0, INF),
    Observable("place", "index", "the person's place in it", 0, INF),
    Observable("motive", "share", "motive m", 0, 1),
    Observable("effort", "share", "effort e", 0, 1),
    Observable("without_reward", "share", OFF + "pay", 0, 1),
    Observable("without_repayment", "share", OFF + "one's own part of the pot", 0, 1),
    Observable("without_sanction", "share", OFF + "sanctions", 0, 1),
    Observable("without_audience", "share", OFF + "pride and a club's eyes", 0, 1),
    Observable("without_hand", "share", OFF + "one's own hand; a third party gives", 0, 1),
    Observable("without_watcher", "share", OFF + "the believed watcher", 0, 1),
    Observable("without_others", "share", OFF + "the others' giving", 0, 1),
    Observable("without_camp", "share", OFF + "the camp; the other is an outsider", 0, 1),
    Observable("purity", "share", "effort that stays with pay, own part, sanctions and audience off", 0, 1, UNGIVEN),
    Observable("scope", "share", "part of that giving that crosses the camp's border", 0, 1, UNGIVEN),
    Observable("unconditionality", "share", "that giving if nobody else gave, over if all did", 0, 1, UNMOVED),
    Observable("rung", "rung", "3 purity, scope and unconditionality ½ or more, 2 purity, 1 effort, 0 none", 0, 3),
    Observable("practising", "", "1 for one who practises, else 0", 0, 1),
)


def columns(observables: Sequence[Observable]) -> Any:
    """Return a named tuple with each observable's column, so that a kernel writes by name: `out[COLUMN.debt]`.

    Numba compiles its fields to constants.
    """
    return namedtuple("Columns", [o.name for o in observables])(*range(len(observables)))


COLUMN = columns(OBSERVABLES)
PERSON_COLUMN = columns(PERSON_OBSERVABLES)
