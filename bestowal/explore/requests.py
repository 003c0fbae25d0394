"""What the page asks for, checked, and the answers to it: the same for every host of the page."""

import importlib.metadata
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt

from bestowal.explore import catalogue, lattice, odds, pairs

Name = Field(min_length=1, max_length=200)
Values = dict[str, StrictInt | StrictFloat]
Stop = Callable[[], bool]
"""Says whether the work is to be given up."""
STRICT = ConfigDict(extra="forbid")


class PairRequest(BaseModel):
    """World ``world`` of a scenario, and of its twin with ``values`` from step ``from_year`` on (0: from the start)."""

    model_config = STRICT
    scenario: str = Name
    values: Values = {}
    from_year: StrictInt = Field(0, ge=0)
    world: StrictInt = Field(0, ge=0, lt=pairs.WORLDS)


class OddsRequest(BaseModel):
    """The same change, in worlds 0 to ``most_worlds`` - 1, judged by a question's success or the default one."""

    model_config = STRICT
    scenario: str = Name
    values: Values = {}
    from_year: StrictInt = Field(0, ge=0)
    question: str | None = Field(None, max_length=200)
    most_worlds: StrictInt = Field(400, ge=1)


class Moment(BaseModel):
    """From step ``step`` on, these values."""

    model_config = STRICT
    step: StrictInt = Field(ge=0)
    values: Values


class LatticeRequest(BaseModel):
    """The lattice after each of the steps ``first`` to ``first + count - 1``."""

    model_config = STRICT
    model: str = Name
    values: Values = {}
    changes: list[Moment] = Field([], max_length=1000)
    world: StrictInt = Field(0, ge=0, lt=pairs.WORLDS)
    first: StrictInt = Field(0, ge=0)
    count: StrictInt = Field(1, ge=1)


def pair(request: PairRequest, folder: Path, stopped: Stop = pairs.never) -> bytes:
    """The answer to ``/api/pair``: frames."""
    base = catalogue.scenario(request.scenario, folder)
    return pairs.pair(base, pairs.twin(base, request.values, request.from_year), request.world, stopped)


def odds_lines(request: OddsRequest, folder: Path, store: Path | None, stopped: Stop = pairs.never) -> Iterator[bytes]:
    """The answer to ``/api/odds``: JSON, a line at a time as worlds come in."""
    base = catalogue.scenario(request.scenario, folder)
    question = None if request.question is None else catalogue.question(request.question, folder)[0]
    wanted = odds.ask(base, request.values, request.from_year, question, request.most_worlds)
    for line in odds.refine(wanted, store, stopped):
        yield json.dumps(line, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def lattice_frames(request: LatticeRequest, stopped: Stop = pairs.never) -> bytes:
    """The answer to ``/api/lattice``: frames."""
    changes = [(change.step, change.values) for change in request.changes]
    return lattice.frames(request.model, request.values, changes, request.world, request.first, request.count, stopped)


def state_of(scenario: str, values: Mapping[str, float], from_year: int = 0, world: int = 0) -> str:
    """An experiment as the page's address holds it: "s=kibbutz&v=pay_link:0.3&y=20"."""
    changed = ",".join(f"{name}:{value!r}" for name, value in values.items())
    parts = {"s": scenario, "v": changed, "y": from_year or "", "w": world or ""}
    return "&".join(f"{name}={value}" for name, value in parts.items() if value != "")


def version() -> str:
    """This bestowal's version."""
    try:
        return importlib.metadata.version("bestowal")
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
