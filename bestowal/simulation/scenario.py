"""Scenarios: a model, values, changes, a clock and a seed. Data only: read, checked, written, and given a key."""

import hashlib
import itertools
import json
import operator
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ValidationError

from bestowal.core.errors import BestowalError, nearest, shown
from bestowal.core.files import absent, expanded, is_path, toml
from bestowal.core.version import NUMERICS
from bestowal.models import registry as models
from bestowal.models.registry import Model, Parameter, unknown
from bestowal.simulation.code_digest import of_model

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

CATALOGUE = Path(__file__).parent.parent / "catalogue" / "scenarios"
FORMAT = 1  # of the text a key is the digest of
LONGEST_CHAIN = 100  # files that extend one another
MAX_YEARS = 1 << 16  # a draw's address holds the year in 16 bits

_ASKS = {"scenario", "levers", "test", "success", "words"}  # keys of a question
_TOP = ("title", "about", "model", "extends", "years", "first_year", "seed", "values", "changes")


@dataclass(frozen=True)
class Change:
    """From step `year` on (0 = the first year, whatever the calendar calls it) these parameters take these values."""

    year: int
    values: Mapping[str, float]

    def __hash__(self) -> int:
        return hash((self.year, frozenset(self.values.items())))


@dataclass(frozen=True)
class Scenario:
    """One society to run. `values` is the model's complete Params; steps are years 0 … years-1, and step 0 is called
    `first_year`. Changes apply in the order they are listed: where two set one parameter, the later in the list wins.
    """

    name: str
    title: str
    about: str
    model: str
    values: BaseModel
    years: int
    changes: tuple[Change, ...] = ()
    first_year: int = 0
    seed: int = 1
    # What a file or `but` gives a value from the start; no part of equality or of the key.
    written: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    # What each step takes, worked out once: (first step, Params), ascending.
    spans: tuple[tuple[int, BaseModel], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "years", checked_whole("years", self.years, 1, MAX_YEARS))
        object.__setattr__(self, "seed", checked_whole("seed", self.seed, 0, (1 << 64) - 1))
        object.__setattr__(self, "first_year", checked_whole("first_year", self.first_year, -(10**9), 10**9))
        model = models.load(self.model)
        if type(self.values) is not model.params:
            raise BestowalError(f"values: must be the Params of model {self.model!r}")
        base = checked_numbers(model, self.values.model_dump(), "")
        wheres = [f"change {number}: " for number in range(1, len(self.changes) + 1)]
        changes = tuple(settled_changes(self.changes, wheres, model, self.years, self.first_year))
        object.__setattr__(self, "changes", changes)
        object.__setattr__(self, "spans", tuple(_spans(base, changes, model, self.first_year)))

    def but(self, from_year: int | None = None, **values: float) -> "Scenario":
        """The same scenario with these values: from the start, or from `from_year` of its calendar on, as a Change.

        A further Change has the last word from its year on; a value from the start leaves later Changes as they were.
        Among the values, `years`, `seed` and `first_year` are those of `clock`, and set first.
        """
        clock: dict[str, Any] = {name: values.pop(name) for name in ("years", "seed", "first_year") if name in values}
        if clock:
            scenario = self.clock(**clock)
            return scenario if not values and from_year is None else scenario.but(from_year, **values)
        model = models.load(self.model)
        if from_year is None:
            given = checked_params(model, self.values.model_dump() | checked_numbers(model, values, ""), "")
            return replace(self, values=given, written=self.written | values.keys())
        change = Change(self.step(from_year, "from_year"), dict(values))
        settled = settled_changes([change], [f"from {from_year}: "], model, self.years, self.first_year)
        return replace(self, changes=(*self.changes, *settled))

    def hold(self, from_year: int | None = None, **values: float) -> "Scenario":
        """The same scenario with these values, which stay: `but`, and nothing overrules them.

        No later Change sets them anew, and what would let the model overrule them (`Model.overruled`) is switched off
        from the same year on.
        """
        held = held_values(models.load(self.model), values)
        if from_year is not None:
            return self.but(from_year, **held)  # listed last, it has the last word
        kept = [Change(c.year, {name: v for name, v in c.values.items() if name not in held}) for c in self.changes]
        return replace(self, changes=tuple(change for change in kept if change.values)).but(None, **held)

    def step(self, year: int, name: str = "") -> int:
        """Returns the step, counted from 0, that the calendar calls this year.

        Refuses a year outside the calendar; `name` is what the complaint calls it.
        """
        last = self.first_year + self.years - 1
        number = as_index(year)
        if number is not None and self.first_year <= number <= last:
            return number - self.first_year
        hint = ""
        if number is not None and 0 <= number < self.years:
            hint = f"; did you mean {self.first_year + number} (step {number})?"
        unit = models.load(self.model).step
        where = f"{name} = {shown_value(year)}: " if name else ""
        raise BestowalError(
            f"{where}{unit}s run from {self.first_year} to {last}; {shown_value(year)} is not one{hint}"
        )

    @property
    def stated(self) -> frozenset[str]:
        """Parameters with a value of the scenario's own from the start, which no draw from a prior replaces.

        Those that a file or `but` gives a value, though it be the default; and those whose value isn't the default.
        """
        values = self.values.model_dump()
        other = (p.name for p in models.parameters(models.load(self.model)) if values[p.name] != p.default)
        return self.written.union(other)

    def clock(self, years: int | None = None, seed: int | None = None, first_year: int | None = None) -> "Scenario":
        """The same scenario over another span or with other luck. A shorter span loses the Changes after its end."""
        years = self.years if years is None else years
        return replace(
            self,
            years=years,
            seed=self.seed if seed is None else seed,
            first_year=self.first_year if first_year is None else first_year,
            changes=tuple(c for c in self.changes if c.year < years) if years < self.years else self.changes,
        )

    def run(
        self,
        worlds: int = 500,
        *,
        threads: int | None = None,
        store: str | os.PathLike[str] | None = None,
        progress: Callable[[float, int], None] | None = None,
        on: str | None = None,
    ) -> "xr.Dataset":
        """Its run of so many worlds, from the store where they are there: see `bestowal.simulation.store.run`."""
        # The one import against the direction of the tree, and lazy for that: a scenario is data, the store runs it.
        from bestowal.simulation.store import run

        folder = Path(store) if store is not None else None
        return run(self, worlds, threads=threads, store=folder, progress=progress, on=on)


