"""Digests of code: the same wherever code stands and whatever it is called, another whenever it says something else."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import bestowal.models
from bestowal.models import registry as model
from bestowal.models.registry import Model, Observable
from bestowal.simulation import code_digest

FILES = {
    "__init__": "from bestowal.models.registry import Model, Observable\n"
    "from bestowal.models.sample.params import Params\n"
    'X = Observable("x", "1", "x", 0, 1)\n'
    'MODEL = Model("sample", "A sample", Params, (X,), "bestowal.models.sample.kernels")\n',
    "params": "from pydantic import BaseModel\nfrom bestowal.models.registry import param\n"
    'class Params(BaseModel):\n    a: float = param(0.5, "meaning", unit="1", low=0, high=1)\n',
    "kernels": "from bestowal.models.sample import between\n"
    "from bestowal.models.sample.callee import allocate, observe, start\n"
    "def step(row, state, seed, world, year):\n    return between.f(state, 2)\n",
    "between": "import numpy as np\n"
    "A, B = range(2)\n"
    "TABLE = [1, 2]\n"
    "TABLE[0] = 7\n"
    "def f(x, y):\n"
    "    from . import callee\n"
    "    total = np.float64(callee.g(x - y))\n"
    "    def inner(g):\n"
    "        return [g * A for A in TABLE]\n"
    "    if x > 3:\n"
    '        raise ValueError("x is too large")\n'
    "    return total + A + inner(1)[0]\n",
    "callee": "from bestowal.kernels import elementary as numerics\n"
    "SIZE: int = 3\n"
    "def allocate(row):\n    return even(SIZE)\n"
    "def start(row, state, seed, world):\n    return numerics.clip(1.0, 0.0, 1.0)\n"
    "def observe(row, state, out):\n    pass\n"
    "def even(n):\n    return n == 0 or odd(n - 1)\n"
    "def odd(n):\n    return n != 0 and even(n - 1)\n"
    "def g(x):\n    return 1.0\n",
    "apart": "def h():\n    return 1.0\n",
}


@pytest.fixture
def sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package `sample` among the models; no kernel reaches `apart`."""
    monkeypatch.setenv("BESTOWAL_CACHE", str(tmp_path / "cache"))
    package = tmp_path / "sample"
    package.mkdir()
    for name, text in FILES.items():
        (package / f"{name}.py").write_text(text)
    monkeypatch.setattr(bestowal.models, "__path__", [*bestowal.models.__path__, str(tmp_path)])
    yield package
    for name in [m for m in sys.modules if m.startswith("bestowal.models.sample")]:
        del sys.modules[name]
    vars(bestowal.models).pop("sample", None)


