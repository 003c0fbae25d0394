"""Models outside the package: in a file of the user's, and named by an installed package."""

import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import toy

import bestowal
from bestowal.core.errors import BestowalError
from bestowal.explore import catalogue
from bestowal.models import registry
from bestowal.models.model_files import import_model
from bestowal.simulation import engine
from bestowal.simulation.loop import slow_notice
from bestowal.simulation.scenario import key
from bestowal.simulation.scenario_file import scenario

EXAMPLE = Path(__file__).parent.parent / "docs" / "how-to" / "my_model.py"
PLAIN = EXAMPLE.read_text(encoding="utf-8")
COMPILED = PLAIN.replace("\ndef ", "\n@njit\ndef ").replace(
    "import numpy as np\n", "import numpy as np\nfrom numba import njit\n"
)


@pytest.fixture
def model(tmp_path: Path) -> Callable[..., Path]:
    """Writes a model's file: `model(text, "a/my_model.py")`."""

    def write(text: str = PLAIN, name: str = "my_model.py") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_the_example_is_as_short_as_it_is_said_to_be() -> None:
    assert len(PLAIN.splitlines()) <= 40 and PLAIN in (EXAMPLE.parent / "your-own-model.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_plain_python_and_compiled_give_the_same_bits(model: Callable[..., Path]) -> None:
    plain = bestowal.scenario(model(PLAIN, "plain/my_model.py"))
    compiled = bestowal.scenario(model(COMPILED, "compiled/my_model.py"))
    worlds = [0, 5, 2]
    observed = engine.simulate(plain, worlds)
    assert observed.tobytes() == engine.simulate(compiled, worlds).tobytes()
    assert observed[0, 0, 0] > 0 and len(np.unique(observed)) > 20  # it is no constant
    assert slow_notice(registry.load(plain.model)).startswith("my_model: plain Python, which runs")
    assert slow_notice(registry.load(compiled.model)) == slow_notice(registry.load("boyd_2003")) == ""


@pytest.mark.slow
def test_a_model_in_a_file_is_run_stored_and_read_like_any_other(model: Callable[..., Path], tmp_path: Path) -> None:
    rumour = bestowal.scenario(model())
    assert (rumour.name, rumour.years, registry.load(rumour.model).step) == ("my_model", 50, "day")
    first = bestowal.run(rumour, 40, store=tmp_path / "store", threads=1)
    again = bestowal.run(rumour.but(seed=1, years=50), 40, store=tmp_path / "store", threads=1)
    assert first.identical(again) and first.attrs["model"] == "my_model"
    assert bestowal.read(tmp_path / "store" / key(rumour)).sizes == {"world": 64, "year": 50}
    other = rumour.but(tell=0.5, years=10, seed=3)
    assert (other.values.tell, other.years, other.seed) == (0.5, 10, 3)  # type: ignore[attr-defined]
    twins = bestowal.compare(rumour, rumour.but(20, tell=0.0), 8, store=tmp_path / "store")
    assert int(twins["first_year"].min()) >= 20


def test_a_scenario_names_a_model_beside_it_and_extends_one(model: Callable[..., Path], tmp_path: Path) -> None:
    model()
    (tmp_path / "loud.toml").write_text('model = "my_model.py"\nyears = 20\nvalues.tell = 0.9\n')
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "calm.toml").write_text('extends = "../my_model.py"\nyears = 20\nvalues.tell = 0.1\n')
    (tmp_path / "louder.toml").write_text('extends = "loud.toml"\nvalues.forget = 0.0\n')
    loud, calm, louder = (bestowal.scenario(tmp_path / name) for name in ("loud.toml", "sub/calm.toml", "louder.toml"))
    assert loud.model == calm.model == louder.model == str((tmp_path / "my_model.py").resolve())
    assert key(loud) == key(calm.but(tell=0.9)) != key(louder)
    assert louder.values.model_dump() == {"people": 100, "tell": 0.9, "forget": 0.0}


