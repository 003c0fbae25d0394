"""One way to print a number: rounded formats, and no other place that rounds a number for a reader."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import bestowal
from bestowal.statistics import number_format as formats
from bestowal.statistics.intervals import Interval

PACKAGE = Path(bestowal.__file__).parent
ROUNDED = re.compile(r"(\.\{\}|\.[0-9])?[eEfF%]$|\.(\{\}|[1-9])[gG]$")
"""Format specifications that round: `.2f`, `.0%`, `.3g`. `g`, `.10g` and more digits are exact text."""
EXCEPTIONS = {  # a file or a folder
    "calibration/histories/": "sentences of docs/why/evidence.md, written anew by `make calibrate` alone",
    "core/files.py": "seconds waited for a lock: core stands below the formats",
    "questions/answer.py": "the one-line form of an answer, in a class whose code is part of its identity",
    "questions/kinds/sensitivity/": "sentences stored with the answer: their code is part of its identity",
    "questions/kinds/smallest/": "sentences stored with the answer: their code is part of its identity",
    "report/evidence.py": "numbers in the CSV of the posterior and the TOML of the predictions, which programs read",
    "uncertainty/prior.py": "the law of a calibrated parameter, in a class whose code is part of the identity of draws",
    "uncertainty/posterior.py": "a phrase stored with the answer: its code is part of its identity",
}


def rounding(code: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the specification of each number that the code of a module rounds into text."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
            parts = node.format_spec.values
            spec = "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in parts)
            if ROUNDED.search(spec):
                yield node.lineno, spec
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "format":
            yield node.lineno, "format()"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            left = node.left
            text = left.value if isinstance(left, ast.Constant) else None
            if isinstance(text, str) and re.search(r"%[-+.0-9]*[efg]", text):
                yield node.lineno, text


@pytest.mark.parametrize(
    "code", ['f"{x:.2f}"', 'f"{x:.0%}"', 'f"{x:+.3g}"', 'f"{x:,.1f}"', 'f"{x:.{n}f}"', '"%.1f" % x', 'format(x, ".1f")']
)
def test_a_rounded_number_is_seen(code: str) -> None:
    assert [line for line, _ in rounding(f"y = {code}")] == [1]


@pytest.mark.parametrize("code", ['f"{x:g}"', 'f"{x:,}"', 'f"{x:.10g}"', 'f"{x:>8}"', 'f"{x}"', "x % 2"])
def test_exact_text_is_not(code: str) -> None:
    assert list(rounding(f"y = {code}")) == []


def test_numbers_are_rounded_for_readers_in_one_place() -> None:
    found: dict[str, list[tuple[int, str]]] = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        name = file.relative_to(PACKAGE).as_posix()
        if name != "statistics/number_format.py" and (places := list(rounding(file.read_text(encoding="utf-8")))):
            found[name] = places
    assert {file: places for file, places in found.items() if not file.startswith(tuple(EXCEPTIONS))} == {}
    assert [name for name in EXCEPTIONS if not any(file.startswith(name) for file in found)] == []


def test_templates_round_with_the_same_formats() -> None:
    texts = {file.name: file.read_text(encoding="utf-8") for file in (PACKAGE / "report" / "templates").iterdir()}
    assert "answer.html" in texts
    assert [name for name, text in texts.items() if re.search(r"%[-+.0-9]*[efg]\"\s*\|\s*format", text)] == []


def test_an_interval_has_one_form() -> None:
    found = Interval(0.814, 0.754, 0.861, 200)
    assert formats.with_limits(found) == "81\u00a0% (75 to 86\u00a0%)"
    assert formats.limits(found) == "75 to 86\u00a0%"
    assert formats.with_limits(Interval(0.5, None, None, 1)) == "50\u00a0%"
    assert formats.with_limits(Interval(None, None, None, 0)) == "–"
    assert formats.between(-0.5, 1.25) == "−0.5 to 1.25"


@pytest.mark.parametrize(
    ("estimate", "low", "high", "text"),
    [
        (0.1234, 0.1012, 0.1456, "0.123 (0.101 to 0.146)"),
        (12.34, 10.1, 14.6, "12.3 (10.1 to 14.6)"),
        (1234.5, 1000.0, 1469.0, "1,234 (1,000 to 1,469)"),
        (-0.5, -0.75, -0.25, "−0.50 (−0.75 to −0.25)"),
        (2.0, 2.0, 2.0, "2.000 (2.000 to 2.000)"),
        (0.1234, None, None, "0.123"),
    ],
)
def test_a_mean_has_the_decimals_of_its_interval(
    estimate: float, low: float | None, high: float | None, text: str
) -> None:
    assert formats.mean_with_limits(Interval(estimate, low, high, 9)) == text


def test_half_an_interval_has_two_digits() -> None:
    assert formats.half_width(0.83149, 0.81949) == "0.831 ±0.012"
    assert formats.half_width(-1081.9, -1095.9) == "−1082 ±14"
    assert formats.half_width(0.5, 0.5) == "0.5 ±0"
    assert formats.half_width(0.5, None) == "0.5"
    assert formats.half_width(None, None) == formats.half_width(float("nan"), 0.0) == "–"


def test_p_values_signs_and_minus() -> None:
    assert [formats.p_value(p) for p in (0.0004, 0.0123, None)] == ["< 0.001", "0.012", "–"]
    assert [formats.p_value(p, "p") for p in (0.0004, 0.0123)] == ["p < 0.001", "p = 0.012"]
    assert formats.decimals(0.25, 2, signed=True) == "+0.25"
    assert formats.signed_number(-0.1234) == "−0.123"
    assert formats.number(1e-5) == "1e-05"