def scenario(name_or_path: str | os.PathLike[str], folder: Path = Path()) -> Scenario:
    """The scenario of that name in the catalogue, or the one in that .toml file, or the defaults of that model.

    A relative path starts in ``folder``, by default the current one.
    """
    if _of_model(name_or_path):
        return defaults(os.fspath(name_or_path))
    return _read(_locate(name_or_path, folder), ())


def defaults(name: str) -> Scenario:
    """A model with its defaults, for as long as they run."""
    model = models.load(name)
    return Scenario(name=name, title=model.title, about="", model=name, values=model.params(), years=model.steps)


def needs_scenario(value: object, name: str) -> None:
    """Refuse what is no Scenario, where a name or a path is given in place of one."""
    if not isinstance(value, Scenario):
        said = shown(value)
        raise BestowalError(f"{name}: needs a Scenario, such as bestowal.scenario({said}), not {said}")


def scenarios() -> list[str]:
    """The names in the catalogue."""
    return sorted(p.stem for p in CATALOGUE.glob("*.toml"))


def rows(scenario: Scenario) -> "np.recarray[Any, Any]":
    """What each step takes: one record a step, shape (years,), a field a parameter."""
    ends = [start for start, _ in scenario.spans[1:]] + [scenario.years]
    lengths = [end - start for (start, _), end in zip(scenario.spans, ends, strict=True)]
    spans = models.rows(models.load(scenario.model), [values for _, values in scenario.spans])
    return cast("np.recarray[Any, Any]", spans.repeat(lengths))  # a span written once: an experiment has thousands


def room(scenario: Scenario) -> tuple[int, int]:
    """Communities, and places for persons in each; of a model that has none, one of all it is."""
    values = scenario.values
    return int(getattr(values, "n_communities", 1)), int(getattr(values, "n_places", 1))


