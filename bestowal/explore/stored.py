"""What the store holds, for the page: runs, answers, and the verdicts on the source's claims. Nothing is run here.

An id or a key in a request is looked up in a listing of the store; nothing it says becomes a path.
"""

import json
import os
import re
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bestowal.core.errors import BestowalError
from bestowal.core.files import results, toml

KEY = re.compile(r"[0-9a-f]{64}")
PAGES = {"answer.html": "answer", "full.html": "full"}
COMMAND = "bestowal check source"


def runs(store: Path | None, titles: Mapping[str, str]) -> dict[str, Any]:
    """The answer to ``/api/store``: every run in it, the latest first, and what all of it takes on the disk.

    ``titles`` has the name of each listed scenario by its title, by which a run that was one, or was made of one, is
    known again.
    """
    folder = results(store)
    found = []
    for key, path in _runs(folder).items():
        table = _toml(path / "scenario.toml")
        array = path / "worlds.zarr" / "observed"
        blocks = sum(p.name.isdigit() for p in (array / "c").glob("*"))
        when = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        try:
            began = json.loads((path / "provenance.json").read_text(encoding="utf-8"))["runs"][-1]["began"]
            when = datetime.fromisoformat(began)
        except (OSError, ValueError, KeyError, IndexError, TypeError):
            pass
        found.append(
            {
                "key": key,
                "scenario": titles.get(str(table.get("title", ""))),
                "title": str(table.get("title", "")),
                "model": str(table.get("model", "")),
                "worlds": blocks * _block_size(array),
                "years": table.get("years"),
                "bytes": _bytes(path),
                "when": when.isoformat(timespec="seconds"),
            }
        )
    found.sort(key=lambda run: (run["when"], run["key"]), reverse=True)
    return {"folder": str(folder.resolve()), "bytes": _bytes(folder), "runs": found}


def remove(key: str, store: Path | None) -> None:
    """Remove this one run from the store, whole: it is moved aside first, so nobody finds half of it."""
    from filelock import FileLock, Timeout

    folder = results(store)
    known = _runs(folder)
    if key not in known:
        raise BestowalError(f"there is no run {key[:64]!r} in {folder}")
    path = known[key]
    if path.is_symlink() or path.resolve().parent != folder.resolve():
        raise BestowalError(f"{path}: leads out of the store, so it is not removed")
    aside = path.with_name(f"{key}.{uuid.uuid4().hex}.removed")
    try:
        with FileLock(path / "lock", timeout=5):
            path.rename(aside)
        shutil.rmtree(aside)
    except Timeout:
        raise BestowalError(f"{path}: is at work; try again when its run is done") from None
    except OSError as error:
        raise BestowalError(f"{error.filename or path}: {error.strerror or error}") from None


def answers(store: Path | None) -> list[dict[str, Any]]:
    """The answer to ``/api/answers``: the stored answers that their checksums vouch for, the latest first."""
    from bestowal.questions.answer_files import SUMS, load_answer

    found = []
    for id_, folder in _answers(store).items():
        answer = load_answer(folder)
        if answer is None or answer.id != id_:
            continue
        full = (folder / "full.html").is_file()
        told = {
            "id": id_,
            "title": answer.question.title,
            "question": answer.question.name,
            "worlds": answer.worlds,
            "full": full,
            "href": f"answers/{id_}/{'full' if full else 'answer'}.html",
        }
        found.append(((folder / SUMS).stat().st_mtime, told))
    return [told for _, told in sorted(found, key=lambda pair: pair[0], reverse=True)]


def report(id_: str, page: str, store: Path | None) -> bytes:
    """A stored answer's report; it is laid out now where ``bestowal ask`` left none."""
    from bestowal.questions.answer_files import load_answer
    from bestowal.report import answer_page as reports

    folder = _answers(store).get(id_)
    if folder is None or page not in PAGES:
        raise BestowalError("there is no such answer in the store")
    file = folder / page
    if file.is_file():
        return file.read_bytes()
    answer = load_answer(folder)
    if page != "answer.html" or answer is None:
        raise BestowalError(f"{id_}: there is no {page} of it; `bestowal ask QUESTION --full` makes one")
    return reports.page(replace(answer, folder=str(folder), command=f"bestowal ask {answer.question.name}")).encode()


def claims(store: Path | None) -> dict[str, Any]:
    """The answer to ``/api/claims``: the source's claims with the verdicts kept in the store."""
    from bestowal.claims.claim_file import source_claims
    from bestowal.report.site import checked

    every = source_claims()
    found = {one.result.claim.id: one.result for one in checked(every, store)}
    table = []
    for claim in every:
        result = found.get(claim.id)
        share = result.share if result is not None else None
        table.append(
            {
                "id": claim.id,
                "says": " ".join(claim.claim.split()),
                "verdict": result.phrase if result is not None else "not checked",
                "share": [share.estimate, share.low, share.high] if share is not None else None,
                "draws": result.draws if result is not None else 0,
                "because": " ".join(result.because.split()) if result is not None else "",
                "page": None,
            }
        )
    return {"claims": table, "checked": all(claim.id in found for claim in every), "command": COMMAND}


def _runs(folder: Path) -> dict[str, Path]:
    return {p.name: p for p in _inside(folder) if KEY.fullmatch(p.name) and (p / "scenario.toml").is_file()}


def _answers(store: Path | None) -> dict[str, Path]:
    return {p.name: p for p in _inside(results(store) / "answers")}


def _inside(folder: Path) -> list[Path]:
    """The folders in a folder, by name; none where it isn't there."""
    try:
        return sorted(p for p in folder.iterdir() if p.is_dir())
    except OSError:
        return []


def _block_size(array: Path) -> int:
    """Worlds in a file of this Zarr array, by its metadata; 0 where there are none to read."""
    try:
        text = (array / "zarr.json").read_text(encoding="utf-8")
        return int(json.loads(text)["chunk_grid"]["configuration"]["chunk_shape"][0])
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return 0


def _toml(file: Path) -> dict[str, Any]:
    try:
        return toml(file)
    except BestowalError:
        return {}


def _bytes(folder: Path) -> int:
    """What lies in a folder, in bytes; links are not followed."""
    total = 0
    for here, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(here, name)).st_size
            except OSError:  # gone meanwhile
                continue
    return total
