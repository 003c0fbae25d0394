"""The page as one file with the answers recorded in it: to be mailed, or put on a course page."""

import base64
import gzip
import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bestowal.core.files import expanded, write
from bestowal.explore import catalogue, page
from bestowal.explore.pairs import never
from bestowal.explore.requests import OddsRequest, PairRequest, odds_lines, pair, state_of, version

WORLDS = 400


def export(
    file: Path,
    scenario: str,
    values: Mapping[str, float] | None = None,
    from_year: int | None = None,
    world: int = 0,
    *,
    worlds: int = WORLDS,
    folder: Path | None = None,
    store: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write the page with this experiment and the baseline as one self-contained HTML file.

    Parameters
    ----------
    file : written whole or not at all.
    scenario, values, world : the experiment, as `serve` and the page take it.
    from_year : the year of the scenario's calendar from which the values hold; from the start unless given.
    worlds : how many the odds rest on.
    folder : where the user's own .toml files are; the current folder unless given.
    progress : called with (worlds done, worlds in all).
    """
    folder = folder or Path.cwd()
    base = catalogue.scenario(scenario, folder)
    begins = 0 if from_year is None else base.step(from_year, "from_year")
    shown, question = _shown(scenario, base.model, catalogue.catalogue(folder))
    answers: list[dict[str, Any]] = [
        {"path": "/api/catalogue", "json": shown},
        {"path": f"/api/models/{base.model}", "json": catalogue.model(base.model)},
        {"path": f"/api/scenarios/{scenario}", "json": catalogue.shown_scenario(scenario, folder)},
    ]
    question_name = question["name"] if question else None
    if question_name:
        shown_question = catalogue.shown_question(question_name, folder)
        answers.append({"path": f"/api/questions/{question_name}", "json": shown_question})
    changes: list[tuple[dict[str, float], int]] = [(dict(values), begins)] if values else []
    changes.append(({}, 0))
    experiments = []
    for done, (now, year) in enumerate(changes):
        experiments.append({"label": label(now, year, base.first_year), "state": state_of(scenario, now, year, world)})
        body = {"scenario": scenario, "values": now, "from_year": year}
        frames = pair(PairRequest(**body, world=world), folder)
        packed = base64.b64encode(gzip.compress(frames, 9, mtime=0)).decode()
        answers.append({"path": "/api/pair", "body": {**body, "world": world}, "frames": packed})
        judged = {**body, "question": question_name, "most_worlds": worlds}
        last: dict[str, Any] = {}
        for line in odds_lines(OddsRequest(**judged), folder, store, never):
            last = json.loads(line)
            if progress is not None:
                progress(done * worlds + last["worlds"], len(changes) * worlds)
        answers.append({"path": "/api/odds", "body": judged, "lines": [last]})
    made = f"bestowal {version()}, {date.today().isoformat()}"
    write(expanded(file), page.document({"made": made, "experiments": experiments, "answers": answers}))


def _shown(scenario: str, model: str, whole: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return what the catalogue holds of one scenario, and its first question, by which the page judges the odds."""
    question = next((q for q in whole["questions"] if q["scenario"] == scenario), None)
    shown = {
        "scenarios": [s for s in whole["scenarios"] if s["name"] == scenario],
        "questions": [question] if question else [],
        "models": [m for m in whole["models"] if m["name"] == model],
        "claims": [],
        "problems": [],
    }
    return shown, question


def label(values: Mapping[str, float], from_year: int, first_year: int) -> str:
    """An experiment in words: "pay_link = 0.3 from 1929"."""
    if not values:
        return "Baseline"
    late = f" from {first_year + from_year}" if from_year else ""
    return ", ".join(f"{name} = {value:g}" for name, value in values.items()) + late
