"""What the tutorial says, as phrases made from its results: `RESULTS` runs as its last cell, `phrases` words them."""

import re
from collections.abc import Iterable
from typing import Any

RESULTS = """
import json

def _of(interval):
    return [interval.estimate, interval.low, interval.high]

def _difference(pair, name, year):
    return [float(pair[part].sel(observable=name, year=year)) for part in ("difference", "low", "high")]

print(json.dumps({
    "standing": _of(standing),
    "nothing": float(nothing["share_differing"].sel(limit="estimate")),
    "twins": {f"{name} {year}": _difference(twins, name, year)
        for name in rows for year in (1989, 1990, 1995, 2019)},
    "success": _of(answer.success),
    "levers": {lever.name: _of(lever.effect) for lever in answer.levers},
    "no_sale": [lever.sufficiency.estimate for lever in answer.levers if lever.name == "no_sale"]
        + [lever.necessity.estimate for lever in answer.levers if lever.name == "no_sale"],
    "sizes": {str(size): [float(v) for v in curve.loc[size]] for size in curve.index},
    "late": {str(year): [float(v) for v in limits] for year, limits in late.items()},
    "own": {lever.name: _of(lever.effect) for lever in own.levers},
}))
"""
"""Prints every number that the text rests on, from the notebook's own variables."""

Numbers = list[float]
NUMBER = r"[+−]?\d+(?:\.\d+)?"


def between(low: str, high: str) -> str:
    return f"({low} to {high})"


def percent(*shares: float) -> str:
    return " to ".join(f"{100 * share:.0f}" for share in shares) + " %"


def signed(value: float, digits: int) -> str:
    return f"{value:+.{digits}f}".replace("-", "−")


def effect(name: str, numbers: Numbers) -> str:
    """Word an effect on P(success): raises, lowers, or cannot tell where the interval contains zero."""
    estimate, low, high = (100 * number for number in numbers)
    if low <= 0 <= high:
        return f"`{name}`: cannot tell ({signed(low, 1)} to {signed(high, 1)} points)"
    verb = "raises" if estimate > 0 else "lowers"
    ends = sorted((abs(low), abs(high)))
    return f"`{name}` {verb} P(success) by {abs(estimate):.0f} points {between(*(f'{end:.0f}' for end in ends))}"


def moved(name: str, year: int, numbers: Numbers, digits: int = 2) -> str:
    """Word the effect on an observable in a year."""
    estimate, low, high = numbers
    ends = f"({signed(low, digits)} to {signed(high, digits)})"
    if low <= 0 <= high:
        return f"in {year} `{name}` changes by {signed(estimate, digits)} {ends}"
    verb = "rises" if estimate > 0 else "falls"
    return f"in {year} `{name}` {verb} by {abs(estimate):.{digits}f} {ends}"


def phrases(found: dict[str, Any]) -> dict[str, str]:
    """Return every phrase with a number that the text may hold, by the name of the claim."""
    twins = {key: (key.split()[0], int(key.split()[1]), numbers) for key, numbers in found["twins"].items()}
    standing, success = found["standing"], found["success"]
    sizes = [(size, numbers[0]) for size, numbers in found["sizes"].items()]
    out = {
        "FACT_STANDING": f"In the last year {percent(standing[0])} of the firms founded still stand "
        f"({percent(*standing[1:])})",
        "FACT_SUCCESS": f"P(success) of the scenario is {percent(success[0])} ({percent(*success[1:])})",
        "FACT_EFFORT": moved(*twins["effort 2019"]),
        "FACT_GINI": moved(*twins["gini 2019"]),
        "FACT_STANDING_1995": moved(*twins["standing 1995"]),
        "FACT_STANDING_2019": moved(*twins["standing 2019"]),
        "FACT_MEMBERS": moved(*twins["members 1990"], 1),
        "FACT_SUFF": percent(found["no_sale"][0]),
        "FACT_NEC": percent(found["no_sale"][1]),
        "FACT_DOSE": "The share of firms standing in 2019 is "
        + ", ".join(f"{mean:.2f} at {size}" for size, mean in sizes),
        "FACT_LATE_EARLY": "Made in 1985, the change adds " + _added(found["late"]["1985"]),
        "FACT_LATE_LATE": "made in 2015, " + _added(found["late"]["2015"]),
    }
    for name, numbers in found["levers"].items():
        out[f"CLAIM_{name}"] = out[f"UNDECIDED_{name}"] = effect(name, numbers)
    return out | {f"OWN_{name}": effect(name, numbers) for name, numbers in found["own"].items()}


def _added(numbers: Numbers) -> str:
    return f"{numbers[0]:.2f} ({numbers[1]:.2f} to {numbers[2]:.2f})"


def unsupported(text: str, found: dict[str, Any]) -> list[str]:
    """Return what a text states and the results do not: effects by lever, and numbers in no phrase."""
    left = " ".join(text.split())
    for phrase in sorted(phrases(found).values(), key=len, reverse=True):
        for spelling in (phrase, phrase[0].upper() + phrase[1:]):
            left = left.replace(spelling, "")
    left = re.sub(r"\b(?:19|20)\d\d\b|95 %|`\w+=[^`]+`", "", left)
    return [*re.findall(r"`\w+`(?: raises| lowers|: cannot tell)[^;.]*", left), *re.findall(NUMBER, left)]


def sizes_said(text: str) -> Iterable[tuple[str, list[str]]]:
    """Yield the classes of effect that the text names, each with the levers it puts there."""
    for line in text.splitlines():
        if match := re.match(r"- (Large|Middling|Small|Harmful|Not decided): ", line):
            yield match[1], re.findall(r"`(\w+)`", line)