def key(scenario: Scenario) -> str:
    """What a run is stored under, 64 hex digits: a digest of everything its numbers depend on and of nothing else.

    Values and changes enter as what they amount to, so that two ways to say the same thing have the same key.
    """
    model = models.load(scenario.model)
    dumps = [(start, values.model_dump()) for start, values in scenario.spans]
    changes = [
        [start, {name: value for name, value in now.items() if value != before[name]}]
        for (_, before), (start, now) in itertools.pairwise(dumps)
    ]
    text = {
        "format": FORMAT,
        "numerics": NUMERICS,
        "code": of_model(model),
        "model": scenario.model,
        "values": dumps[0][1],
        "changes": [c for c in changes if c[1]],
        "years": scenario.years,
        "seed": scenario.seed,
    }
    canonical = json.dumps(text, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def to_table(scenario: Scenario) -> dict[str, Any]:
    """Return the scenario as plain data, which JSON can hold: every value, also those that no file wrote."""
    return {
        "name": scenario.name,
        "title": scenario.title,
        "about": scenario.about,
        "model": scenario.model,
        "values": scenario.values.model_dump(),
        "years": scenario.years,
        "changes": [{"year": change.year, "values": dict(change.values)} for change in scenario.changes],
        "first_year": scenario.first_year,
        "seed": scenario.seed,
    }


def from_table(table: Mapping[str, Any]) -> Scenario:
    """Return the scenario that `to_table` wrote.

    >>> kibbutz = scenario("kibbutz")
    >>> from_table(to_table(kibbutz)) == kibbutz
    True
    """
    model = models.load(table["model"])
    changes = tuple(Change(change["year"], change["values"]) for change in table["changes"])
    return Scenario(**{**table, "values": model.params(**table["values"]), "changes": changes})


def to_toml(scenario: Scenario, full: bool = True) -> str:
    """The scenario as a file to edit, which reads back to the same key: every parameter with its meaning, unit,
    bounds, symbol and source, or with `full=False` only those that are stated. A default that is not stated is a
    comment, so that the file states what the scenario does.
    """
    model = models.load(scenario.model)
    lines = [heading(scenario)]
    group = ""
    own = scenario.stated
    for p in sorted(models.parameters(model), key=_group_order(model)):
        value = getattr(scenario.values, p.name)
        stated = p.name in own
        if not full and not stated:
            continue
        if p.group != group:
            group = p.group
            lines += ["", f"# -- {one_line(group)} --"]
        if full:
            lines.append(f"# {describe(p)}")
        lines.append(f"{'' if stated else '# '}{p.name} = {value!r}")
    if scenario.changes:
        lines += ["", f"# Changes apply in the order written; their year is a step: 0 is {scenario.first_year}."]
    for change in scenario.changes:
        lines += ["", "[[changes]]", f"year = {change.year}  # {scenario.first_year + change.year}"]
        lines += [f"values.{name} = {value!r}" for name, value in change.values.items()]
    return "\n".join(lines) + "\n"


def heading(scenario: Scenario) -> str:
    """Return the first lines of `to_toml`: everything but the values and the changes."""
    step = models.load(scenario.model).step
    lines = [f"title = {_text(scenario.title)}"]
    if scenario.about:
        lines.append(f"about = {_text(scenario.about)}")
    lines += [
        f"model = {_text(scenario.model)}",
        f"years = {scenario.years}  # how many{f'; a step is a {step}' if step != 'year' else ''}",
        f"first_year = {scenario.first_year}  # what step 0 is called",
        f"seed = {scenario.seed}  # of the random numbers",
        "",
        "[values]",
    ]
    return "\n".join(lines)


def describe(p: Parameter) -> str:
    """A parameter in one line: meaning · unit and bounds · symbol · source · whether no Change may set it."""
    bounds = f"{p.unit}, {p.low:.15g} to {p.high:.15g}"
    fixed = "read when a world begins" if p.fixed else ""
    return " · ".join(one_line(t) for t in (p.meaning, bounds, p.symbol, p.source, fixed) if t)


def _group_order(model: Model) -> Callable[[Parameter], int]:
    """Groups in the order they first appear, so that one declared in two places still prints as one."""
    first: dict[str, int] = {}
    for p in models.parameters(model):
        first.setdefault(p.group, len(first))
    return lambda p: first[p.group]


def one_line(text: str) -> str:
    return " ".join(text.split())


def _text(text: str) -> str:
    """A TOML string."""
    lines = [json.dumps(line, ensure_ascii=False)[1:-1].replace("\x7f", "\\u007f") for line in text.split("\n")]
    return f'"{lines[0]}"' if len(lines) == 1 else '"""\n' + "\n".join(lines) + '"""'


def _of_model(name_or_path: str | os.PathLike[str]) -> bool:
    """Whether this names a model, and with it the scenario of its defaults."""
    return name_or_path in models.names() and name_or_path not in scenarios()


def _locate(name_or_path: str | os.PathLike[str], folder: Path) -> Path:
    """The file of a scenario; `folder` is where a relative path starts."""
    given = os.fspath(name_or_path)
    if isinstance(name_or_path, Path) or is_path(given):
        path = folder / expanded(given)
        try:
            there = path.is_file()
        except OSError as error:  # a name longer than any file's
            raise BestowalError(f"{shown(str(path))}: {error.strerror or error}") from None
        if not there:
            raise BestowalError(absent(path))
        return path
    if given not in scenarios():
        hint = f'; for the file, say "{given}.toml"' if (folder / f"{given}.toml").is_file() else ""
        known = [*scenarios(), *models.names()]
        raise BestowalError(f"there is no scenario {given!r} in the catalogue{hint or nearest(given, known)}")
    return CATALOGUE / f"{given}.toml"


def _read(path: Path, above: tuple[Path, ...]) -> Scenario:
    """The scenario in a file; `above` are the files that extend it."""
    if len(above) > LONGEST_CHAIN:
        raise BestowalError(f"{above[0]}: extends: a chain of more than {LONGEST_CHAIN} files, the last {path}")
    if path.resolve() in above:
        raise BestowalError(f"{above[-1].name}: extends: a circle, {' -> '.join(p.stem for p in (*above, path))}")
    data = toml(path)
    if _ASKS & data.keys() and not {"model", "extends", "values"} & data.keys():
        raise BestowalError(f"{path}: is a question, not a scenario; ask it: bestowal ask {path}")
    parent = base = None
    try:
        if "extends" in data:
            given = _string(data, "extends", "")
            if _of_model(given):
                parent = defaults(given)
            else:
                base = _locate(given, path.parent)
    except BestowalError as error:
        raise BestowalError(f"{path}: extends: {error}") from None
    if base is not None:
        parent = _read(base, (*above, path.resolve()))
    try:
        return _build(path.stem, data, parent)
    except BestowalError as error:
        raise BestowalError(f"{path}: {error}") from None


def _build(name: str, data: dict[str, Any], parent: Scenario | None) -> Scenario:
    model_name = _string(data, "model", parent.model if parent else None)
    model = models.load(model_name)
    known = {p.name for p in models.parameters(model)}
    for top in data:
        if top not in _TOP:
            hint = "; a parameter belongs under [values]" if top in known else nearest(top, _TOP)
            raise BestowalError(f"{top}: unknown key{hint}")
    if parent is not None and parent.model != model_name:
        raise BestowalError(f'model = "{model_name}": what it extends is of model "{parent.model}"')
    values = data.get("values", {})
    if not isinstance(values, dict):
        raise BestowalError("values: must be a table, [values]")
    inherited = parent.values.model_dump() if parent else {}
    years = data.get("years", parent.years if parent else None)
    if years is None:
        raise BestowalError("years: missing, the number of years to run")
    checked_whole("years", years, 1, MAX_YEARS)
    first_year = data.get("first_year", parent.first_year if parent else 0)
    checked_whole("first_year", first_year, -(10**9), 10**9)
    return Scenario(
        name=name,
        title=_string(data, "title", name),
        about=_string(data, "about", ""),
        model=model_name,
        values=checked_params(model, inherited | checked_numbers(model, values, "[values] "), "[values] "),
        years=years,
        changes=(
            *(parent.clock(years=years).changes if parent else ()),
            *_changes(data.get("changes", []), model, years, first_year),
        ),
        first_year=first_year,
        seed=data.get("seed", parent.seed if parent else 1),
        written=(parent.written if parent else frozenset()) | values.keys(),
    )


def _changes(data: object, model: Model, years: int, first_year: int) -> Iterator[Change]:
    """The changes that a file writes, checked: a complaint counts its tables and not those of what it extends."""
    if not isinstance(data, list) or not all(isinstance(c, dict) for c in data):
        raise BestowalError("changes: must be tables, [[changes]]")
    for number, change in enumerate(data, 1):
        for name in change:
            if name not in ("year", "values"):
                raise BestowalError(f"[[changes]] {number}: {name}: unknown key; a change has year and values.NAME")
        if "year" not in change:
            raise BestowalError(f"[[changes]] {number}: year: missing")
        if not isinstance(change.get("values", {}), dict):
            raise BestowalError(f"[[changes]] {number}: values: must be a table, values.NAME = VALUE")
    changes = [Change(c["year"], c.get("values", {})) for c in data]
    return settled_changes(changes, [f"[[changes]] {n}: " for n in range(1, len(data) + 1)], model, years, first_year)


def settled_changes(
    changes: Sequence[Change], wheres: Sequence[str], model: Model, years: int, first_year: int
) -> Iterator[Change]:
    """The changes, checked, with values of each parameter's own type. Each complaint begins with its `where`."""
    for change, where in zip(changes, wheres, strict=True):
        number = as_index(change.year)
        last = "the last step"
        if first_year:
            last += f"; step 0 is {first_year}"
        if number is not None and number >= years and 0 <= number - first_year < years:
            last += f", {number} is step {number - first_year}"
        year = checked_whole(f"{where}year", change.year, 0, years - 1, last)
        if not change.values:
            raise BestowalError(f"{where}names no parameter, such as values.NAME = VALUE")
        values = checked_numbers(model, change.values, where)
        for p in models.parameters(model):
            if p.fixed and p.name in values:
                raise BestowalError(f"{where}{p.name}: is read when a world begins; set it from the start")
        yield Change(year, values)


def _spans(
    base: Mapping[str, float], changes: tuple[Change, ...], model: Model, first_year: int
) -> Iterator[tuple[int, BaseModel]]:
    for start in sorted({0, *(c.year for c in changes)}):
        values = dict(base)
        for change in changes:
            if change.year <= start:
                values |= change.values
        yield start, checked_params(model, values, f"from {first_year + start}: " if start else "", begins=not start)


def checked_numbers(model: Model, values: Mapping[str, Any], where: str) -> dict[str, float]:
    """These values, checked one by one, of each parameter's own type; `where` begins the message."""
    known = {p.name: p for p in models.parameters(model)}
    numbers = dict[str, float]()
    for name, value in values.items():
        if name not in known:
            raise BestowalError(f"{where}{unknown(name, model)}")
        p = known[name]
        if hasattr(value, "dtype") and hasattr(value, "item"):  # one of NumPy's
            value = value.item() if value.ndim == 0 else value
        kinds = (int,) if p.kind == "int" else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not p.low <= value <= p.high:  # NaN fails too
            need = "an integer" if p.kind == "int" else "a number"
            raise BestowalError(
                f"{where}{name} = {shown_value(value)}: must be {need} from {p.low:.15g} to {p.high:.15g} ({p.unit})"
            )
        # -0.0 becomes 0.0: equal values must have one key and one row.
        numbers[name] = value if p.kind == "int" else float(value) + 0.0
    return numbers


def checked_params(model: Model, values: Mapping[str, float], where: str, begins: bool = True) -> BaseModel:
    """Values checked together: by the model's own rule where it has one, and by what each may be of another.

    What is read when a world begins is held only against what others are then.
    """
    try:
        params = model.params.model_validate(values)
    except ValidationError as error:
        raise BestowalError(where + one_line(error.errors()[0]["msg"].removeprefix("Value error, "))) from None
    for p in models.limited(model):
        if p.fixed and not begins:
            continue
        value, most = getattr(params, p.name), getattr(params, p.at_most or p.below)
        if value > most or (p.below and value == most):
            word = "less" if p.below else "no more"
            raise BestowalError(f"{where}{p.name} = {value!r}: must be {word} than {p.at_most or p.below} = {most!r}")
    return params


def shown_value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else shown(value)


def held_values(model: Model, values: Mapping[str, float]) -> dict[str, float]:
    """These values, and with them the values of others at which the model doesn't overrule them."""
    held = dict(values)
    for overruled in model.overruled:
        if overruled.parameter not in values:
            continue
        for name, value in overruled.hold:
            if held.setdefault(name, value) != value:
                raise BestowalError(
                    f"{name} = {shown_value(held[name])}: {overruled.parameter} is held only at {value:g}"
                )
    return held


def as_index(value: Any) -> int | None:
    """The value as an int (NumPy's too), or None where it is none."""
    return None if isinstance(value, bool) or not hasattr(value, "__index__") else operator.index(value)


def checked_whole(name: str, value: Any, low: int, high: int, called: str = "") -> int:
    """The value as an int (NumPy's too), if it is one within these bounds."""
    number = as_index(value)
    if number is None or not low <= number <= high:
        tail = f" ({called})" if called else ""
        raise BestowalError(f"{name} = {shown_value(value)}: must be an integer from {low} to {high}{tail}")
    return number


def _string(data: dict[str, Any], name: str, default: str | None) -> str:
    value = data.get(name, default)
    if value is None:
        raise BestowalError(f"{name}: missing")
    if not isinstance(value, str):
        raise BestowalError(f"{name} = {shown_value(value)}: must be text")
    return value
