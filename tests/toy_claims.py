"""Claims of the source, and claims of a paper, about the toy model: as tables, as files, and checked.

The fixture `catalogue` (conftest.py) makes the empty catalogue that they stand in.
"""

import json
from collections.abc import Mapping
from typing import Any

from bestowal.claims.claim_file import SourceClaim
from bestowal.claims.source import Result, check_source

# A paper's, as a file.
PAPER_HEAD = """
paper = "Nobody 1900, On wandering"
model = "walk"
twin = "tests/reference/walk.py"
second_reading = "1900-01-01"
"""

PAPER_CLAIM = """
[[claims]]
id = "drifts"
says = "People drift by 0.3 m a year"
where = "Table 1"
known = "read"
by = "the paper"
values = { drift = 0.3, spread = 0.5, people = 50 }
steps = 10
worlds = 32
observable = "place"
from = 9
paper = 3.0
within = 0.2
why = "rounding"
"""


# The source's, as tables.
PRIOR = {
    "drift": {"low": -1.0, "high": 1.0, "why": "either way", "grade": "assumed"},
    "spread": {"low": 0.01, "high": 0.1, "scale": "log", "why": "little", "grade": "assumed"},
    "people": {"low": 1, "high": 9, "why": "few", "grade": "assumed"},
}

STATED = {"drift": {"why": "as it was", "grade": "read"}}

HEAD: dict[str, Any] = {
    "id": "C1",
    "sentence": "1",
    "claim": "People get ahead.",
    "reading": "the mean place after ten years",
    "rival": "somebody",
    "rival_predicts": "they do not",
    "status": "T",
    "theme": "1.1",
    "would_change": "another drift",
    "limits": "a line",
}

LEVEL: dict[str, Any] = {
    "scenario": "walk",
    "years": 10,
    "worlds": 3,
    "kind": "level",
    "holds": {"above": 0.0},
    "matters": 0.05,
    "statistic": {"take": "mean", "observable": "place", "from": 9},
    "arms": {"only": {"label": "as it is", "values": {}}},
}


def toml(table: Mapping[str, Any], above: str = "") -> str:
    """A nested dict as TOML."""
    plain = [f"{json.dumps(k)} = {value(v)}" for k, v in table.items() if not isinstance(v, dict)]
    inner = [
        f"[{above}{json.dumps(k)}]\n{toml(v, f'{above}{json.dumps(k)}.')}"
        for k, v in table.items()
        if isinstance(v, dict)
    ]
    return "\n".join([*plain, *inner]) + "\n"


def value(v: Any) -> str:
    if isinstance(v, list):
        return f"[{', '.join(map(value, v))}]"
    if isinstance(v, dict):
        return f"{{ {', '.join(f'{k} = {value(x)}' for k, x in v.items())} }}"
    return json.dumps(v)


def claim(experiment: Mapping[str, Any] = LEVEL, **head: Any) -> SourceClaim:
    return SourceClaim.model_validate({**HEAD, "experiment": {**LEVEL, **experiment}, **head})


def check(*claims: SourceClaim, **how: Any) -> list[Result]:
    return list(check_source(claims, **{"draws": 60, "threads": 2, **how}))


def society(**what: Any) -> SourceClaim:
    """A claim on a small society of three years."""
    values = {"n_communities": 1, "n_founded": 1, "n_places": 20, "n_founders": 20}
    arms = what.pop("arms", {"a": {}})
    arms = {name: {"label": name, "values": {**values, **own}} for name, own in arms.items()}
    return claim({"scenario": "society", "years": 3, "worlds": 2, "arms": arms, **what})
