"""Plants faults in a copy of the page of explore, one at a time, and says whether the browser tests see each. Half a minute a fault.

python verify/planted_page_faults.py [--about TEXT]

Needs Chromium. Exit status 1 when a fault goes unseen, or a test fails without any.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PAGE = "bestowal/explore/page"
TESTS = "tests/test_explore_page.py"


class Fault(NamedTuple):
    """What stands once in a module of the page, what is planted there, what that does, and the test that runs."""

    file: str
    there: str
    planted: str
    words: str
    test: str


FAULTS = [
    Fault("twins.js", 'stage(canvas, side === "b")', "stage(canvas, true)", "both sides mark who is unlike", "a_lever_moves"),
    Fault("twins.js", "drawn.show(pair, side)", 'drawn.show(pair, "b")', "the left world is the changed one", "a_lever_moves"),
    Fault("dots.js", "marks && flags[k] & UNLIKE) diamonds", "marks && !flags[k]) diamonds", "diamonds around the others", "scrubbing"),
    Fault("moves.js", "world.differs[row] ? UNLIKE : 0", "world.differs[row] ? 0 : UNLIKE", "who is alike counts as unlike", "a_lever_moves"),
    Fault("state.js", "isChanged(state) ? state.y : 0", "0", "the change begins in the first year, always", "scrubbing"),
    Fault("address.js", 'for (const name of ["y", "w", "t"]) if (state[name])', 'for (const name of ["y", "t"]) if (state[name])', "a link forgets the world", "the_link_restores"),
    Fault("address.js", "history.pushState({ at }, \"\", hashOf(state))", "history.replaceState({ at }, \"\", hashOf(state))", "a step can not be undone", "a_lever_moves"),
    Fault("experiment.js", "address().undo()", "address().redo()", "Undo redoes", "a_lever_moves"),
    Fault("people.js", "hovered = pair[side].person[row];", "hovered = row;", "keys point at a row, not at its person", "keys_lead"),
    Fault("people.js", 'key === "PageDown" ? 1 : -1', 'key === "PageDown" ? -1 : 1', "Page Down goes back", "people_by_keyboard"),
    Fault("pair.js", "if (body.scenario !== session.state.s) continue;", "continue;", "a pair that is there is not shown", "a_lever_moves"),
    Fault("odds_run.js", "most_worlds: panel.most()", "most_worlds: 400", "the number of worlds asked for is not sent", "the_odds_come_in"),
    Fault("watch.js", "for (const one of again) one();", "", "what waited for the server is forgotten", "a_stopped_server"),
    Fault("host_recorded.js", "return [...names].every((name) => {", "return true || [...names].every((name) => {", "any recorded answer will do", "the_export_opens"),
    Fault("lattice.js", "changes.push({ step: now,", "changes.push({ step: 0,", "the lattice changes from its first period on", "the_lattice_changes"),
    Fault("shell.js", 'h("main", { id: "main", tabindex: -1 })', 'h("div", { id: "main", tabindex: -1 })', "no main landmark", "axe"),
]  # fmt: skip


def failing(choice: str, fault: Fault | None = None) -> str:
    """The first of the chosen tests that fails in a copy of the project with this fault in place; "" where none does."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in ("bestowal", "tests"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        if fault is not None:
            target = copy / PAGE / fault.file
            text = target.read_text(encoding="utf-8")
            target.write_text(text.replace(fault.there, fault.planted), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", TESTS, "-k", choice]
        environment = {**os.environ, "PYTHONPATH": str(copy), "CI": "1"}
        run = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
        failed = re.search(r"^(?:FAILED|ERROR) \S+?::(\S+)", run.stdout, re.MULTILINE)
        if not failed and run.returncode:
            raise SystemExit(f"{choice}: {run.stdout}{run.stderr}")
        return failed.group(1) if failed else ""


def main() -> int:
    parser = argparse.ArgumentParser(description="Which faults in the page the browser tests see.")
    parser.add_argument("--about", metavar="TEXT", default="", help="the faults whose row has this in it")
    about = parser.parse_args().about
    faults = [fault for fault in FAULTS if any(about in part for part in fault)]
    for fault in faults:
        times = (ROOT / PAGE / fault.file).read_text(encoding="utf-8").count(fault.there)
        if times != 1:
            raise SystemExit(f"{fault.file}: {fault.there!r} stands there {times} times, not once")
    sound = failing(" or ".join(sorted({fault.test for fault in faults})))
    if sound:
        raise SystemExit(f"{sound} fails without any fault")
    unseen = 0
    for fault in faults:
        by = failing(fault.test, fault)
        unseen += not by
        print(f"{fault.file:18}{fault.words:50}{by or 'UNSEEN'}", flush=True)
    print(f"{len(faults) - unseen} of {len(faults)} seen")
    return int(unseen > 0)


if __name__ == "__main__":
    sys.exit(main())