def digest() -> str:
    for kept_in_memory in (code_digest.of_model, code_digest._digested, code_digest._sources):
        kept_in_memory.cache_clear()
    return code_digest.of_model(model.load("sample"))


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("kernels", "state, 2)", "state, 3)"),
        ("kernels", "state, 2)", "2, state)"),
        ("kernels", "return between", "return 2 * between"),
        ("kernels", "callee import allocate, observe, start", "callee import allocate, observe, g as start"),
        ("between", "A, B", "B, A"),
        ("between", "TABLE[0] = 7", "TABLE[0] = 8"),
        ("between", "TABLE = [1, 2]", "TABLE = [2, 1]"),
        ("between", "def f(x, y)", "def f(y, x)"),
        ("between", "def f(x, y)", "def f(x, y=0)"),
        ("between", "x > 3", "x > 4"),
        ("between", "np.float64", "np.float32"),
        ("between", "g * A for A", "A * A for A"),
        ("between", "    def inner", "    x = total\n    def inner"),
        ("between", "import numpy as np\n", "import numpy.ma as np\n"),
        ("callee", "return 1.0", "return 1"),
        ("callee", "SIZE: int = 3", "SIZE: int = 4"),
        ("callee", "odd(n - 1)", "odd(n - 2)"),
        ("callee", "even(n - 1)", "even(n - 2)"),
        ("callee", "clip(1.0, 0.0", "clip(0.5, 0.0"),
        ("callee", "numerics.clip(1.0, 0.0, 1.0)", "numerics.exp(1.0)"),
    ],
)
def test_the_digest_sees_an_edit_anywhere_the_kernels_reach(sample: Path, file: str, old: str, new: str) -> None:
    before = digest()
    edit(sample / f"{file}.py", old, new)
    assert digest() != before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("apart", "1.0", "2.0"),
        ("callee", "def g(x):\n", 'def g(x):\n    """What g is for."""\n\n'),
        ("callee", "return 1.0", "return 1.0  # one"),
        ("callee", "return 1.0", "return (1.0)"),
        ("callee", "SIZE", "COUNT"),
        ("callee", "SIZE: int = 3", "SIZE = 3"),
        ("callee", "def g(x):", "def g(x: float) -> float:"),
        ("callee", "def odd(n):\n    return n != 0 and even(n - 1)\n", ""),
        ("between", "total", "summed"),
        ("between", "inner", "scaled"),
        ("between", "for A in", "for a in"),
        ("between", "x is too large", "x must be at most 3"),
        ("between", "import numpy as np\n", "import numpy\nfrom numpy import ma as unused\nnp = numpy\n"),
        ("between", "from . import callee\n", "from bestowal.models.sample import callee\n"),
        ("between", "from . import callee\n", "from .callee import g\n"),
        ("params", "meaning", "another meaning"),
        ("params", "low=0", "low=0.25"),
    ],
    ids=lambda text: text if len(text) < 12 else text[:12].replace("\n", " "),
)
def test_the_digest_does_not_see(sample: Path, file: str, old: str, new: str) -> None:
    before = digest()
    edit(sample / f"{file}.py", old, new)
    if "def odd" in old:  # moved behind what calls it
        edit(sample / "callee.py", "def even", old + "def even")
    if new == "from .callee import g\n":
        edit(sample / "between.py", "callee.g(", "g(")
    if new == "for a in":
        edit(sample / "between.py", "g * A", "g * a")
    if "np = numpy" in new:
        edit(sample / "between.py", "np.float64", "numpy.float64")
        edit(sample / "between.py", "np = numpy\n", "")
    assert digest() == before


def test_modules_and_functions_take_other_names_and_places(sample: Path) -> None:
    before = digest()
    (sample / "callee.py").rename(sample / "ground.py")
    edit(sample / "between.py", "import callee", "import ground")
    edit(sample / "between.py", "callee.g", "ground.g")
    edit(sample / "kernels.py", "sample.callee", "sample.ground")
    assert digest() == before
    text = (sample / "ground.py").read_text()
    g = "def g(x):\n    return 1.0\n"
    (sample / "ground.py").write_text(text.replace(g, "from .apart import one as g\n"))
    edit(sample / "apart.py", "def h():\n", g.replace("g(", "one(") + "def h():\n")
    assert digest() == before
    edit(sample / "between.py", "from . import ground\n", "from .apart import one\n")
    edit(sample / "between.py", "ground.g(", "one(")
    assert digest() == before
    edit(sample / "apart.py", "def one(x):\n    return 1.0", "def one(x):\n    return 2.0")
    assert digest() != before


def test_the_kernels_module_takes_another_name(sample: Path) -> None:
    before = digest()
    (sample / "kernels.py").rename(sample / "year.py")
    edit(sample / "__init__.py", "sample.kernels", "sample.year")
    for name in [m for m in sys.modules if m.startswith("bestowal.models.sample")]:
        del sys.modules[name]
    assert digest() == before


@pytest.mark.parametrize("partner", ["even", "odd"])
def test_each_of_two_that_call_one_another_sees_the_other(sample: Path, partner: str) -> None:
    other = {"even": "odd", "odd": "even"}[partner]
    text = f"from bestowal.models.sample.callee import even, odd\nboth = even, odd\nalone = {other}\n"

    def of() -> str:
        code_digest._digested.cache_clear()
        code_digest._sources.cache_clear()
        return code_digest.of_text(text)

    before = of()
    edit(sample / "callee.py", f"{partner}(n - 1)", f"{partner}(n - 3)")
    assert of() != before


def test_a_class_by_its_fields_and_methods(sample: Path) -> None:
    text = (
        "def width():\n    return 1\n"
        "def height():\n    return 2\n"
        "class Box:\n    width: int\n    height: int = 3\n    def area(self):\n        return width() * self.height\n"
    )
    before = code_digest.of_text(text)
    for old, new in [
        ("    width: int\n    height: int = 3\n", "    height: int = 3\n    width: int\n"),
        ("= 3", "= 4"),
        ("return width()", "return height()"),
        ("class Box", "class Box(tuple)"),
    ]:
        assert old in text
        assert code_digest.of_text(text.replace(old, new)) != before, new


