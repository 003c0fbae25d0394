"""docs/architecture.md says what the code is: the picture, the counts, the rooms on the way, and no circle."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "docs"))
import draw_architecture as drawing  # noqa: E402

FILES = drawing.modules()
ARROWS = drawing.arrows(FILES)
PAGE = drawing.PAGE.read_text(encoding="utf-8")


def test_the_picture_and_the_counts_are_those_of_the_code() -> None:
    old = "python docs/draw_architecture.py writes it anew"
    assert drawing.picture(FILES, ARROWS) == drawing.PICTURE.read_text(encoding="utf-8"), old
    assert drawing.page(PAGE, FILES, ARROWS) == PAGE, old


def test_no_modules_import_one_another_in_a_circle() -> None:
    assert drawing.circles(ARROWS) == []


def test_a_planted_circle_is_found() -> None:
    planted = [*ARROWS, drawing.Arrow("core.errors", "simulation.store", False, False)]
    (circle,) = drawing.circles(planted)
    assert {"core.errors", "simulation.store"} <= set(circle)
    assert drawing.circles([*ARROWS, drawing.Arrow("core.errors", "simulation.store", True, False)]) == []


def test_the_arrows_are_those_that_import_linter_sees() -> None:
    import grimp

    graph = grimp.build_graph("bestowal", cache_dir=None)
    seen = {
        (importer.partition(".")[2], imported.partition(".")[2])
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
    }
    inner = {pair for pair in seen if all(pair)}
    assert {(arrow.importer, arrow.imported) for arrow in ARROWS} == inner


@pytest.mark.parametrize(("heading", "most"), [("One run", 6), ("One question", 8)])
def test_each_room_on_the_way_is_reached_from_one_before(heading: str, most: int) -> None:
    (section,) = re.findall(rf"^## {heading}.*?\n(.*?)^## ", PAGE, flags=re.MULTILINE | re.DOTALL)
    rooms = re.findall(r"^\| \d \| `([\w.]+)` \|", section, flags=re.MULTILINE)
    assert 1 < len(rooms) <= most
    for n, room in enumerate(rooms[1:], 1):
        if room.startswith(("models.", "questions.kinds")):
            continue  # found by being in its folder, not imported
        inside = {name for name in FILES if name == room or name.startswith(f"{room}.")}
        before = {name for name in FILES for r in rooms[:n] if name == r or name.startswith(f"{r}.")}
        later = {name for name in FILES for r in rooms[n + 1 :] if name == r or name.startswith(f"{r}.")}
        assert inside, room
        assert any(arrow.imported in inside and arrow.importer in before | later for arrow in ARROWS), room
