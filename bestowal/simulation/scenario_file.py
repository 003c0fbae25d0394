"""Scenario files: found in the catalogue or by a path, read with what they extend, and written.

`scenario` reads, `to_toml` writes; `to_table` and `from_table` do the same for JSON.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bestowal.core.errors import BestowalError, nearest, shown
from bestowal.core.files import absent, expanded, is_path, toml
from bestowal.models import registry as models
from bestowal.models.model_files import import_model
from bestowal.models.registry import Model, Parameter
from bestowal.simulation.scenario import MAX_YEARS, Change, Scenario, defaults, settled_changes
from bestowal.simulation.values import checked_numbers, checked_params, checked_whole, one_line, shown_value

CATALOGUE = Path(__file__).parent.parent / "catalogue" / "scenarios"
LONGEST_CHAIN = 100  # files that extend one another

_ASKS = {"scenario", "levers", "test", "success", "words"}  # keys of a question
_TOP = ("name", "title", "about", "model", "extends", "years", "first_year", "seed", "values", "changes")


def scenario(name_or_path: str | os.PathLike[str], folder: Path = Path(), *, imports: bool = True) -> Scenario:
    """Read a scenario: one of the catalogue by its name, a .toml file, or the defaults of a model.

    Parameters
    ----------
    name_or_path : a name of the catalogue; the path of a .toml file; the name of a model; or the path of a .py file
        that holds a model, which is imported, as is one that a .toml file names.
    folder : where a relative path starts.
    imports : False refuses a model in a file unless this process has imported it already.

    Raises
    ------
    BestowalError
        There is no such scenario, file or model, or the file holds what it may not; the line names the file, the key,
        the value and what it must be.

    Examples
    --------
    >>> import bestowal
    >>> kibbutz = bestowal.scenario("kibbutz")
    >>> kibbutz.first_year, kibbutz.years
    (1920, 80)
    """
    if _of_model(name_or_path):
        return defaults(os.fspath(name_or_path))
    if _of_model_file(name_or_path):
        return defaults(_model_file(os.fspath(name_or_path), folder, imports))
    return _read(_locate(name_or_path, folder), (), imports)


def scenarios() -> list[str]:
    """Return the names of the catalogue's scenarios, sorted.

    >>> import bestowal
    >>> "kibbutz" in bestowal.scenarios()
    True
    """
    return sorted(p.stem for p in CATALOGUE.glob("*.toml"))


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
    lines = [f"title = {toml_text(scenario.title)}"]
    if scenario.about:
        lines.append(f"about = {toml_text(scenario.about)}")
    lines += [
        f"model = {toml_text(scenario.model)}",
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


def toml_text(text: str) -> str:
    """Return a text as a TOML string."""
    lines = [json.dumps(line, ensure_ascii=False)[1:-1].replace("\x7f", "\\u007f") for line in text.split("\n")]
    return f'"{lines[0]}"' if len(lines) == 1 else '"""\n' + "\n".join(lines) + '"""'


def _of_model(name_or_path: str | os.PathLike[str]) -> bool:
    """Whether this names a model, and with it the scenario of its defaults."""
    name = os.fspath(name_or_path)
    if isinstance(name_or_path, Path) or not name.isidentifier() or name in scenarios():
        return False
    return name in models.names() or name in models.installed()


def _of_model_file(name_or_path: str | os.PathLike[str]) -> bool:
    """Whether this is the path of a Python file, which holds a model."""
    return os.fspath(name_or_path).endswith(".py")


def _model_file(given: str, folder: Path, imports: bool) -> str:
    """The name of the model in a file; `folder` is where a relative path starts."""
    path = folder / expanded(given)
    if not path.is_file():
        raise BestowalError(absent(path))
    if not imports:
        models.load(str(path.resolve()))
    return import_model(path)


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
        if (folder / given).is_file():
            hint = f"; the file {given} is neither a scenario (.toml) nor a model (.py)"
        known = [*scenarios(), *models.names(), *models.installed()]
        raise BestowalError(f"there is no scenario {given!r} in the catalogue{hint or nearest(given, known)}")
    return CATALOGUE / f"{given}.toml"


def _read(path: Path, above: tuple[Path, ...], imports: bool) -> Scenario:
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
            elif _of_model_file(given):
                parent = defaults(_model_file(given, path.parent, imports))
            else:
                base = _locate(given, path.parent)
    except BestowalError as error:
        raise BestowalError(f"{path}: extends: {error}") from None
    if base is not None:
        parent = _read(base, (*above, path.resolve()), imports)
    try:
        if _of_model_file(_string(data, "model", "")):
            data["model"] = _model_file(data["model"], path.parent, imports)
        return _build(_string(data, "name", path.stem), data, parent)
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
    if parent is not None and parent.changes and first_year != parent.first_year:
        step = parent.changes[0].year
        raise BestowalError(
            f"first_year = {first_year}: what it extends, {parent.name}, has changes, whose years are steps from "
            f"{parent.first_year}: its change of {parent.first_year + step} would fall in {first_year + step}; leave "
            "first_year out, or write the changes anew without extends"
        )
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


def _string(data: dict[str, Any], name: str, default: str | None) -> str:
    value = data.get(name, default)
    if value is None:
        raise BestowalError(f"{name}: missing")
    if not isinstance(value, str):
        raise BestowalError(f"{name} = {shown_value(value)}: must be text")
    return value
