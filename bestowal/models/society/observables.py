"""What is measured each year. Means weigh every member at work that year alike."""

from bestowal.model import Observable

INF = float("inf")
PRODUCT = "product of a person-year"
NOBODY = "where nobody works"

# The order is the order in which `measures.observe` writes them.
OBSERVABLES = (
    Observable("standing", "share", "communities standing over communities founded", 0, 1),
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
    Observable("capital", PRODUCT, "common capital per member at work, after the year", 0, INF, NOBODY),
    Observable("debt", PRODUCT, "debt per member at work, after the year", 0, INF, NOBODY),
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
)
