"""Write docs/answers/source.md: verdicts of `bestowal check source` on the source's claims, with earlier verdicts.

python docs/write_claims.py [--draws 200] [--seed 1] [--store FOLDER]

Draws in the store are not run again. docs/answers/source.csv holds the verdicts of every day; a run replaces those of
its own day. All 200 draws take some minutes on two cores.
"""

import argparse
import csv
import datetime
from collections import Counter
from pathlib import Path

from bestowal.claims.claim_file import source_claims
from bestowal.claims.source import Result, check_source
from bestowal.statistics.number_format import mean_with_limits, number, percent, with_limits

ANSWERS = Path(__file__).parent / "answers"
PAGE, VERDICTS = ANSWERS / "source.md", ANSWERS / "source.csv"
COLUMNS = ["date", "claim", "number", "holds_at", "verdict"]
# What the people of an earlier day were.
DAYS = {
    "2026-11-23": "the prior alone",
    "2026-11-24": "the posterior set around what differs from the default",
}


def row(result: Result, date: str) -> dict[str, str]:
    number = "" if result.number is None or result.number.estimate is None else mean_with_limits(result.number)
    holds = "" if result.share is None or result.share.n == 0 else with_limits(result.share, percent)
    return dict(zip(COLUMNS, (date, result.claim.id, number, holds, result.phrase), strict=True))


def line(result: Result, earlier: list[dict[str, dict[str, str]]], date: str) -> str:
    now = row(result, date)
    verdict = now["verdict"]
    if result.split is not None:
        at, below, above = result.split.at, result.split.below, result.split.above
        side = "at 0" if at == 0 else f"up to {number(at)}"
        verdict += f" ({side}: {with_limits(below, percent)}, beyond: {with_limits(above, percent)})"
    weights = [f"{weight:.2f}" for weight in result.weight]
    weight = " to ".join(dict.fromkeys([min(weights), max(weights)])) if weights else "–"
    if result.claim.experiment is None:
        cells = [now["number"] or "–", "no experiment", "–", "–"]
    else:
        used = result.draws - result.left_out
        cells = [now["number"] or "–", now["holds_at"] or "–", f"{used} of {result.draws}", weight]
    before = []
    for day in earlier:
        was = day.get(result.claim.id)
        share = was["holds_at"].split(" (")[0] if was is not None else ""
        before.append("–" if was is None else f"{was['verdict']}{f', {share}' if share else ''}")
    return "| " + " | ".join([result.claim.id, result.claim.claim, *cells, verdict, *before]) + " |"


def page(found: list[Result], earlier: dict[str, dict[str, dict[str, str]]], date: str, seed: int) -> str:
    draws = max(result.draws for result in found)
    counts = Counter(r.verdict for r in found)
    people: dict[str, list[str]] = {}
    for result in found:
        if result.people and result.claim.experiment is not None:
            people.setdefault(f"`{result.claim.experiment.scenario}`: {result.people}", []).append(result.claim.id)
    heads = [f"{day}: {DAYS.get(day, 'as the code stood')}" for day in earlier]
    lines = [
        "# The source's claims, tried",
        "",
        f"Written by `python docs/write_claims.py`, {date}: `bestowal check source`, {draws} draws, seed {seed}. "
        f"{len(found)} claims: {', '.join(f'{n} {kind}' for kind, n in counts.items())}.",
        "",
        "*Holds at*: share of the draws with a number at which the claim holds, with its 95 % interval. "
        "*Supported*: above 2/3; *contradicted*: below 1/3; *depends*: the draws with little and with much of one",
        "parameter differ, corrected for the number of parameters tried; *not decided*: none of these, or fewer than "
        "half of the draws with a number, or no experiment in this model. A draw has no number where there",
        "is nothing to measure, or where the arms compared are the same in every world and the claim would fail by "
        "that tie alone. The power of an experiment is not measured here: a contradicted claim may be one that the",
        "experiment is too weak to see. *Weight*: the mean weight that ordinary people give to another person's good, "
        "their own being 1, at the start and before any lever, from the least arm to the most.",
        "",
        "Parameters are drawn from [the prior](../../bestowal/catalogue/priors/society.toml), and people from the "
        "[posterior](../../bestowal/catalogue/posteriors/society.csv) that [140 measured people](../why/evidence.md) "
        "left of it,",
        "given what a scenario states of people; what a scenario file writes is not drawn. People of each scenario:",
        "",
        *(f"- {said} ({', '.join(ids)})" for said, ids in people.items()),
        "",
        "What each claim was made into, and what the model cannot see of it, stands in its file in "
        "`bestowal/catalogue/claims/source/`; `bestowal report --site OUT` makes a page of each. "
        "All of it is true of the model, with these people.",
        "",
        "The last columns are earlier verdicts; no claim, arm or threshold changed in between. On 2026-11-24 draws of "
        "the posterior were set around the values in which a scenario differs from the model's default",
        "(Russia: a tenth of givers with an ordinary motive fitted beside a share of 0.63: a mean weight of 0.13 on "
        "another person), lines equal to the default were lost, and ties were counted against a claim.",
        "",
        "| | claim | number | holds at | draws with a number | weight | verdict | " + " | ".join(heads) + " |",
        "|" + "---|" * (7 + len(heads)),
        *(line(result, list(earlier.values()), date) for result in found),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--draws", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--store")
    given = options.parse_args()
    date = str(datetime.date.today())
    with VERDICTS.open(encoding="utf-8", newline="") as file:
        kept = [was for was in csv.DictReader(file) if was["date"] != date]
    found = []
    for result in check_source(source_claims(), draws=given.draws, seed=given.seed, store=given.store):
        print(f"{result.claim.id}: {result.phrase}", flush=True)
        found.append(result)
    earlier: dict[str, dict[str, dict[str, str]]] = {}
    for was in kept:
        earlier.setdefault(was["date"], {})[was["claim"]] = was
    PAGE.write_text(page(found, dict(sorted(earlier.items(), reverse=True)), date, given.seed), encoding="utf-8")
    with VERDICTS.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows([*kept, *(row(result, date) for result in found)])
    print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