def test_the_digest_sees_the_observables_change_places(sample: Path) -> None:
    one = model.load("sample")
    two = (*one.observables, Observable("y", "1", "y", 0, 1))
    one_way = Model("sample", "", one.params, two, one.kernels)
    other_way = Model("sample", "", one.params, two[::-1], one.kernels)
    assert code_digest.of_model(one_way) != code_digest.of_model(other_way)


def test_the_digest_sees_the_loop_over_time(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest()
    later = code_digest.KERNEL.replace("range(first, last)", "range(first + 1, last)")
    assert later != code_digest.KERNEL
    monkeypatch.setattr(code_digest, "KERNEL", later)
    assert digest() != before


def test_the_digest_sees_the_random_numbers(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest()
    read = code_digest.source

    def edited(name: str) -> str:
        text = read(name)
        if name == "bestowal.kernels.elementary":
            assert "def clip(x, lo, hi):\n" in text
            text = text.replace("def clip(x, lo, hi):\n", "def clip(x, low, high):\n    x += 1\n")
        return text

    monkeypatch.setattr(code_digest, "source", edited)
    monkeypatch.setattr(code_digest, "_remembered", lambda roots, packages, make: make())  # no file is edited
    assert digest() != before


def test_a_digest_is_read_from_the_cache_while_no_file_has_changed(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digest()
    (file,) = (tmp_path / "cache" / "digests").glob("*.json")
    with monkeypatch.context() as patch:
        patch.setattr(code_digest, "_Reader", None)
        assert digest() == before
    for damaged in (file.read_text().replace('"digest": "', '"digest": "0'), "{"):
        file.write_text(damaged)
        assert digest() == before, "what is damaged is not believed"
    (sample / "between.py").rename(sample / "amid.py")
    edit(sample / "kernels.py", "import between", "import amid as between")
    assert digest() == before
    edit(sample / "callee.py", "return 1.0", "return 2.0")
    assert digest() != before


def test_without_a_cache_that_can_be_written_digests_are_the_same(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digest()
    (tmp_path / "taken").write_text("a file")
    monkeypatch.setenv("BESTOWAL_CACHE", str(tmp_path / "taken" / "cache"))
    assert digest() == before


def test_the_digest_does_not_import_the_kernels(sample: Path) -> None:
    digest()
    assert "bestowal.models.sample.kernels" not in sys.modules


def test_missing_code_is_an_error_and_no_empty_digest(sample: Path) -> None:
    edit(sample / "callee.py", "def g(x)", "def other(x)")
    with pytest.raises(ModuleNotFoundError, match=r"sample\.callee defines no g"):
        digest()
    (sample / "kernels.py").unlink()
    with pytest.raises(ModuleNotFoundError, match=r"sample\.kernels"):
        digest()


def test_a_star_is_refused(sample: Path) -> None:
    edit(sample / "kernels.py", "from bestowal.models.sample import between", "from bestowal.models.sample import *")
    with pytest.raises(TypeError, match="import \\*"):
        digest()


def test_where_code_stands_is_listed(sample: Path) -> None:
    text = code_digest.KERNEL.format(kernels="bestowal.models.sample.kernels")
    assert "bestowal.models.sample.between.TABLE" in code_digest.reached(text)
    assert not any("apart" in place for place in code_digest.reached(text))


def test_functions_of_python_have_digests_too(sample: Path) -> None:
    from bestowal.questions.judging import answered
    from bestowal.questions.levers import paired
    from bestowal.statistics.intervals import proportion

    assert code_digest.of_functions(proportion) != code_digest.of_functions(paired)
    assert code_digest.of_functions(proportion, paired) != code_digest.of_functions(paired, proportion)
    assert code_digest.of_functions(answered) != code_digest.of_functions(paired)


def test_a_digest_is_the_same_in_every_python() -> None:
    """Pinned: the syntax tree of one source differs between Pythons in ways that must not matter."""
    text = (
        "def f(x, *, y=None):\n"
        "    'doc'\n"
        "    match x:\n        case {'a': z}: return z\n        case [*rest]: return rest\n"
        "    try:\n        pass\n    except ValueError as error:\n        return error\n"
        "    return {**x, 'a': [1, y]} if x else f'{x:.{y}}' f'{x!r}'\n"
    )
    assert code_digest.of_text(text) == "712d54ccf05a3add3201084e64a4d6b84e5d5aeaddaae74ba9f6136cac0cf5ed"