def test_a_key_follows_what_the_file_and_those_beside_it_say(model: Callable[..., Path]) -> None:
    split = PLAIN.replace("p.tell", "halved(p.tell)").replace("\n\nclass", "\n\nfrom .helper import halved\n\nclass")
    helper = "def halved(x):\n    return x / 2\n"
    keys = {}
    for name, text, beside in (
        ("first", PLAIN, ""),
        ("elsewhere", PLAIN.replace("# four random numbers", "# 4 random numbers"), ""),
        ("edited", PLAIN.replace("words[2]", "words[3]"), ""),
        ("split", split, helper),
        ("split-elsewhere", split, f'"""A helper."""\n{helper}'),
        ("split-edited", split, helper.replace("2", "3")),
    ):
        if beside:
            model(beside, f"{name}/helper.py")
        keys[name] = key(bestowal.scenario(model(text, f"{name}/my_model.py")))
    assert keys["first"] == keys["elsewhere"] and keys["split"] == keys["split-elsewhere"]
    assert len(set(keys.values())) == 4


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("MODEL = ", "OTHER = ", "is no model: it defines no MODEL"),
        ("def step(", "def stop(", "is no model: it defines no step(p, state, seed, world, year)"),
        (
            "def step(p, state, seed, world, day)",
            "def step(p, state, day)",
            "step(p, state, day): must take (p, state, seed, world, year)",
        ),
        ('Model("my_model"', 'Model("rumour"', "MODEL: name='rumour': must be 'my_model', as the file is called"),
        ("MODEL = Model(", "MODEL = {}\nOTHER = Model(", "MODEL must be a bestowal.models.registry.Model, not dict"),
        (
            "    model_config = STRICT\n",
            "",
            "Params: needs the line model_config = STRICT, which is {'extra': 'forbid', 'frozen': True}",
        ),
        ("(HEARD,)", "()", "MODEL: observables: needs at least one Observable"),
        (
            "    tell:",
            '    seed: int = param(1, "s", unit="1", low=0, high=1)\n    tell:',
            "seed: no name for a parameter; the scenario's own seed is set by it",
        ),
        ("    tell: float", "    tell: str", "tell must be an int or a float made with param()"),
        ("import numpy as np", "import numpie as np", "ModuleNotFoundError: No module named 'numpie'"),
        (
            "import numpy as np",
            "import numpy as np, helper",
            "imports helper, a file beside it, which the run's key would not cover; "
            "write `from . import helper` or `from .helper import …`",
        ),
        ("low=0, high=1)\n\n", "low=0, high=1\n\n", "SyntaxError: '(' was never closed"),
    ],
)
def test_a_file_that_is_no_model_is_refused_in_a_line(
    model: Callable[..., Path], tmp_path: Path, old: str, new: str, line: str
) -> None:
    model("", "helper.py")
    assert old in PLAIN
    path = model(PLAIN.replace(old, new, 1))
    before = set(sys.modules)
    with pytest.raises(BestowalError) as refused:
        bestowal.scenario(path)
    assert str(refused.value).startswith(str(path)) and str(refused.value).endswith(line)
    assert "\n" not in str(refused.value)
    assert not {name for name in set(sys.modules) - before if name.startswith("bestowal_file_")}
    model()  # and mended, it is read
    assert bestowal.scenario(path).years == 50


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("out[0] =", "out[1] =", ": IndexError: index 1 is out of bounds for axis 0 with size 1"),
        ("p.tell)", "p.told)", ": AttributeError: 'record' object has no attribute 'told'"),
        ("def observe", "@np.vectorize\ndef observe", ""),
    ],
)
def test_an_error_of_the_users_code_is_said_with_its_line(
    model: Callable[..., Path], old: str, new: str, line: str
) -> None:
    path = model(PLAIN.replace(old, new))
    with pytest.raises(BestowalError, match=r"my_model.py, line \d+: ") as failed:
        engine.simulate(bestowal.scenario(path), [0])
    number = next(i for i, text in enumerate(path.read_text().splitlines(), start=1) if new.splitlines()[-1] in text)
    assert line == "" or str(failed.value) == f"{path}, line {number}{line}"


@pytest.mark.subprocess
def test_code_half_compiled_or_not_compilable_is_said(model: Callable[..., Path]) -> None:
    half = model(COMPILED.replace("@njit\ndef observe", "def observe"), "half/my_model.py")
    with pytest.raises(
        BestowalError, match=r"my_model.py: observe: plain Python, and the others compiled; write @njit"
    ):
        engine.simulate(bestowal.scenario(half), [0])
    broken = model(COMPILED.replace(".sum()", ".summ()"), "broken/my_model.py")
    with pytest.raises(BestowalError, match=r"my_model.py, line \d+: can't be compiled: .*summ"):
        engine.simulate(bestowal.scenario(broken), [0])


def test_a_file_changed_after_it_was_imported_is_refused(model: Callable[..., Path]) -> None:
    path = model()
    assert import_model(path) == import_model(path) == str(path.resolve())
    model(PLAIN.replace("0.3", "0.4"))
    with pytest.raises(BestowalError, match=r"my_model.py: has changed since this Python process imported it; start"):
        bestowal.scenario(path)


def test_code_runs_only_where_the_user_names_it(model: Callable[..., Path], tmp_path: Path) -> None:
    """Not where a stored run is read, and not where a file is only listed."""
    path = model(f"{PLAIN}\n(__import__('pathlib').Path(__file__).parent / 'ran').touch()\n")
    (tmp_path / "loud.toml").write_text('model = "my_model.py"\nyears = 20\n')
    with pytest.raises(
        BestowalError, match=r"a file, whose code runs only where you name it: `bestowal run \S+my_model.py`, or"
    ):
        scenario(tmp_path / "loud.toml", imports=False)
    (tmp_path / "stored").mkdir()
    (tmp_path / "stored" / "scenario.toml").write_text(f'model = "{path}"\nyears = 20\n')
    with pytest.raises(BestowalError, match="a file, whose code runs only where you name it"):
        bestowal.read(tmp_path / "stored")
    assert not (tmp_path / "ran").exists()
    bestowal.scenario(tmp_path / "loud.toml")
    assert (tmp_path / "ran").exists()


