"""Results on disk: only what is missing is run, nothing finished is lost, nothing damaged is believed."""

import hashlib
import io
import json
import math
import os
import pickle
import re
import subprocess
import sys
import threading
import time
import tracemalloc
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from toy import bound, command, environment, read_only, script, walk

from bestowal import compare, sweep
from bestowal.core.errors import BestowalError
from bestowal.models.registry import load
from bestowal.simulation import blocks, engine, missing, reduction, store, summary, summary_files
from bestowal.simulation.blocks import block_size
from bestowal.simulation.code_digest import of_model
from bestowal.simulation.design import Range
from bestowal.simulation.scenario import key
from bestowal.simulation.scenario_file import scenario, to_toml

pytestmark = pytest.mark.usefixtures("toy_models")


@pytest.fixture
def ran(monkeypatch) -> list[list[int]]:
    """The blocks of each call that ran any."""
    calls = []

    look = missing._missing

    def spy(*of):
        found = look(*of)
        if found:
            calls.append([task.block for task in found])
        return found

    monkeypatch.setattr(missing, "_missing", spy)
    return calls


def folder_of(results: Path) -> Path:
    return results / key(walk())


def chunk(results: Path, block: int) -> Path:
    return folder_of(results) / "worlds.zarr" / "observed" / "c" / str(block) / "0" / "0"


def bits(dataset) -> bytes:
    return b"".join(dataset[name].values.tobytes() for name in ("place", "ahead"))


def truth(worlds: int) -> bytes:
    return np.moveaxis(engine.simulate(walk(), range(worlds)), 2, 0).tobytes()


def test_a_run_is_labelled(tmp_path):
    run = store.run(walk(), 40, store=tmp_path)
    assert dict(run.sizes) == {"world": 40, "year": 20} and bits(run) == truth(40)
    assert list(run.world.values) == list(range(40)) and list(run.year.values) == list(range(1900, 1920))
    assert run.place.attrs == {"units": "m", "long_name": "mean place"}
    assert run.ahead.attrs["valid_min"] == 0.0 and run.ahead.attrs["valid_max"] == 1.0
    assert (run.scenario, run.model, run.key, run.repaired) == ("walk", "walk", key(walk()), "")


def test_worlds_never_run_are_not_read_as_worlds(tmp_path):
    store.run(walk(), 192, store=tmp_path, blocks=range(5, 6))
    store.run(walk(), 192, store=tmp_path, blocks=range(1, 3))
    found = store.read(folder_of(tmp_path))
    whole = store.run(walk(), 192, store=tmp_path / "whole")
    there = [*range(32, 96), *range(160, 192)]
    assert found["world"].values.tolist() == there and list(found["year"].values) == list(range(1900, 1920))
    assert bits(found) == bits(whole.sel(world=there))
    assert found["place"].attrs == whole["place"].attrs and found.attrs["key"] == key(walk())
    assert found.attrs["scenario"] == whole.attrs["scenario"] == "walk"
    (folder_of(tmp_path) / "worlds.zarr/observed/c/2/0/0").write_bytes(b"damaged")
    with pytest.raises(BestowalError, match="block 2: damaged"):
        store.read(folder_of(tmp_path))
    with pytest.raises(BestowalError, match="there is no file"):
        store.read(tmp_path)


def test_a_store_can_be_read_without_us(tmp_path):
    store.run(walk(), 40, store=tmp_path)
    raw = xr.open_zarr(folder_of(tmp_path) / "worlds.zarr", consolidated=False, chunks=None)
    assert raw.observed.dims == ("world", "year", "observable") and raw.sizes["world"] == 64
    assert np.ascontiguousarray(raw.observed.sel(observable="place")[:40]).tobytes() == truth(40)[: 40 * 20 * 8]
    assert key(scenario(folder_of(tmp_path) / "scenario.toml")) == key(walk())


def test_the_scenario_beside_the_worlds_has_the_title_and_the_calendar_of_the_last_who_asked(tmp_path, ran):
    store.run(walk(), 40, store=tmp_path)
    file = folder_of(tmp_path) / "scenario.toml"
    assert scenario(file).first_year == 1900
    later = replace(walk(), first_year=1950, title="Corrected")
    assert key(later) == key(walk())
    store.run(later, 40, store=tmp_path)
    assert (scenario(file).first_year, scenario(file).title) == (1950, "Corrected")
    assert ran == [[0, 1]], "nothing is run again for it"


def test_provenance_names_the_code(tmp_path):
    store.run(walk(), 40, store=tmp_path)
    provenance = json.loads((folder_of(tmp_path) / "provenance.json").read_text())
    assert provenance["code"] == of_model(load("walk"))


def test_growing_runs_only_the_missing_blocks(tmp_path, ran):
    seen = []
    first = store.run(walk(), 40, store=tmp_path)
    grown = store.run(walk(), 100, store=tmp_path, progress=lambda *at: seen.append(at))
    again = store.run(walk(), 70, store=tmp_path)
    assert ran == [[0, 1], [2, 3]]
    assert seen[0] == (64, 100) and seen[-1] == (100, 100) and len(seen) == 3
    assert (bits(first), bits(grown), bits(again)) == (truth(40), truth(100), truth(70))
    provenance = json.loads((folder_of(tmp_path) / "provenance.json").read_text())
    assert [r["blocks"] for r in provenance["runs"]] == ran and provenance["runs"][0]["numba"]


def test_the_calendar_is_not_in_the_store(tmp_path, ran):
    store.run(walk(), 1, store=tmp_path)
    assert store.run(walk().clock(first_year=5), 1, store=tmp_path).year.values[0] == 5
    assert ran == [[0]]


def test_the_environment_says_where(tmp_path, monkeypatch):
    monkeypatch.setenv("BESTOWAL_STORE", str(tmp_path / "there"))
    store.run(walk(), 1)
    assert chunk(tmp_path / "there", 0).exists()


def test_memory_does_not_grow_with_the_number_of_worlds(tmp_path, monkeypatch):
    alive, most = [], 0

    def spy(tasks, work, threads, keep):
        def watched(task, values):
            nonlocal most
            alive.append(weakref.ref(values))
            keep(task, values)
            most = max(most, sum(ref() is not None for ref in alive))

        engine.in_threads(tasks, work, threads, watched)

    monkeypatch.setattr(missing, "in_threads", spy)
    store.run(walk(), 1000, store=tmp_path, threads=2)
    assert len(alive) == 32 and most <= 2


