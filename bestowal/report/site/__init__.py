"""Answers as a small static site: numbered pages, one an answer, an index by claim and one by theme, and a feed.

The form is that of the page the project began with: a theme code before the question, the question first, a short
answer, the reasons, the source, an id in brackets, related answers. A page is `answers/<id>.html`, and its id follows
the content: what was run (model, parameters, seeds, number of draws) and what came out. The numbers No. 1, No. 2 … are
given in the order of publication and never again; `answers.json` keeps them, and what the indexes and the feed say of
pages whose results are no longer at hand. Nothing is run here.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bestowal.core.errors import BestowalError
from bestowal.core.files import expanded, results, write
from bestowal.questions.answer import Answer
from bestowal.questions.answer_files import SUMS, load_answer
from bestowal.questions.question_file import questions
from bestowal.report import answer_page as report
from bestowal.report.site.feed import feed
from bestowal.report.site.items import Asked, Checked, Item, command, day, family, item_of, place
from bestowal.report.site.pages import index, mark, themes, write_answer

if TYPE_CHECKING:
    from bestowal.claims.claim_file import SourceClaim

__all__ = ["Asked", "Checked", "Item", "Site", "asked", "build", "checked"]

LEDGER = "answers.json"
FORMAT = 1


@dataclass(frozen=True)
class Site:
    """The pages built, by kind, and the items without results yet."""

    index: Path
    new: list[Item]
    kept: list[Item]
    superseded: list[Item]
    unchecked: list[tuple[str, str]]  # claim, and the command that checks it


def asked(store: Path | str | None = None) -> list[Asked]:
    """Return one stored answer per question: current before outdated, then by most worlds, then the latest."""
    found: dict[str, list[Asked]] = {}
    for folder in sorted((results(store) / "answers").glob("*")):
        answer = load_answer(folder) if folder.is_dir() else None
        if answer is not None:
            name = answer.question.name
            command = f"bestowal ask {shlex.quote(name)} --worlds {answer.worlds}"
            when = datetime.fromtimestamp((folder / SUMS).stat().st_mtime, UTC)
            whole = replace(answer, folder=str(folder), command=command)
            found.setdefault(name, []).append(Asked(whole, when, _other_today(answer)))
    return [
        max(of_one, key=lambda a: (not a.stale, a.answer.worlds, a.computed)) for _, of_one in sorted(found.items())
    ]


def _other_today(answer: Answer) -> bool:
    """Return whether the catalogue question of that name would now have another answer id."""
    from bestowal.questions.ask import identity
    from bestowal.questions.question import runs
    from bestowal.questions.question_file import question
    from bestowal.simulation.scenario import key

    if answer.question.name not in questions():
        return False
    asked, base = question(answer.question.name)
    as_often = replace(asked, worlds=answer.question.worlds, most_worlds=answer.question.most_worlds)
    return identity(as_often, {name: key(arm) for name, arm in runs(as_often, base).items()}) != answer.id


def checked(claims: Sequence[SourceClaim], store: Path | str | None = None) -> list[Checked]:
    """Return the stored results of these claims: for each claim, the result with the most draws."""
    from bestowal.claims.claim_file import CATALOGUE
    from bestowal.claims.source import stored

    found = []
    for claim in claims:
        kept = stored(claim, store=store)
        if kept:
            result, seed, computed = max(kept, key=lambda k: (k[0].draws, -k[1]))
            file = CATALOGUE / f"{claim.id[0]}{claim.id[1:]:0>2}.toml"
            if claim.experiment is None and file.is_file():  # nothing was computed: it is as old as its wording
                computed = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            found.append(Checked(result, seed, computed))
    return found


def build(
    out: Path | str,
    claims: Sequence[SourceClaim],
    found: Sequence[Checked | Asked],
    *,
    address: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Site:
    """Write the site into a folder, or update an existing site.

    Parameters
    ----------
    out : the folder; one with an `index.html` that isn't such a site is left alone, with a complaint.
    claims : all claims of the source: those not in ``found`` are listed as not checked yet.
    found : what is computed, from `checked` and `asked`.
    address : where the site will stand, for the feed's absolute links; relative ones without.
    progress : called with (pages done, pages).
    """
    out = expanded(out)
    before = _ledger(out)
    todo: list[tuple[Item, Checked | Asked]] = []
    ledger = {item.id: item for item in before}
    latest = {item.subject: item for item in before if item.latest}
    new, superseded = [], []
    for one in sorted(found, key=lambda one: place(item_of(one))):
        item = item_of(one)
        known, last = ledger.get(item.id), latest.get(item.subject)
        if known is not None:
            item = replace(item, number=known.number, updated=known.updated, supersedes=known.supersedes)
        else:
            item = replace(item, number=max((i.number for i in ledger.values()), default=0) + 1)
            new.append(item)
        if last is not None and last.id != item.id:
            if known is None:
                item = replace(item, supersedes=last.id)
            ledger[last.id] = replace(last, latest=False)
            superseded.append(ledger[last.id])
        ledger[item.id] = latest[item.subject] = item
        todo.append((item, one))
    at_hand = {item.subject for item, _ in todo}
    for item in [i for i in latest.values() if i.subject not in at_hand]:
        ledger[item.id] = latest[item.subject] = replace(item, gone=True)
    items = sorted(ledger.values(), key=lambda item: item.number)
    unchecked = [(c, command(c.id)) for c in claims if c.experiment is not None and c.id not in latest]
    try:
        _write(out, todo, items, latest, unchecked, address, progress)
    except OSError as error:
        raise BestowalError(f"{error.filename or out}: can't be written: {error.strerror}") from None
    if progress is not None:
        progress(len(todo), len(todo))
    kept = [item for item, _ in todo if item.id not in {i.id for i in new}]
    return Site(out / "index.html", new, kept, superseded, [(claim.id, command) for claim, command in unchecked])


def _write(
    out: Path,
    todo: Sequence[tuple[Item, Checked | Asked]],
    items: Sequence[Item],
    latest: dict[str, Item],
    unchecked: Sequence[tuple[SourceClaim, str]],
    address: str | None,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Write every page, the two indexes, the feed and the ledger of all answers."""
    shown = sorted((item for item in items if item.latest), key=place)
    style = "".join((report.TEMPLATES / name).read_text(encoding="utf-8") for name in ("style.css", "site.css"))
    write(out / "style.css", style)
    for done, (item, one) in enumerate(todo):
        if progress is not None:
            progress(done, len(todo))
        write_answer(out, item, one, items, shown)
    for item in items:
        mark(out, item, latest[item.subject])
    common = {"families": {item.theme: family(item.theme) for item in items}, "day": day, "root": ""}
    write(out / "index.html", index(shown, items, latest, unchecked, common))
    write(out / "themes.html", themes(shown, common))
    write(out / "feed.xml", feed(shown, address))
    content = {"format": FORMAT, "answers": [asdict(item) for item in items]}
    write(out / LEDGER, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def _ledger(out: Path) -> list[Item]:
    from pydantic import TypeAdapter, ValidationError

    file = out / LEDGER
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise BestowalError(f"{file}: format {content['format']}; this bestowal reads and writes format {FORMAT}")
        return TypeAdapter(list[Item]).validate_python(content["answers"])
    except FileNotFoundError:
        if (out / "index.html").exists():
            raise BestowalError(f"{out}: has an index.html that isn't such a site's; name another folder") from None
        return []
    except (OSError, ValueError, KeyError, TypeError, ValidationError):
        raise BestowalError(
            f"{file}: can't be read; without it, pages would get new numbers: mend it or move it away"
        ) from None