def test_a_file_is_not_sent_to_a_cluster(model: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(BestowalError, match=r"tcp://127.0.0.1:1: .*my_model.py: a file of this machine, which workers"):
        bestowal.run(bestowal.scenario(model()), 8, store=tmp_path / "store", on="tcp://127.0.0.1:1")


@pytest.mark.subprocess
def test_an_installed_package_names_a_model(tmp_path: Path) -> None:
    """A package is installed here by hand: its code, and the metadata that name the entry point."""
    package = tmp_path / "site" / "rumours"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "my_model.py").write_text(PLAIN)
    info = tmp_path / "site" / "rumours-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rumours\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[bestowal.models]\nmy_model = rumours.my_model\ngone = rumours.gone\n")
    code = """
        import sys
        sys.path.insert(0, sys.argv[1])
        import bestowal
        from bestowal.models import registry
        print(registry.installed(), registry.installed_titles(), any(m.startswith("rumours") for m in sys.modules))
        rumour = bestowal.scenario("my_model")
        print(rumour.years, bestowal.run(rumour, 8, store=sys.argv[2]).sizes["world"], rumour.but(tell=1).model)
        try:
            bestowal.scenario("gone")
        except bestowal.BestowalError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(tmp_path / "site"), str(tmp_path / "store")],
        env=toy.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "{'gone': 'rumours.gone', 'my_model': 'rumours.my_model'} "
        "{'gone': '', 'my_model': 'A rumour that spreads and fades'} False",
        "50 8 my_model",
        "model 'gone': rumours.gone: ModuleNotFoundError: No module named 'rumours.gone'",
    ]


@pytest.mark.subprocess
def test_the_command_line_runs_shows_and_checks_a_file(model: Callable[..., Path], tmp_path: Path) -> None:
    path = model()
    slow = "bestowal: my_model: plain Python, which runs a hundred times slower than compiled code; write @njit above"
    ran = call(tmp_path, "run", "my_model.py", "--worlds", "8", "--years", "5")
    assert ran.returncode == 0 and "\n heard " in ran.stdout and ran.stderr.startswith(slow)
    shown = call(tmp_path, "show", "my_model.py")
    assert f'model = "{path}"' in shown.stdout and "# heard: people who know the rumour · share, 0 to 1" in shown.stdout
    checked = call(tmp_path, "check", "--contract", "my_model.py")
    assert checked.returncode == 0
    assert "kept    Nothing before a change moves\n" in checked.stdout
    assert checked.stdout.endswith("my_model: 14 of 14 rules kept\n")
    model(PLAIN.replace("draw(seed, world, day", "draw(seed, world, 1"), "daily/my_model.py")
    model(PLAIN.replace("state[0].sum() / p.people", "state[0].sum()"), "broken/my_model.py")
    broken = call(tmp_path, "check", "--contract", "broken/my_model.py")
    assert broken.returncode == 1 and "12 of 14 rules kept" in broken.stdout
    assert "broken  Observables are finite and within their bounds\n        heard: from 1 to" in broken.stdout
    missing = call(tmp_path, "run", "my_modle.py")
    assert missing.returncode == 2 and "my_modle.py" in missing.stderr
    for arguments, line in (
        (["check", "--contract"], "--contract: needs a model, or the path of its file"),
        (["check", "--contract", "rumour"], "there is no model 'rumour'"),
    ):
        refused = call(tmp_path, *arguments)
        assert refused.returncode == 2 and line in refused.stderr


def call(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, in this folder."""
    return subprocess.run(
        [sys.executable, "-m", "bestowal", *arguments],
        cwd=folder,
        env=toy.environment(BESTOWAL_STORE=str(folder / "store")),
        capture_output=True,
        text=True,
    )


def test_explore_neither_imports_nor_shows_a_model_in_a_file(model: Callable[..., Path], tmp_path: Path) -> None:
    path = model(f"{PLAIN}\n(__import__('pathlib').Path(__file__).parent / 'ran').touch()\n")
    (tmp_path / "loud.toml").write_text('model = "my_model.py"\nyears = 20\n')
    (tmp_path / "why.toml").write_text('title = "T"\nwords = "W"\nscenario = "./loud.toml"\n[[levers]]\nname = "a"\n')
    shown = catalogue.catalogue(tmp_path)
    assert "loud" not in {row["name"] for row in shown["scenarios"]}
    assert any("a file, whose code runs only where you name it" in line for line in shown["problems"])
    for read in (catalogue.scenario, catalogue.question):
        with pytest.raises(BestowalError, match="a file, whose code runs only where you name it"):
            read("loud" if read is catalogue.scenario else "why", tmp_path)
    with pytest.raises(BestowalError, match="a file, whose code runs only where you name it"):
        catalogue.place(str(tmp_path / "loud.toml"))
    assert not (tmp_path / "ran").exists()
    bestowal.scenario(path)  # named by the user, and still nothing for the page
    with pytest.raises(BestowalError, match=r"my_model\.py: a file, which explore does not run; run it: bestowal run"):
        catalogue.scenario("loud", tmp_path)
