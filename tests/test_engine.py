"""The loop over time: the same bits however it is cut up, twin worlds that share luck, a cache that is never stale."""

import errno
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from toy import (
    TOYS,
    bound,
    command,
    environment,
    install,
    read_only,
    run_blocks,
    script,
    walk,
)

import bestowal.models
from bestowal.core.errors import BestowalError
from bestowal.models.registry import load
from bestowal.simulation import engine, store
from bestowal.simulation.scenario import Scenario

pytestmark = pytest.mark.usefixtures("toy_models")


def ran(scenario: Scenario, blocks: list[int], threads: int, block_size: int) -> dict[int, bytes]:
    """The bits of each world."""
    worlds = {}

    def keep(block: int, values: np.ndarray) -> None:
        for i, world in enumerate(values):
            worlds[block * block_size + i] = world.tobytes()

    run_blocks(scenario, blocks, threads, keep, block_size)
    return worlds


def test_a_world_alone_is_that_world_of_an_ensemble():
    ensemble = engine.simulate(walk(), range(1000))
    assert ensemble.shape == (1000, 20, 2) and np.isfinite(ensemble).all()
    assert engine.simulate(walk(), [731]).tobytes() == ensemble[731].tobytes()
    assert len(np.unique(ensemble[:, -1, 0])) == 1000  # no two worlds share luck


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("block_size", [1, 7, 32])
def test_threads_block_size_and_order_leave_the_bits_alone(threads, block_size):
    whole = engine.simulate(walk(), range(96))
    blocks = list(range(96 // block_size))
    shuffled = [int(b) for b in np.random.default_rng(1).permutation(blocks)]
    for order in (blocks, blocks[::-1], shuffled):
        worlds = ran(walk(), order, threads, block_size)
        assert len(worlds) == len(blocks) * block_size
        assert all(worlds[w] == whole[w].tobytes() for w in worlds)


def test_a_change_to_the_same_value_changes_nothing():
    plain = walk(drift=0.1)
    assert engine.simulate(plain.but(from_year=1907, drift=0.1), range(50)).tobytes() == (
        engine.simulate(plain, range(50)).tobytes()
    )


def test_a_change_leaves_every_earlier_year_as_it_was():
    plain = engine.simulate(walk(), range(50))
    changed = engine.simulate(walk().but(from_year=1907, drift=0.2), range(50))
    assert changed[:, :7].tobytes() == plain[:, :7].tobytes()
    assert np.allclose(
        changed[:, 7:, 0] - plain[:, 7:, 0], 0.1 * np.arange(1, 14)
    )  # the same luck, moved by the change


def test_the_seed_is_the_luck():
    assert not np.isclose(engine.simulate(walk(seed=2), [0]), engine.simulate(walk(seed=1), [0])).all()


def test_a_branch_that_is_none_is_refused():
    for other, year in ((walk(seed=2), 5), (walk(drift=0.2), 5), (walk().but(from_year=1904, drift=0.2), 5)):
        with pytest.raises(BestowalError, match="no branch of walk"):
            list(engine.branch(walk(), [(year, other)], [0]))


def test_blocks_begin_only_as_others_are_kept():
    begun, kept = [], []

    def blocks():
        for block in range(12):
            begun.append(block)
            yield block

    def keep(block, values):
        kept.append(block)
        assert len(begun) - len(kept) < 2  # so memory doesn't grow with the number of worlds

    run_blocks(walk(), blocks(), 2, keep)
    assert sorted(kept) == list(range(12))


def test_an_interrupt_begins_no_other_block(monkeypatch):
    begun, simulate = [], engine.simulate
    monkeypatch.setattr(engine, "simulate", lambda s, worlds: begun.append(worlds) or simulate(s, worlds))

    def interrupted(block, values):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_blocks(walk(), range(100), 2, interrupted)
    assert len(begun) == 3  # the call that compiles, and one block a thread


def test_a_cache_that_cannot_be_written_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("BESTOWAL_CACHE", str(tmp_path / "file"))
    engine._kernel.cache_clear()
    with pytest.raises(BestowalError, match=r"file.*BESTOWAL_CACHE"):
        engine.simulate(walk(), [0])


def fresh(cache: Path, monkeypatch) -> tuple[bytes, int, int]:
    """The bits of three worlds by kernels loaded from a cache, how many kernels were found there, and how many not.

    Numba loads each at its own first call, so all of them are called.
    """
    monkeypatch.setenv("BESTOWAL_CACHE", str(cache))
    engine._kernel.cache_clear()
    try:
        bits = engine.simulate(walk(), range(3)).tobytes()
        bits += b"".join(lived.tobytes() for _, _, lived in engine.branch(walk(), [], range(3)))
        kernel = engine._kernel(load("walk"))
        stats = [kernel.simulate.stats, kernel.begin.stats, kernel.advance.stats]
    finally:
        engine._kernel.cache_clear()
    return bits, sum(sum(s.cache_hits.values()) for s in stats), sum(sum(s.cache_misses.values()) for s in stats)


@pytest.fixture(scope="module")
def sound_cache(tmp_path_factory, request) -> tuple[Path, bytes]:
    """A cache with the toy model compiled in it, and the bits of three worlds."""
    before = bestowal.models.__path__
    install()
    cache = tmp_path_factory.mktemp("sound")
    with pytest.MonkeyPatch.context() as patch:
        bits, _, misses = fresh(cache, patch)
    bestowal.models.__path__ = before
    assert misses == 4  # simulate, begin, and advance as it is called by us and by simulate
    return cache, bits


def garbled(file: Path) -> None:
    file.write_bytes(bytes(255 - b for b in file.read_bytes()))


def flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 4
    file.write_bytes(content)


def made_a_folder(file: Path) -> None:
    file.unlink()
    (file / "inside").mkdir(parents=True)


DAMAGES = {
    "empty": lambda file: file.write_bytes(b""),
    "half": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "garbage": garbled,
    "one bit": flipped,
    "zeros": lambda file: file.write_bytes(bytes(file.stat().st_size)),
    "gone": Path.unlink,
    "a folder": made_a_folder,
}


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("which", ["*.nbi", "*.nbc", "*.py"])
def test_damaged_files_of_the_compile_cache_are_compiled_again(sound_cache, tmp_path, monkeypatch, which, damage):
    whole, bits = sound_cache
    cache = tmp_path / "cache"
    shutil.copytree(whole, cache)
    files = list(cache.rglob(which))
    assert len(files) == {"*.nbi": 3, "*.nbc": 4, "*.py": 1}[which]
    for file in files:
        DAMAGES[damage](file)
    found, _, misses = fresh(cache, monkeypatch)
    assert found == bits
    if (which, damage) != ("*.nbi", "one bit"):  # where it does not touch what is looked for, nothing is lost
        assert misses == (0 if which == "*.py" else 4)
    assert fresh(cache, monkeypatch) == (bits, 3, 0)  # and is whole again


@pytest.mark.parametrize("name", ["__pycache__", "."])
def test_a_file_in_place_of_a_folder_of_the_compile_cache_is_removed(sound_cache, tmp_path, monkeypatch, name):
    whole, bits = sound_cache
    cache = tmp_path / "cache"
    shutil.copytree(whole, cache)
    (script_file,) = cache.rglob("*.py")
    folder = script_file.parent / name
    shutil.rmtree(folder)
    folder.resolve().write_bytes(b"")
    assert fresh(cache, monkeypatch) == (bits, 0, 4)
    assert fresh(cache, monkeypatch) == (bits, 3, 0)


def test_a_full_disk_under_the_compile_cache_is_named_by_the_run(sound_cache, tmp_path, monkeypatch):
    def full(*of: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("numba.core.caching.IndexDataCacheFile.save", full)
    monkeypatch.setenv("BESTOWAL_CACHE", str(tmp_path / "cache"))
    engine._kernel.cache_clear()
    with pytest.raises(BestowalError, match=r"^\S*cache/kernels/\S+: No space left on device; set BESTOWAL_CACHE"):
        store.run(walk(), 3, store=tmp_path / "results")


@pytest.mark.subprocess
def test_processes_that_find_one_damaged_compile_cache_all_get_on(sound_cache, tmp_path):
    whole, bits = sound_cache
    cache = tmp_path / "cache"
    shutil.copytree(whole, cache)
    for file in cache.rglob("*.nb[ic]"):
        file.write_bytes(b"")
    code = "import hashlib; from bestowal.simulation import engine as e; "
    code += "print(hashlib.sha256(e.simulate(toy.walk(), range(3))).hexdigest())"
    starts = [
        subprocess.Popen(
            command(code), env=environment(BESTOWAL_CACHE=str(cache)), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(3)
    ]
    told = [start.communicate(timeout=120) for start in starts]
    right = hashlib.sha256(bits[: len(bits) // 2]).hexdigest().encode()
    assert [out.strip() for out, _ in told] == [right] * 3, told


@pytest.mark.subprocess
def test_a_compile_cache_that_one_may_only_read_is_used(sound_cache, tmp_path):
    whole, bits = sound_cache
    cache = tmp_path / "cache"
    shutil.copytree(whole, cache)
    read_only(cache)
    code = """if True:
        import hashlib, bestowal.simulation.engine as e, bestowal.models.registry
        print(hashlib.sha256(e.simulate(toy.walk(), range(3))).hexdigest())
        print(len(e._kernel(bestowal.models.registry.load("walk")).simulate.stats.cache_misses))
    """
    environ = environment(BESTOWAL_CACHE=str(cache))
    done = subprocess.run(bound(command(code)), env=environ, capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == [hashlib.sha256(bits[: len(bits) // 2]).hexdigest(), "0"], done.stderr


@pytest.fixture(scope="module")
def three_starts(tmp_path_factory) -> list[dict]:
    """Three processes on one empty cache: the first, a second, and one after an edit to a callee in another module."""
    folder: Path = tmp_path_factory.mktemp("cache")
    toys = folder / "toys"
    shutil.copytree(TOYS, toys, ignore=shutil.ignore_patterns("__pycache__"))
    code = """if True:
        import json, bestowal.simulation.engine, bestowal.models.registry
        place = bestowal.simulation.engine.simulate(toy.walk(spread=0.0), [3])[0, -1, 0]
        stats = bestowal.simulation.engine._kernel(bestowal.models.registry.load("walk")).simulate.stats
        print(json.dumps([place, sum(stats.cache_hits.values()), sum(stats.cache_misses.values())]))
    """

    def start() -> dict:
        place, hits, misses = json.loads(script(code, toys, BESTOWAL_CACHE=str(folder / "cache")))
        compiled = len(list((folder / "cache").rglob("*.nbc")))
        return {"place": place, "hits": hits, "misses": misses, "compiled": compiled}

    starts = [start(), start()]
    moves = toys / "walk" / "moves.py"
    text = moves.read_text()
    assert "place + drift" in text
    moves.write_text(text.replace("place + drift", "place - drift"))  # as many bytes as before
    return [*starts, start()]


@pytest.mark.subprocess
def test_a_second_process_does_not_compile_again(three_starts):
    first, second, _ = three_starts
    assert first == {"place": pytest.approx(2.0), "hits": 0, "misses": 1, "compiled": 2}
    assert second == {**first, "hits": 1, "misses": 0}


@pytest.mark.subprocess
def test_an_edited_callee_in_another_module_gives_its_new_number(three_starts):
    assert three_starts[2] == {"place": pytest.approx(-2.0), "hits": 0, "misses": 1, "compiled": 4}


def test_points_are_run_as_their_scenarios_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "POINTS", 3)  # more than one chunk
    points = {"drift": np.linspace(-0.5, 0.5, 8), "people": np.arange(2, 10)}
    worlds = [5, 0, 9, 9, 1, 2**32 - 1, 3, 4]
    found = engine.simulate_at(walk(), points, worlds, threads=2)
    for i, world in enumerate(worlds):
        alone = walk(drift=points["drift"][i], people=int(points["people"][i]))
        assert np.array_equal(found[i], engine.simulate(alone, [world])[0])


def test_points_that_can_not_be_run_are_refused() -> None:
    with pytest.raises(BestowalError, match=r'^drfit: unknown parameter of walk; did you mean "drift"'):
        engine.simulate_at(walk(), {"drfit": np.zeros(2)}, [0, 1], 1)
    with pytest.raises(BestowalError, match="people: needs 2 values from"):
        engine.simulate_at(walk(), {"people": np.array([3, -1])}, [0, 1], 1)
    with pytest.raises(BestowalError, match="drift: needs 2 values"):
        engine.simulate_at(walk(), {"drift": np.zeros(3)}, [0, 1], 1)