@pytest.mark.subprocess
def test_a_killed_run_is_finished_by_the_same_call(tmp_path, ran):
    code = """if True:
        import os, signal, bestowal.simulation.store
        def progress(done, total):
            if done >= 96:
                os.kill(os.getpid(), signal.SIGKILL)
        bestowal.simulation.store.run(toy.walk(), 300, threads=2, store=sys.argv[1], progress=progress)
    """
    killed = subprocess.run([*command(code), str(tmp_path)], env=environment(), timeout=120)
    assert killed.returncode == -9
    there = [b for b in range(10) if chunk(tmp_path, b).exists()]
    assert len(there) == 3
    # And as if it had died in the middle of a file: half a block under the name that Zarr writes to before it renames.
    half = chunk(tmp_path, 9).with_suffix(".0123.partial")
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_bytes(chunk(tmp_path, there[0]).read_bytes()[:100])
    finished = store.run(walk(), 300, store=tmp_path)
    assert ran == [[b for b in range(10) if b not in there]]
    assert finished.repaired == "" and bits(finished) == truth(300)


def flip(data: bytes) -> bytes:
    """One bit, in the middle, where decompression alone would not notice."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 4]) + data[middle + 1 :]


@pytest.mark.parametrize("damage", [flip, lambda data: data[: len(data) // 2], lambda data: b""])
def test_a_damaged_block_is_set_aside_and_run_again(tmp_path, ran, damage):
    store.run(walk(), 100, store=tmp_path)
    broken = damage(chunk(tmp_path, 2).read_bytes())
    chunk(tmp_path, 2).write_bytes(broken)
    mended = store.run(walk(), 100, store=tmp_path)
    assert ran == [[0, 1, 2, 3], [2]] and bits(mended) == truth(100)
    (kept,) = (folder_of(tmp_path) / "set-aside").iterdir()
    assert kept.read_bytes() == broken
    assert (
        len(mended.repaired.splitlines()) == 1 and "worlds 64 to 95" in mended.repaired and str(kept) in mended.repaired
    )
    assert store.run(walk(), 100, store=tmp_path).repaired == ""


@pytest.mark.parametrize("name", ["zarr.json", "observed/zarr.json", "observable/zarr.json", "observable/c/0"])
@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: None])
def test_damaged_metadata_is_written_again_and_no_block_is_lost(tmp_path, ran, name, damage):
    store.run(walk(), 100, store=tmp_path)
    file = folder_of(tmp_path) / "worlds.zarr" / name
    broken = damage(file.read_bytes())
    file.unlink() if broken is None else file.write_bytes(broken)
    mended = store.run(walk(), 40, store=tmp_path)  # fewer than there are: those must stay, too
    assert bits(mended) == truth(40) and mended.repaired
    assert json.loads((folder_of(tmp_path) / "worlds.zarr/observed/zarr.json").read_text())["shape"][0] == 128
    assert bits(store.run(walk(), 100, store=tmp_path)) == truth(100)
    assert ran == [[0, 1, 2, 3]] and store.run(walk(), 100, store=tmp_path).repaired == ""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("float64", "float32"), ("32,", "16,"), ('"world"', '"wxrld"'), ('"/"', '"."'), ("little", "big")],
)
def test_metadata_that_says_something_else_is_not_believed(tmp_path, right, wrong):
    store.run(walk(), 40, store=tmp_path)
    file = folder_of(tmp_path) / "worlds.zarr" / "observed" / "zarr.json"
    assert right in file.read_text()
    file.write_text(file.read_text().replace(right, wrong))
    mended = store.run(walk(), 40, store=tmp_path)
    assert mended.repaired and bits(mended) == truth(40)


def test_what_killed_processes_left_half_written_goes_after_a_day(tmp_path):
    store.run(walk(), 40, store=tmp_path)
    summary.run(walk(), 64, store=tmp_path)
    old, young = [
        [folder / f"x.{name}.partial" for folder in (folder_of(tmp_path), chunk(tmp_path, 1).parent)]
        for name in ("old", "young")
    ]
    for half in [*old, *young]:
        half.write_bytes(b"half")
    for half in old:
        os.utime(half, (time.time() - 86_500,) * 2)
    store.run(walk(), 40, store=tmp_path)
    assert all(half.exists() for half in old)  # nothing was run, so nothing was written
    store.run(walk(), 70, store=tmp_path)
    assert not any(half.exists() for half in old) and all(half.exists() for half in young)


def test_provenance_of_no_use_is_begun_again(tmp_path):
    store.run(walk(), 1, store=tmp_path)
    (folder_of(tmp_path) / "provenance.json").write_text("{")
    store.run(walk(), 40, store=tmp_path)
    assert len(json.loads((folder_of(tmp_path) / "provenance.json").read_text())["runs"]) == 1


def test_a_disk_that_gives_back_other_bytes_is_an_error(tmp_path, monkeypatch):
    def forgetful(tasks, work, threads, keep):
        engine.in_threads(tasks, work, threads, keep)
        if chunk(tmp_path, 1).exists():
            chunk(tmp_path, 1).write_bytes(b"rust")

    monkeypatch.setattr(missing, "in_threads", forgetful)
    with pytest.raises(BestowalError, match=r"disk failing"):
        store.run(walk(), 40, store=tmp_path)


@pytest.mark.subprocess
def test_two_processes_share_a_store(tmp_path):
    code = """if True:
        import hashlib, pathlib, time
        from bestowal.simulation import engine, store
        engine.simulate(toy.walk(), [])  # compiled before the start, so that they run at the same time
        here, me, worlds = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
        (here / me).touch()
        while not ((here / "one").exists() and (here / "two").exists()):
            time.sleep(0.001)
        run = store.run(toy.walk(), worlds, store=here / "results")
        print(hashlib.sha256(run.place.values.tobytes() + run.ahead.values.tobytes()).hexdigest(), run.repaired)
    """
    engine.simulate(walk(), [])
    both = [
        subprocess.Popen([*command(code), str(tmp_path), me, n], env=environment(), text=True, stdout=-1, stderr=-1)
        for me, n in (("one", "200"), ("two", "600"))
    ]
    ends = [(p.communicate(timeout=120), p.returncode) for p in both]
    assert ends == [((f"{hashlib.sha256(truth(n)).hexdigest()} \n", ""), 0) for n in (200, 600)]
    assert bits(store.run(walk(), 600, store=tmp_path / "results")) == truth(600)


def test_blocks_are_shared_out_and_merged_by_the_store(tmp_path, ran):
    seen = []
    last = store.run(walk(), 300, store=tmp_path, blocks=range(7, 10), progress=lambda *at: seen.append(at))
    assert seen[0] == (0, 76) and seen[-1] == (76, 76)
    assert list(last.world.values) == list(range(224, 300))
    first = store.run(walk(), 300, store=tmp_path, blocks=range(0, 4))
    whole = store.run(walk(), 300, store=tmp_path)
    assert ran == [[7, 8, 9], [0, 1, 2, 3], [4, 5, 6]] and bits(whole) == truth(300)
    for part in (first, last):
        assert part.equals(whole.sel(world=part.world))


@pytest.mark.parametrize("blocks", [range(9, 11), range(-1, 3), range(4, 3), range(10, 11), range(0, 9, 2)])
def test_blocks_that_are_none_of_these_worlds_are_refused(tmp_path, blocks):
    with pytest.raises(BestowalError, match=r"300 worlds are blocks 0-9, of 32 each"):
        store.run(walk(), 300, store=tmp_path, blocks=blocks)
    assert not list(tmp_path.iterdir())


@pytest.mark.subprocess
def test_processes_with_blocks_of_their_own_share_a_store(tmp_path, ran):
    code = """if True:
        from bestowal.simulation import store
        store.run(toy.walk(), 600, store=sys.argv[1], blocks=range(int(sys.argv[2]), int(sys.argv[3])))
    """
    engine.simulate(walk(), [])
    jobs = [
        subprocess.Popen([*command(code), str(tmp_path), first, stop], env=environment(), text=True, stderr=-1)
        for first, stop in (("0", "6"), ("6", "13"), ("13", "19"))
    ]
    assert [(job.communicate(timeout=120)[1], job.returncode) for job in jobs] == [("", 0)] * 3
    assert bits(store.run(walk(), 600, store=tmp_path)) == truth(600) and ran == []
    provenance = json.loads((folder_of(tmp_path) / "provenance.json").read_text())
    assert sorted(b for r in provenance["runs"] for b in r["blocks"]) == list(range(19))


def test_runs_of_several_scenarios_are_those_of_each_and_nothing_is_run_twice(tmp_path, ran):
    three = [walk(drift=drift, years=years) for drift, years in ((0.0, 20), (0.5, 7), (1.0, 20))]
    store.run(three[2], 64, store=tmp_path)
    seen = []
    runs = list(store.run_each([*three, three[0]], 70, store=tmp_path, progress=lambda *at: seen.append(at)))
    assert ran == [[0, 1], [0, 1, 2], [0, 1, 2], [2]]
    assert seen[0] == (0, 210) and seen[-1] == (210, 210) and seen == sorted(seen)
    for one, found in zip([*three, three[0]], runs, strict=True):
        assert found.identical(store.run(one, 70, store=tmp_path / "else"))
    with pytest.raises(BestowalError, match="worlds = 0: must be 1 or more"):
        next(store.run_each(three, 0, store=tmp_path))


def test_no_thread_waits_for_the_end_of_a_scenario(tmp_path, monkeypatch):
    together = threading.Barrier(2, timeout=30)

    def met(scenario, worlds):
        if worlds:
            together.wait()  # a block of each, or both wait in vain
        return engine.simulate(scenario, worlds)

    monkeypatch.setattr(missing, "simulate", met)
    assert len(list(store.run_each([walk(), walk(drift=0.5)], 32, store=tmp_path, threads=2))) == 2


def test_of_many_scenarios_those_to_come_are_not_looked_at_yet(tmp_path):
    there = []

    def progress(done, total):
        there.append((done, len(list(tmp_path.iterdir()))))

    many = [walk(drift=k / 100) for k in range(20)]
    assert next(store.run_each(many, 32, store=tmp_path, threads=2, progress=progress)).sizes["world"] == 32
    assert all(folders <= done / 32 + 2 for done, folders in there) and there[-1] == (640, 20)


def test_of_several_scenarios_what_was_damaged_is_said_once(tmp_path):
    both = [walk(), walk(drift=0.5)]
    list(store.run_each(both, 64, store=tmp_path))
    chunk(tmp_path, 1).write_bytes(b"rust")
    (tmp_path / key(both[1]) / "worlds.zarr" / "zarr.json").write_bytes(b"rust")
    first, second = store.run_each(both, 64, store=tmp_path)
    assert bits(first) == truth(64) and bits(second) == bits(store.run(both[1], 64, store=tmp_path))
    assert first.repaired.startswith("worlds 32 to 63 were damaged") and first.repaired.count("\n") == 0
    assert all(key(both[1]) in line and " was damaged: written again" in line for line in second.repaired.splitlines())
    assert second.repaired and [run.repaired for run in store.run_each(both, 64, store=tmp_path)] == ["", ""]


@pytest.mark.parametrize("how", ["text", "text without a checksum", "shape"])
def test_damaged_names_that_claim_to_be_many_take_no_memory(tmp_path, how):
    """A hundred and fifty million names: more than a gigabyte for nothing, if they were believed."""
    from numcodecs import zstd

    store.run(walk(), 40, store=tmp_path)
    names = folder_of(tmp_path) / "worlds.zarr" / "observable"
    whole = (names / "c" / "0").read_bytes()
    many = zstd.compress((150_000_000).to_bytes(4, "little") + zstd.decompress(whole[:-4])[4:])
    told = json.loads((names / "zarr.json").read_text())
    if how == "shape":
        told["shape"] = [150_000_000]
    else:
        (names / "c" / "0").write_bytes(many + (whole[-4:] if how == "text" else b""))
    if how == "text without a checksum":
        told["codecs"] = [codec for codec in told["codecs"] if codec["name"] != "crc32c"]
    (names / "zarr.json").write_text(json.dumps(told))
    tracemalloc.start()
    try:
        found = store.run(walk(), 40, store=tmp_path)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.repaired and bits(found) == truth(40) and most < 1e8
    again = store.run(walk(), 40, store=tmp_path)
    assert again.repaired == "" and bits(again) == truth(40)


@pytest.mark.subprocess
def test_a_full_disk_is_named_and_loses_nothing(tmp_path, ran):
    code = """if True:
        import resource, bestowal.simulation.store
        def progress(done, total):
            if done >= 96:  # from here on a file can hold 100 bytes
                resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        try:
            bestowal.simulation.store.run(toy.walk(), 300, threads=1, store=sys.argv[1], progress=progress)
        except bestowal.simulation.store.BestowalError as error:
            print(error)
    """
    pytest.importorskip("resource")
    done = subprocess.run([*command(code), str(tmp_path)], env=environment(), capture_output=True, text=True)
    assert str(folder_of(tmp_path)) in done.stdout and "File too large" in done.stdout, done.stderr
    assert done.stdout.count("\n") == 1
    assert not list(tmp_path.rglob("*.partial"))
    finished = store.run(walk(), 300, store=tmp_path)
    assert ran == [list(range(3, 10))] and finished.repaired == "" and bits(finished) == truth(300)


def test_a_folder_that_cannot_be_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BestowalError, match=r"file"):
        store.run(walk(), 1, store=tmp_path / "file")


def test_another_store_format_is_refused_by_name(tmp_path):
    store.run(walk(), 40, store=tmp_path)
    file = folder_of(tmp_path) / "worlds.zarr" / "zarr.json"
    file.write_text(file.read_text().replace('"bestowal_store": 1', '"bestowal_store": 2'))
    with pytest.raises(BestowalError, match=r"store format 2; this bestowal reads and writes format 1"):
        store.run(walk(), 40, store=tmp_path)
    assert chunk(tmp_path, 1).exists() and not (folder_of(tmp_path) / "set-aside").exists()


@pytest.mark.parametrize("wrong", [{"worlds": 0}, {"worlds": -5}, {"worlds": 1, "threads": 0}])
def test_less_than_one_is_refused(tmp_path, wrong):
    with pytest.raises(BestowalError, match=r"must be 1 or more"):
        store.run(walk(), **wrong, store=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.subprocess
def test_a_hit_imports_nothing_slow(tmp_path):
    store.run(walk(), 40, store=tmp_path)
    code = f"""if True:
        import bestowal.simulation.store
        run = bestowal.simulation.store.run(toy.walk(), 40, store={str(tmp_path)!r})
        slow = ("numba", "llvmlite", "matplotlib", "scipy", "dask.array")
        print(run.sizes["world"], [m for m in slow if m in sys.modules])
    """
    assert script(code) == "40 []\n"


# --------------------------------------------------------------------------------------------------------- large worlds


@pytest.fixture
def large(monkeypatch) -> list[tuple[int, int]]:
    """Every world is large; (world, year) as they are lived."""
    monkeypatch.setattr(blocks, "LARGE", 0)
    lived = []

    def spy(scenario, world, first, last):
        for year, at in enumerate(engine.course(scenario, world, first, last)):
            lived.append((world, year))
            yield at

    monkeypatch.setattr(missing, "course", spy)
    return lived


def test_only_the_large_worlds_asked_for_are_run_and_each_is_a_block(tmp_path, large, ran):
    seen = []
    for worlds in (1, 3, 2):
        run = store.run(walk(), worlds, store=tmp_path, threads=2, progress=lambda *at: seen.append(at))
        assert bits(run) == truth(worlds) and run.repaired == ""
    assert sorted(large) == [(world, year) for world in range(3) for year in range(20)] and ran == [[0], [1, 2]]
    assert all(chunk(tmp_path, block).exists() for block in range(3))
    first, second = seen[: seen.index((1, 3))], seen[seen.index((1, 3)) : -1]
    assert first[0] == (0, 1) and first[1] == (1 / 20, 1) and first[-1] == (1, 1) and first == sorted(first)
    assert second[1] == (1 + 2 / 20, 3) and second[-1] == (3, 3) and second == sorted(second) and seen[-1] == (2, 2)


def test_large_worlds_of_several_scenarios_take_turns_by_the_year(tmp_path, large):
    both = [walk(years=20), walk(years=7, drift=0.5)]
    seen = []
    runs = store.run_each(both, 1, store=tmp_path, threads=2, progress=lambda *at: seen.append(at))
    for one, found in zip(both, runs, strict=True):
        assert found.place.values.tobytes() == engine.simulate(one, [0])[0, :, 0].tobytes()
    assert [year for _, year in large] == sorted([*range(20), *range(7)])
    assert seen[2] == (1 / 20 + 1 / 7, 2) and seen[-1] == (2, 2) and seen == sorted(seen)


def test_blocks_of_large_worlds_are_counted_one_by_one(tmp_path, large):
    run = store.run(walk(), 5, store=tmp_path, blocks=range(2, 4))
    assert list(run.world.values) == [2, 3] and bits(run) == bits(
        store.run(walk(), 5, store=tmp_path)[{"world": [2, 3]}]
    )
    with pytest.raises(BestowalError, match="blocks 5-5: 5 worlds are blocks 0-4, of 1 each"):
        store.run(walk(), 5, store=tmp_path, blocks=range(5, 6))


def test_which_worlds_are_large_hangs_on_persons_and_years():
    kibbutz = scenario("kibbutz")
    many = kibbutz.but(n_communities=100, n_places=1000)
    assert [block_size(s) for s in (kibbutz, many, many.clock(years=10), many.clock(years=11))] == [32, 1, 32, 1]


def test_an_interrupt_ends_a_large_world_in_its_year_and_leaves_nothing_of_it(tmp_path, large):
    def interrupted(done, worlds):
        if done > 1.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.run(walk(), 4, store=tmp_path, threads=1, progress=interrupted)
    assert large[-1] == (1, 10) and len(large) == 31
    files = [f.relative_to(folder_of(tmp_path)).as_posix() for f in folder_of(tmp_path).rglob("c/*/0/*")]
    assert files == ["worlds.zarr/observed/c/0/0/0"]
    assert bits(store.run(walk(), 4, store=tmp_path)) == truth(4)


def test_large_worlds_kept_by_an_earlier_version_are_read(tmp_path, monkeypatch, request):
    store.run(walk(), 70, store=tmp_path)
    broken = flip(chunk(tmp_path, 1).read_bytes())
    chunk(tmp_path, 1).write_bytes(broken)
    lived = request.getfixturevalue("large")
    # Killed as it took over the second file, and begun again.
    made, array = blocks._made, []

    def spy(*of):
        array.append(made(*of))
        return array[0]

    monkeypatch.setattr(blocks, "_made", spy)
    monkeypatch.setattr(blocks.shutil, "rmtree", lambda folder: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store.run(walk(), 1, store=tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr(blocks, "LARGE", 0)
    monkeypatch.setattr(missing, "course", lambda s, world, *of: lived.append(world) or engine.course(s, world, *of))
    run = store.run(walk(), 70, store=tmp_path)
    assert bits(run) == truth(70) and run.repaired == ""
    assert sorted(set(lived)) == list(range(32, 64))  # those of the damaged file
    assert not (folder_of(tmp_path) / "worlds-by-32.zarr").exists()


def test_a_damaged_large_world_is_set_aside_and_run_again(tmp_path, large):
    store.run(walk(), 3, store=tmp_path)
    chunk(tmp_path, 1).write_bytes(flip(chunk(tmp_path, 1).read_bytes()))
    large.clear()
    run = store.run(walk(), 3, store=tmp_path)
    assert bits(run) == truth(3) and {world for world, _ in large} == {1}
    assert run.repaired.startswith("world 1 was damaged: run again, the old file is ")


# ------------------------------------------------------------------------------------------------ summaries over worlds


@pytest.fixture
def small(monkeypatch):
    """A thread keeps its work after 64 worlds, a file has no more than 128, and 32 are reduced at once."""
    monkeypatch.setattr(summary, "_task_size", lambda *_: 64)
    for module in (summary, summary_files):
        monkeypatch.setattr(module, "LARGEST", 128)
    monkeypatch.setattr(reduction, "AT_ONCE", 1)


@pytest.fixture
def lived(monkeypatch) -> list[int]:
    """The worlds run for a summary."""
    worlds = []

    def spy(scenario, numbers):
        worlds.extend(numbers)
        return engine.simulate(scenario, numbers)

    for module in (summary, reduction):
        monkeypatch.setattr(module, "simulate", spy)
    return worlds


def patchy(scenario, numbers):
    """As `simulate`, with a sign, zeros, a constant, and nothing to measure in some worlds and in one whole year."""
    values = engine.simulate(scenario, numbers)
    for i, world in enumerate(numbers):
        values[i, world % 7 :: 7] = -np.nan if world % 2 else np.nan  # of either sign, as processors give it
        values[i, 10:, :] *= np.nan if world % 192 < 20 else 1.0  # fewer in one block than in the next
        values[i, 3, 0] = (world % 5 - 2) * 1e-3
        values[i, 4, 0] = 0.1
        values[i, 5, :] = np.nan
    return values


def test_a_summary_is_of_the_worlds_themselves(tmp_path, small, monkeypatch):
    for module in (summary, reduction):
        monkeypatch.setattr(module, "simulate", patchy)
    data = summary.run(walk(), 700, store=tmp_path)
    worlds = patchy(walk(), range(700))
    assert data.sizes == {"statistic": 12, "year": 20} and data.worlds == 700 and data.place.attrs["units"] == "m"
    for k, name in enumerate(("place", "ahead")):
        for year in range(20):
            values = worlds[:, year, k]
            seen = values[~np.isnan(values)]
            told = dict(zip(data.statistic.values, data[name].values[:, year], strict=True))
            assert told["n"] == seen.size
            if not seen.size:
                assert all(np.isnan(x) for s, x in told.items() if s != "n")
                continue
            assert (told["min"], told["max"]) == (seen.min(), seen.max())
            assert told["mean"] == pytest.approx(seen.mean(), rel=1e-13, abs=1e-16)
            # Where all are the same there is no spread, to the bit.
            assert told["sd"] == (pytest.approx(seen.std(ddof=1), rel=1e-12) if np.ptp(seen) else 0)
            for q in summary.QUANTILES:
                truth = np.quantile(seen, q, method="inverted_cdf")
                assert abs(told[f"q{q:g}"] - truth) <= abs(truth) / 512, (name, year, q)


def test_whole_numbers_and_ends_are_exact_quantiles():
    values = np.array([[-512.0, 0.0, 1.0], [7.0, 1.0, 1.0], [511.0, 1.0, 1.0], [1e5 + 0.123, 1.0, 1.0]])
    of = reduction.reduced(values)
    assert [reduction.quantile(of, q).tolist() for q in (0, 0.25, 0.26, 0.75, 1)] == [
        [-512, 0, 1],
        [-512, 0, 1],
        [7, 1, 1],
        [511, 1, 1],
        [1e5 + 0.123, 1, 1],
    ]


def test_the_bits_of_a_summary_depend_on_no_thread_no_order_and_no_stop(tmp_path, small, monkeypatch):
    for module in (summary, reduction):
        monkeypatch.setattr(module, "simulate", patchy)
    one = summary.run(walk(), 700, threads=1, store=tmp_path / "one")
    assert one.identical(summary.run(walk(), 700, threads=3, store=tmp_path / "three"))
    for worlds in (5, 40, 96, 333, 512, 700):  # grown
        grown = summary.run(walk(), worlds, threads=2, store=tmp_path / "grown")
    assert one.identical(grown)
    for module in (summary, summary_files):
        monkeypatch.setattr(module, "LARGEST", 1 << 16)
    monkeypatch.setattr(reduction, "AT_ONCE", 1 << 24)
    assert one.identical(summary.run(walk(), 700, store=tmp_path / "large"))
    monkeypatch.setattr(summary, "_task_size", lambda *_: 8192)
    assert one.identical(summary.run(walk(), 700, store=tmp_path / "larger"))


def test_a_grown_summary_runs_only_what_is_new(tmp_path, small, lived):
    for worlds in (96, 320, 320, 330):
        summary.run(walk(), worlds, store=tmp_path)
    # Ten worlds short of a block are kept in no file.
    assert sorted(lived) == list(range(330))
    lived.clear()
    assert summary.run(walk(), 330, store=tmp_path).worlds == 330 and sorted(lived) == list(range(320, 330))
    files = sorted(f.name for f in (folder_of(tmp_path) / "summary").glob("*.npz"))
    assert files == ["0-127.npz", "128-255.npz", "256-319.npz"]


def test_blocks_of_a_summary_are_shared_out_and_joined(tmp_path, small, lived):
    seen = []
    assert summary.fill(walk(), 700, range(7, 10), store=tmp_path, progress=lambda *at: seen.append(at)) == (
        range(224, 320),
        [],
    )
    assert seen[0] == (0, 96) and seen[-1] == (96, 96) and sorted(lived) == list(range(224, 320))
    summary.fill(walk(), 700, range(0, 7), store=tmp_path)
    lived.clear()
    for again in (range(0, 7), range(7, 10), range(1, 2)):  # those files are parts of larger ones now
        summary.fill(walk(), 700, again, store=tmp_path)
    assert lived == []
    data = summary.run(walk(), 700, store=tmp_path)
    assert sorted(lived) == list(range(320, 700))
    assert data.identical(summary.run(walk(), 700, store=tmp_path / "else"))


def test_what_is_found_damaged_as_blocks_are_joined_is_run_again(tmp_path, small, lived):
    summary.fill(walk(), 700, range(0, 2), store=tmp_path)
    file = folder_of(tmp_path) / "summary" / "0-63.npz"
    file.write_bytes(flip(file.read_bytes()))
    lived.clear()
    _, repaired = summary.fill(walk(), 700, range(0, 4), store=tmp_path)
    assert sorted(lived) == list(range(128)) and repaired[0].startswith("the summary of worlds 0-63 was damaged")
    assert [f.name for f in file.parent.iterdir()] == ["0-127.npz"]


@pytest.mark.subprocess
def test_processes_with_blocks_of_their_own_share_a_summary(tmp_path, lived):
    code = """if True:
        from bestowal.simulation import summary
        summary._task_size = lambda *_: 64
        summary.fill(toy.walk(), 640, range(int(sys.argv[2]), int(sys.argv[3])), store=sys.argv[1])
    """
    engine.simulate(walk(), [])
    jobs = [
        subprocess.Popen([*command(code), str(tmp_path), first, stop], env=environment(), text=True, stderr=-1)
        for first, stop in (("0", "6"), ("6", "13"), ("13", "20"))
    ]
    assert [(job.communicate(timeout=120)[1], job.returncode) for job in jobs] == [("", 0)] * 3
    data = summary.run(walk(), 640, store=tmp_path)
    assert lived == [] and data.identical(summary.run(walk(), 640, store=tmp_path / "else"))


def test_blocks_of_a_summary_that_are_none_are_refused(tmp_path, monkeypatch):
    for refused in (range(20, 23), range(-1, 3), range(4, 3), range(0, 9, 2)):
        with pytest.raises(BestowalError, match="700 worlds are blocks 0-20, of 32 each, for a summary"):
            summary.fill(walk(), 700, refused, store=tmp_path)
    with pytest.raises(BestowalError, match="20 worlds fill no block of 32"):
        summary.fill(walk(), 20, range(1), store=tmp_path)
    monkeypatch.setattr(blocks, "LARGE", 0)
    with pytest.raises(BestowalError, match="walk: its worlds are large, and kept one by one"):
        summary.fill(walk(), 700, range(1), store=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_summary_takes_the_worlds_that_are_kept(tmp_path, small, lived):
    store.run(walk(), 128, store=tmp_path)
    data = summary.run(walk(), 192, store=tmp_path)
    assert sorted(lived) == list(range(128, 192))
    assert data.identical(summary.run(walk(), 192, store=tmp_path / "else"))
    # A damaged one is run, and left to whoever asks for the worlds.
    lived.clear()
    store.run(walk(seed=2), 64, store=tmp_path)
    file = tmp_path / key(walk(seed=2)) / "worlds.zarr" / "observed" / "c" / "1" / "0" / "0"
    file.write_bytes(flip(file.read_bytes()))
    damaged = summary.run(walk(seed=2), 64, store=tmp_path)
    assert sorted(lived) == list(range(32, 64)) and file.exists()
    assert damaged.identical(summary.run(walk(seed=2), 64, store=tmp_path / "else"))


@pytest.mark.subprocess
def test_a_killed_summary_is_finished_by_the_same_call(tmp_path, small, lived):
    code = """if True:
        import os, signal
        from bestowal.simulation import summary
        summary._task_size = lambda *_: 64
        def progress(done, total):
            if done >= 192:
                os.kill(os.getpid(), signal.SIGKILL)
        summary.run(toy.walk(), 500, threads=2, store=sys.argv[1], progress=progress)
    """
    killed = subprocess.run([*command(code), str(tmp_path)], env=environment(), timeout=120)
    assert killed.returncode == -9
    finished = summary.run(walk(), 500, store=tmp_path)
    assert len(lived) == 500 - 192 and finished.repaired == ""
    del finished.attrs["repaired"]
    whole = summary.run(walk(), 500, store=tmp_path / "whole")
    del whole.attrs["repaired"]
    assert finished.identical(whole)


@pytest.mark.parametrize("damage", [flip, lambda data: data[: len(data) // 2], lambda data: b""])
def test_a_damaged_summary_is_set_aside_and_run_again(tmp_path, small, lived, damage):
    whole = summary.run(walk(), 320, store=tmp_path)
    lived.clear()
    file = folder_of(tmp_path) / "summary" / "128-255.npz"
    broken = damage(file.read_bytes())
    file.write_bytes(broken)
    mended = summary.run(walk(), 320, store=tmp_path)
    assert sorted(lived) == list(range(128, 256))
    (kept,) = (folder_of(tmp_path) / "set-aside").iterdir()
    assert kept.read_bytes() == broken and mended.repaired == (
        f"the summary of worlds 128-255 was damaged: run again, the old file is {kept}"
    )
    mended.attrs["repaired"] = ""
    assert mended.identical(whole)
    assert summary.run(walk(), 320, store=tmp_path).repaired == ""


@pytest.mark.slow
def test_no_flipped_bit_of_a_summary_is_believed(tmp_path):
    found = reduction.reduced(engine.simulate(walk(years=2), range(32)).reshape(32, 4))
    file = tmp_path / "results" / "summary" / "0-31.npz"
    summary_files.write_summary(file, found, 4)
    whole = file.read_bytes()
    for at in range(len(whole)):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 16]) + whole[at + 1 :])
        read = summary_files.read_summary(file, 4, [])
        # What a ZIP says about time and system may change, and nothing that counts.
        assert read is None or all(
            np.array_equal(getattr(read, name), getattr(found, name)) for name in found.__dataclass_fields__
        ), at


def test_a_summary_of_other_columns_or_another_format_is_not_believed(tmp_path, monkeypatch):
    found = reduction.reduced(np.zeros((32, 4)))
    file = tmp_path / "results" / "summary" / "0-31.npz"
    summary_files.write_summary(file, found, 4)
    assert summary_files.read_summary(file, 4, []) is not None
    assert summary_files.read_summary(file, 5, []) is None and not file.exists()
    monkeypatch.setattr(summary_files, "FORMAT", 2)
    summary_files.write_summary(file, found, 4)
    monkeypatch.undo()
    assert summary_files.read_summary(file, 4, []) is None


def test_the_memory_of_a_summary_does_not_grow_with_the_number_of_worlds(tmp_path, monkeypatch):
    alive, most = [], 0

    def spy(scenario, numbers):
        nonlocal most
        values = engine.simulate(scenario, numbers)
        alive.append(weakref.ref(values.base if values.base is not None else values))
        most = max(most, sum(r().nbytes for r in alive if r() is not None))
        return values

    for module in (summary, reduction):
        monkeypatch.setattr(module, "simulate", spy)
    monkeypatch.setattr(reduction, "AT_ONCE", 1 << 16)
    summary.run(walk(), 20_000, store=tmp_path, threads=2)
    assert sum(r() is not None for r in alive) == 0 and most <= 2 * (1 << 16)


def test_progress_of_a_summary_and_its_table(tmp_path, small):
    seen = []
    data = summary.run(walk(), 200, store=tmp_path, progress=lambda *at: seen.append(at))
    assert seen[0] == (0, 200) and seen[-1] == (200, 200) and seen == sorted(seen)
    file = summary.save(data, tmp_path)
    assert file == folder_of(tmp_path) / "summary" / "200.csv"
    lines = file.read_text().splitlines()
    assert lines[0] == "observable,unit,year,n,mean,sd,min,max,q0.01,q0.05,q0.25,q0.5,q0.75,q0.95,q0.99"
    assert len(lines) == 1 + 2 * 20 and lines[1].startswith("place,m,1900,200,")
    provenance = json.loads((folder_of(tmp_path) / "provenance.json").read_text())
    assert provenance["runs"][0]["summaries"] == ["0-127", "128-191"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"worlds": 0}, "worlds = 0: must be 1 or more"),
        ({"worlds": 10**10}, "must be 1000000000 or fewer"),
        ({"threads": 0}, "threads = 0"),
        ({"quantiles": [1.5]}, r"quantiles: 1.5"),
    ],
)
def test_a_summary_refuses_in_one_line(tmp_path, wrong, said):
    with pytest.raises(BestowalError, match=said):
        summary.run(walk(), store=tmp_path, **wrong)
    assert not list(tmp_path.iterdir())


@pytest.mark.subprocess
def test_two_processes_share_a_summary(tmp_path):
    code = """if True:
        import hashlib, pathlib, time
        from bestowal.simulation import engine
        from bestowal.simulation import summary
        from bestowal.simulation import summary_files
        summary._task_size = lambda *_: 32
        summary.LARGEST = summary_files.LARGEST = 256
        engine.simulate(toy.walk(), [])
        here, me, worlds = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
        (here / me).touch()
        while not ((here / "one").exists() and (here / "two").exists()):
            time.sleep(0.001)
        run = summary.run(toy.walk(), worlds, store=here / "results")
        print(hashlib.sha256(run.place.values.tobytes() + run.ahead.values.tobytes()).hexdigest(), run.repaired)
    """
    engine.simulate(walk(), [])
    both = [
        subprocess.Popen([*command(code), str(tmp_path), me, n], env=environment(), text=True, stdout=-1, stderr=-1)
        for me, n in (("one", "800"), ("two", "2000"))
    ]
    ends = [(p.communicate(timeout=120), p.returncode) for p in both]
    alone = [summary.run(walk(), n, store=tmp_path / "alone") for n in (800, 2000)]
    assert ends == [((f"{hashlib.sha256(bits(run)).hexdigest()} \n", ""), 0) for run in alone]


def test_a_summary_of_large_worlds_keeps_them_and_is_the_same(tmp_path, lived, request):
    plain = summary.run(walk(), 70, store=tmp_path / "plain")
    lived.clear()
    large = request.getfixturevalue("large")
    seen = []
    for worlds in (5, 70, 70):
        kept = summary.run(walk(), worlds, store=tmp_path, threads=2, progress=lambda *at: seen.append(at))
    assert kept.identical(plain) and lived == [] and sorted(large) == [(w, y) for w in range(70) for y in range(20)]
    assert (2 / 20, 5) in seen and seen[-1] == (70, 70)


def test_the_page_counts_large_worlds_one_by_one(tmp_path, monkeypatch):
    from bestowal.explore import stored as kept

    store.run(walk(), 40, store=tmp_path)
    monkeypatch.setattr(blocks, "LARGE", 0)
    store.run(walk(seed=2), 3, store=tmp_path)
    chunk(tmp_path, 0).parents[3].joinpath("zarr.json").rename(tmp_path / "gone")
    assert sorted(run["worlds"] for run in kept.runs(tmp_path, {})["runs"]) == [0, 3]
    (tmp_path / "gone").rename(chunk(tmp_path, 0).parents[3] / "zarr.json")
    assert sorted(run["worlds"] for run in kept.runs(tmp_path, {})["runs"]) == [3, 64]


# ---------------------------------------------------------------------------------------------------- in other formats


def of_every_kind(folder: Path) -> dict[str, xr.Dataset]:
    """A Dataset of each public function, every one of which had something to repair."""

    def damaged(scenario) -> Path:
        store.run(scenario, 32, store=folder)
        file = folder / key(scenario) / "worlds.zarr" / "observed" / "c" / "0" / "0" / "0"
        file.write_bytes(b"")
        return folder

    hidden = walk().but(from_year=1907, drift=1.0)
    summary.run(walk(seed=7), 64, store=folder)
    (folder / key(walk(seed=7)) / "summary" / "0-63.npz").write_bytes(b"")
    return {
        "run": store.run(walk(), 32, store=damaged(walk())),
        "summary": summary.run(walk(seed=7), 64, store=folder),
        "compare": compare(walk(), walk(drift=0.4), 32, store=damaged(walk(drift=0.4))),
        "sweep": sweep(hidden, {"drift": [0.2, 0.3]}, 32, store=damaged(hidden.but(drift=0.3))),
        "sweep of two": sweep(walk(), {"drift": [0, 1], "people": [3, 8]}, 32, store=damaged(walk(drift=1, people=3))),
        "design": sweep(
            walk(), {"drift": Range(0, 1)}, 32, design="lhs", points=3, keep="summary", store=damaged(walk())
        ),
    }


def test_every_dataset_goes_through_every_format(tmp_path):
    for name, data in of_every_kind(tmp_path / "store").items():
        assert data.attrs["repaired"] or name == "design", name
        data.to_netcdf(tmp_path / "x.nc", engine="scipy")
        data.to_zarr(tmp_path / f"{name}.2.zarr", zarr_format=2)
        data.to_zarr(tmp_path / f"{name}.3.zarr", zarr_format=3, consolidated=False)
        back = {
            "netcdf": xr.load_dataset(tmp_path / "x.nc"),
            "zarr 2": xr.open_zarr(tmp_path / f"{name}.2.zarr", chunks=None).load(),
            "zarr 3": xr.open_zarr(tmp_path / f"{name}.3.zarr", consolidated=False, chunks=None).load(),
            "pickle": pickle.loads(pickle.dumps(data)),
            "dict": xr.Dataset.from_dict(json.loads(json.dumps(data.to_dict()))),
        }
        for form, read in back.items():
            assert read.attrs == data.attrs and read.equals(data), (name, form)
        table = pd.read_csv(io.StringIO(data.to_dataframe().to_csv()))
        assert len(table) == math.prod(data.sizes.values()), name


# --------------------------------------------------------------------------------------------------- who else is there


READS = {
    "run": ["run", "w.toml", "--worlds", "40"],
    "run, blocks": ["run", "w.toml", "--worlds", "40", "--blocks", "0-1"],
    "summary": ["run", "w.toml", "--worlds", "70", "--keep", "summary"],
    "compare": ["compare", "w.toml", "--set", "drift=0.3", "--worlds", "40"],
    "sweep": ["sweep", "w.toml", "--over", "drift=0:1:2", "--worlds", "32"],
    "sweep of summaries": ["sweep", "w.toml", "--over", "drift=0:1:2", "--worlds", "32", "--keep", "summary"],
}


def as_reader(folder: Path, *calls: list[str]) -> list[tuple[int, str, str]]:
    """Exit status, output and messages of these commands in a folder, by a process that permissions bind."""
    code = """if True:
        import json
        from typer.testing import CliRunner
        from bestowal.cli import app as cli
        told = [CliRunner().invoke(cli.app, words) for words in json.loads(sys.argv[1])]
        print(json.dumps([(t.exit_code, t.stdout, t.stderr) for t in told]))
    """
    done = subprocess.run(
        [*bound(command(code)), json.dumps(calls)],
        cwd=folder,
        env=environment(BESTOWAL_STORE="results"),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return [tuple(told) for told in json.loads(done.stdout)]


@pytest.mark.subprocess
def test_what_is_there_is_shown_from_a_folder_that_one_may_only_read(tmp_path):
    (tmp_path / "w.toml").write_text(to_toml(walk()))
    written = as_reader(tmp_path, *READS.values())
    assert [status for status, _, _ in written] == [0] * len(READS)
    chunk_of = chunk(tmp_path / "results", 1)
    read_only(tmp_path)
    try:
        *shown, more, swept = as_reader(
            tmp_path,
            *READS.values(),
            ["run", "w.toml", "--worlds", "400"],
            ["sweep", "w.toml", "--over", "drift=0:1:2", "--worlds", "20"],
        )
        assert shown == [(0, out, "") for _, out, _ in written]
        assert more[0] == 2 and more[2].endswith("lock: Permission denied; worlds already stored are kept\n")
        assert swept[0] == 2 and " ±" in swept[1] and "written" not in swept[1]
        assert swept[2].endswith("Permission denied\n") and swept[2].count("\n") == 1
        chunk_of.chmod(0o644)
        chunk_of.write_bytes(flip(chunk_of.read_bytes()))
        (damaged,) = as_reader(tmp_path, READS["run"])  # it can't be set aside, and is not shown either
        assert damaged[0] == 2 and damaged[1] == "" and "Permission denied" in damaged[2]
    finally:
        for path in [tmp_path, *tmp_path.rglob("*")]:
            path.chmod(0o755)


@pytest.mark.subprocess
def test_a_held_lock_is_named_and_waited_for(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("bestowal.core.files.PATIENCE", 0.2)
    monkeypatch.setattr("bestowal.core.files.EVERY", 0.2)
    folder_of(tmp_path).mkdir(parents=True)
    lock = folder_of(tmp_path) / "lock"
    code = """if True:
        import sys, filelock
        with filelock.FileLock(sys.argv[1]):
            print("held", flush=True)
            sys.stdin.read()
    """
    with subprocess.Popen([sys.executable, "-c", code, str(lock)], stdin=-1, stdout=-1, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.MonkeyPatch.context() as patch:  # Ctrl-C ends the waiting
            patch.setattr("bestowal.core.files._holder", interrupt)
            with pytest.raises(KeyboardInterrupt):
                store.run(walk(), 40, store=tmp_path)
        found = []
        waiting = threading.Thread(target=lambda: found.append(store.run(walk(), 40, store=tmp_path)))
        waiting.start()
        while (told := capsys.readouterr().err).count("\n") < 1:
            time.sleep(0.05)
        assert re.match(rf"bestowal: waiting for {lock}, \d s so far: (process {holder.pid}|another process)", told)
        holder.stdin.close()
        waiting.join()
    assert bits(found[0]) == truth(40)


def interrupt(lock: Path) -> str:
    raise KeyboardInterrupt
