"""The tutorial runs from the first cell to the last, its outputs are stored, and what its text says comes out."""

import asyncio
import json
import os
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from tutorial_claims import RESULTS, sizes_said, unsupported

ROOT = Path(__file__).parent.parent
FILE = ROOT / "docs" / "tutorials" / "what-makes-it-last.ipynb"
pytestmark = [pytest.mark.subprocess, pytest.mark.skipif(sys.platform == "win32", reason="Jupyter's event loop")]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, dict[str, Any]]:
    """The notebook as run here, and its results."""
    folder = tmp_path_factory.mktemp("tutorial")
    book = nbformat.read(FILE, as_version=4)
    book.cells.append(nbformat.v4.new_code_cell(RESULTS))
    with pytest.MonkeyPatch.context() as patch:
        # The interpreter that runs the tests, whatever kernels are installed beside it; and nothing of the user's.
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "MPLCONFIGDIR"):
            patch.setenv(name, str(folder / name))
        patch.setenv("JUPYTER_PATH", str(Path(sys.prefix) / "share" / "jupyter"))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
        client = NotebookClient(book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
        asyncio.run(client.async_execute())
    results = json.loads(book.cells.pop().outputs[0]["text"])
    return book, results


def findings(book: Any) -> list[str]:
    return [cell.source for cell in book.cells if "findings" in cell.metadata.get("tags", [])]


def printed(book: Any) -> list[list[str]]:
    """What each code cell prints or shows as text; figures count as one mark each."""
    return [
        [
            "figure" if "image/png" in output.get("data", {}) else output.get("text") or output["data"]["text/plain"]
            for output in cell.outputs
        ]
        for cell in book.cells
        if cell.cell_type == "code"
    ]


def test_the_stored_outputs_are_those_of_a_run(run: tuple[Any, dict[str, Any]]) -> None:
    book, _ = run
    stored = nbformat.read(FILE, as_version=4)
    nbformat.validate(stored)
    assert printed(stored) == printed(book)
    assert sum(bool(cell) for cell in printed(stored)) >= 10
    errors = [o for cell in book.cells if cell.cell_type == "code" for o in cell.outputs if o.get("name") == "stderr"]
    assert errors == []


def test_every_number_and_effect_in_the_findings_is_that_of_the_results(run: tuple[Any, dict[str, Any]]) -> None:
    book, results = run
    assert len(findings(book)) == 5
    assert [unsupported(text, results) for text in findings(book)] == [[]] * 5


@pytest.mark.parametrize(
    ("said", "planted"),
    [
        ("`saving` lowers P(success)", "`saving` raises P(success)"),
        ("`care` raises P(success) by 61", "`care` raises P(success) by 41"),
        ("`guarantee`: cannot tell", "`guarantee` raises P(success)"),
        ("`standing` falls", "`standing` rises"),
        ("still stand", "still stand after 3 votes"),
        ("Made in 1985, the change adds 0.21", "Made in 1985, the change adds 0.31"),
    ],
)
def test_a_planted_sentence_is_found(said: str, planted: str, run: tuple[Any, dict[str, Any]]) -> None:
    book, results = run
    text = "\n".join(findings(book))
    assert said in text
    assert unsupported(text.replace(said, planted), results)


def test_each_lever_stands_in_the_class_of_its_effect(run: tuple[Any, dict[str, Any]]) -> None:
    book, results = run
    classes = dict(sizes_said("\n".join(findings(book))))
    assert set(classes) == {"Large", "Middling", "Small", "Harmful", "Not decided"}
    for size, names in classes.items():
        assert names
        for name in names:
            estimate, low, high = (100 * number for number in results["levers"][name])
            decided = low > 0 or high < 0
            assert size == (
                "Not decided"
                if not decided
                else "Harmful"
                if estimate < 0
                else "Large"
                if estimate >= 40
                else "Middling"
                if estimate >= 10
                else "Small"
            ), name


def test_the_findings_in_words_hold(run: tuple[Any, dict[str, Any]]) -> None:
    _, results = run
    twins = results["twins"]
    assert results["nothing"] == 0
    assert all(numbers == [0, 0, 0] for name, numbers in twins.items() if name.endswith("1989"))
    # More work and less equality; firms lost at first and saved in the end.
    assert twins["effort 2019"][1] > 0 and twins["gini 2019"][1] > 0
    assert twins["standing 1995"][2] < 0 < twins["standing 2019"][1]
    assert twins["members 1990"][1] < 0 < twins["members 1990"][2]
    # Each step of the size adds about as much as the one before: within the widest interval of a point.
    means = [numbers[0] for numbers in results["sizes"].values()]
    steps = [after - before for before, after in pairwise(means)]
    widest = max(high - low for _, low, high in results["sizes"].values())
    assert min(steps) > 0 and max(steps) - min(steps) < widest
    late = [numbers[0] for numbers in results["late"].values()]
    assert late == sorted(late, reverse=True)
