"""Blocks on a Dask cluster: the same bits as here, whatever is killed meanwhile, and none from a worker unlike us.

A real scheduler and real worker processes on 127.0.0.1. Each worker writes down the blocks that it begins, and holds
them while a file `hold` is there; so what is killed is killed in the middle of a block, and no test waits on a clock.
These tests alone: `pytest -m cluster`.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from fabricate import COMMUNE_TOML
from toy import TOYS, command, environment, walk
from typer.testing import CliRunner

from bestowal import sweep
from bestowal.cli import app as cli
from bestowal.core.errors import BestowalError
from bestowal.questions import outcomes
from bestowal.questions import question as records
from bestowal.questions.ask import ask, question
from bestowal.simulation import blocks, engine, missing, store, summary
from bestowal.simulation import dask as cluster
from bestowal.simulation.scenario import key
from bestowal.simulation.scenario_file import to_toml

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("toy_models")]

LONG = 120  # seconds: nothing takes them but on a machine with much else to do
ENDS_WITH_US = """
import os, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(1)), daemon=True).start()
"""
SCHEDULER = """
from distributed.cli.dask_scheduler import main
main(["--host", "127.0.0.1", "--port", sys.argv[1], "--no-dashboard", "--no-jupyter"])
"""
WORKER = """
import time
from bestowal.core import version
address, name, folder, version.NUMERICS = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), int(sys.argv[4])
from bestowal.simulation import engine
simulate = engine.simulate
def watched(scenario, worlds):
    if worlds:
        with open(folder / "begun", "a") as begun:
            print(name, worlds[0] // 32, file=begun)
        while (folder / "hold").exists() and (folder / f"hold-{name}").exists():
            (folder / f"holding-{name}").touch()
            time.sleep(0.01)
    return simulate(scenario, worlds)
engine.simulate = watched
from distributed.cli.dask_worker import main
main([address, "--host", "127.0.0.1", "--no-nanny", "--no-dashboard", "--nthreads", "1", "--name", name,
      "--local-directory", str(folder / name)])
"""


class Cluster:
    """A scheduler and workers, started here and ended with the test, in a folder of theirs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.scheduler()

    def scheduler(self) -> None:
        self._start("scheduler", command(ENDS_WITH_US + SCHEDULER), self.port)

    def workers(self, *names: str, numerics: int = 1, toys: Path = TOYS) -> None:
        for name in names:
            self._start(name, command(ENDS_WITH_US + WORKER, toys), self.address, name, str(self.folder), str(numerics))
        self._wait("a worker is there", lambda: all("Registered to" in self.log(name) for name in names))

    def hold(self, *names: str) -> None:
        for name in ("hold", *(f"hold-{name}" for name in names)):
            (self.folder / name).touch()

    def let_go(self) -> None:
        (self.folder / "hold").unlink()

    def begun(self) -> list[tuple[str, int]]:
        """Worker and block, in the order in which they were begun."""
        file = self.folder / "begun"
        lines = file.read_text().splitlines() if file.exists() else []
        return [(name, int(block)) for name, block in map(str.split, lines)]

    def wait_for_a_block_of(self, *names: str) -> None:
        self._wait("blocks are begun", lambda: {name for name, _ in self.begun()} >= set(names))

    def kill(self, name: str) -> None:
        process = self.processes.pop(name)
        process.kill()
        process.communicate(timeout=10)

    def end(self) -> None:
        for name in list(self.processes):
            self.kill(name)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def _start(self, name: str, words: list[str], *more: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [*words, *more], cwd=self.folder, env=environment(), stdin=subprocess.PIPE, stdout=log, stderr=log
            )

    def _wait(self, what: str, there: Callable[[], bool]) -> None:
        end = time.monotonic() + LONG
        while not there():
            logs = {name: self.log(name)[-2000:] for name, process in self.processes.items()}
            assert time.monotonic() < end, f"two minutes have passed before {what}: {logs}"
            time.sleep(0.02)


@pytest.fixture
def aside() -> Iterator[ThreadPoolExecutor]:
    """For a run that goes on while the test does something to its cluster."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.fixture
def dask(tmp_path: Path, aside: ThreadPoolExecutor) -> Iterator[Cluster]:  # ended first, so that its runs end
    (tmp_path / "cluster").mkdir()
    found = Cluster(tmp_path / "cluster")
    try:
        yield found
    finally:
        found.end()


def run_aside(aside: ThreadPoolExecutor, dask: Cluster, results: Path, worlds: int) -> "Future[bytes]":
    return aside.submit(lambda: bits(store.run(walk(), worlds, store=results, on=dask.address)))


def killed_client(dask: Cluster, code: str, results: Path) -> None:
    """A client killed while both workers are in a block; one of them is held there."""
    dask.workers("one", "two")
    dask.hold("two")
    client = subprocess.Popen([*command(code), str(results), dask.address], env=environment())
    try:
        dask.wait_for_a_block_of("one", "two")
    finally:
        client.send_signal(signal.SIGKILL)
        client.wait(10)


def bits(dataset) -> bytes:
    return b"".join(dataset[name].values.tobytes() for name in ("place", "ahead"))


def truth(worlds: int) -> bytes:
    return np.moveaxis(engine.simulate(walk(), range(worlds)), 2, 0).tobytes()


def files(results: Path) -> dict[str, bytes]:
    """The blocks kept, byte for byte."""
    chunks = results / key(walk()) / "worlds.zarr" / "observed" / "c"
    return {block.name: (block / "0" / "0").read_bytes() for block in chunks.glob("*")}


def test_a_run_on_a_cluster_leaves_what_one_here_leaves(dask, tmp_path):
    dask.workers("one", "two")
    seen = []

    def progress(done, worlds):
        seen.append((done, worlds))
        assert len(dask.begun()) <= len(seen) - 1 + 4  # two blocks a thread, so memory doesn't grow with the worlds

    there = store.run(walk(), 600, store=tmp_path / "there", on=dask.address, progress=progress)
    here = store.run(walk(), 600, store=tmp_path / "here")
    assert bits(there) == bits(here) == truth(600) and files(tmp_path / "there") == files(tmp_path / "here")
    assert sorted(block for _, block in dask.begun()) == list(range(19)) and len(seen) == 20 and seen[-1] == (600, 600)
    assert {worker for worker, _ in dask.begun()} == {"one", "two"}
    assert dask.address in (tmp_path / "there" / key(walk()) / "provenance.json").read_text()
    store.run(walk(), 640, store=tmp_path / "there", on=dask.address)
    assert len(dask.begun()) == 20  # what is there is not run again


def test_large_worlds_go_to_a_cluster_one_by_one(dask, tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "LARGE", 0)
    dask.workers("one")
    there = store.run(walk(), 34, store=tmp_path, on=dask.address, blocks=range(1, 34))
    assert bits(there) == bits(store.run(walk(), 34, store=tmp_path / "here")[{"world": range(1, 34)}])
    assert [block for _, block in dask.begun()].count(1) == 2  # worlds 32 and 33: each alone


def test_a_summary_is_made_by_the_workers(dask, tmp_path, monkeypatch):
    monkeypatch.setattr(summary, "_task_size", lambda *_: 64)
    here = summary.run(walk(), 333, store=tmp_path / "here")
    dask.workers("one", "two")
    monkeypatch.setattr(summary, "in_threads", None)  # nothing is run here
    seen = []
    there = summary.run(walk(), 333, store=tmp_path, on=dask.address, progress=lambda *at: seen.append(at))
    assert there.identical(here) and seen[0] == (0, 333) and seen[-1] == (333, 333) and seen == sorted(seen)
    assert Counter(block for _, block in dask.begun()) == Counter(
        [0, 2, 4, 6, 8, *13 * [10]]
    )  # ten, and thirteen alone
    for file in (tmp_path / "here" / key(walk()) / "summary").iterdir():
        assert (tmp_path / key(walk()) / "summary" / file.name).read_bytes() == file.read_bytes()
    provenance = json.loads((tmp_path / key(walk()) / "provenance.json").read_text())
    assert provenance["runs"][0]["cluster"] == dask.address and provenance["runs"][0]["summaries"]
    monkeypatch.setenv("BESTOWAL_CLUSTER", dask.address)
    before = len(dask.begun())
    assert summary.run(walk(), 320, store=tmp_path).worlds == 320 and len(dask.begun()) == before

    # Another way to reduce is another result.
    monkeypatch.setattr(cluster, "digest", lambda files: "0" * 64)
    with pytest.raises(
        BestowalError, match=r"refused: it runs bestowal.simulation.reduction [0-9a-f]{16}, and this is"
    ):
        summary.run(walk(), 640, store=tmp_path)
    store.run(walk(), 32, store=tmp_path, on=dask.address)  # whole worlds hang on no summary


def test_a_task_of_a_summary_is_long_on_a_cluster_but_there_are_enough(monkeypatch):
    seconds = iter([0, 3.5e-3] * 9)  # a world
    monkeypatch.setattr(summary, "monotonic", lambda: next(seconds))
    sizes = {n: summary._task_size(walk(), n, "tcp://there") for n in (32, 10_000, 100_000, 1 << 22, 1 << 30)}
    assert sizes == {32: 32, 10_000: 32, 100_000: 128, 1 << 22: 8192, 1 << 30: 8192}
    seconds = iter([0, 0.1, 0, 3.5e-3])
    assert (
        summary._task_size(walk(), 1 << 22, "tcp://there") == 256 and summary._task_size(walk(), 1 << 22, None) == 1024
    )


def test_large_worlds_of_a_summary_are_kept_and_reduced_here(dask, tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "LARGE", 0)
    dask.workers("one")
    there = summary.run(walk(), 34, store=tmp_path, on=dask.address)
    assert len(dask.begun()) == 34 and there.identical(summary.run(walk(), 34, store=tmp_path / "here"))


def test_a_killed_client_that_makes_a_summary_is_gone_on_with(dask, tmp_path, monkeypatch):
    code = """if True:
        from bestowal.simulation import summary
        summary._task_size = lambda *_: 32
        summary.run(toy.walk(), 640, store=sys.argv[1], on=sys.argv[2])
    """
    killed_client(dask, code, tmp_path)
    dask.let_go()
    there = summary.run(walk(), 640, store=tmp_path, on=dask.address)
    assert there.identical(summary.run(walk(), 640, store=tmp_path / "here"))


def test_points_of_a_sweep_are_run_side_by_side(dask, aside, tmp_path):
    dask.workers("one", "two")
    dask.hold("one", "two")
    over = {"drift": [0.0, 0.5, 1.0]}
    run = aside.submit(lambda: sweep(walk(), over, 32, store=tmp_path / "there", on=dask.address))
    dask.wait_for_a_block_of("one", "two")  # each holds the only block of a point
    dask.let_go()
    assert run.result(LONG).identical(sweep(walk(), over, 32, store=tmp_path / "here")) and len(dask.begun()) == 3


def test_the_command_line_and_the_environment_name_a_cluster(dask, tmp_path, monkeypatch):
    dask.workers("one")
    file = tmp_path / "w.toml"
    file.write_text(to_toml(walk()), encoding="utf-8")
    words = ["--worlds", "64", "--store", str(tmp_path / "results")]
    told = CliRunner().invoke(cli.app, ["run", str(file), *words, "--on", dask.address])
    assert told.exit_code == 0 and dask.begun() == [("one", 0), ("one", 1)], told.output
    monkeypatch.setenv("BESTOWAL_CLUSTER", dask.address)
    told = CliRunner().invoke(cli.app, ["compare", str(file), "--set", "drift=0.3", *words])
    assert told.exit_code == 0 and len(dask.begun()) == 4, told.output
    monkeypatch.delenv("BESTOWAL_CLUSTER")
    told = CliRunner().invoke(cli.app, ["sweep", str(file), "--over", "drift=0.4,0.5", *words, "--on", dask.address])
    assert told.exit_code == 0 and len(dask.begun()) == 8, told.output
    told = CliRunner().invoke(cli.app, ["run", str(file), "--keep", "summary", *words, "--on", dask.address])
    assert told.exit_code == 0 and len(dask.begun()) > 8, told.output


def test_a_question_is_asked_of_a_cluster_and_answered_the_same(dask, tmp_path, monkeypatch):
    file = tmp_path / "small.toml"
    file.write_text(COMMUNE_TOML, encoding="utf-8")
    asked, base = question(file)
    here = ask(file, 32, store=tmp_path / "here")
    dask.workers("one")
    words = ["ask", str(file), "--worlds", "32", "--store", str(tmp_path / "there"), "--on", dask.address]
    monkeypatch.setattr(missing, "in_threads", None)  # nothing is run here
    told = CliRunner().invoke(cli.app, words)
    assert told.exit_code == 0, told.output
    assert dask.begun() == [("one", 0)] * len(set(here.keys.values()))  # a block a run
    for name in ("answer.json", "worlds.csv", "years.csv"):
        there = tmp_path / "there" / "answers" / here.id / name
        assert there.read_bytes() == (Path(here.folder) / name).read_bytes()

    # The verdicts that `--full` searches by: of several scenarios at once, and by the environment's word.
    before = len(dask.begun())
    scenarios = [records.tested(base, asked), records.tested(base.but(pay_link=0.6), asked)]
    right = outcomes.Evaluator(asked, store=tmp_path / "here").judge(scenarios, range(20, 70))
    monkeypatch.setenv("BESTOWAL_CLUSTER", dask.address)
    monkeypatch.setattr(outcomes, "simulate", None)
    seen = []
    court = outcomes.Evaluator(asked, store=tmp_path / "there", progress=lambda *at: seen.append(at))
    for one, other in zip(court.judge(scenarios, range(20, 70)), right, strict=True):
        assert (one.met == other.met).all() and (one.stood == other.stood).all() and (one.ended == other.ended).all()
        assert one.stood.std() > 0
    assert seen == [(done, 8) for done in range(9)]
    # Blocks of 16, so 32 to 63 are two of them.
    assert Counter(block for _, block in dask.begun()[before:]) == {0: 2, 1: 4, 2: 2}
    court.judge(scenarios, range(20, 70))
    assert len(dask.begun()) == before + 8
    # Worlds that branch from kept states are lived here, cluster or not.
    monkeypatch.undo()
    monkeypatch.setenv("BESTOWAL_CLUSTER", dask.address)
    ways = [(5, scenarios[0].but(scenarios[0].first_year + 5, pay_link=0.6))]
    court = outcomes.Evaluator(asked, store=tmp_path / "there")
    (branched,) = court.branches(scenarios[0], ways, range(16))
    monkeypatch.delenv("BESTOWAL_CLUSTER")
    (straight,) = outcomes.Evaluator(asked, store=tmp_path / "else").judge([ways[0][1]], range(16))
    assert (branched.stood == straight.stood).all() and len(dask.begun()) == before + 8


def test_a_worker_killed_in_a_block_loses_nothing(dask, aside, tmp_path):
    dask.workers("one", "two")
    dask.hold("one")
    run = run_aside(aside, dask, tmp_path, 1000)
    dask.wait_for_a_block_of("one", "two")
    dask.kill("one")
    dask.let_go()
    assert run.result(LONG) == truth(1000)
    assert Counter(block for worker, block in dask.begun() if worker == "two") == Counter(range(32))
    assert len([block for worker, block in dask.begun() if worker == "one"]) == 1


def edited(folder: Path) -> Path:
    """The toy models, one of whose callees has been changed."""
    shutil.copytree(TOYS, folder / "toys", ignore=shutil.ignore_patterns("__pycache__"))
    moves = folder / "toys" / "walk" / "moves.py"
    moves.write_text(moves.read_text().replace("place + drift", "place - drift"))
    return folder / "toys"


def test_a_worker_with_another_version_is_refused_by_name(dask, tmp_path):
    (tmp_path / "none").mkdir()
    dask.workers("alike")
    for name, other, says in (
        ("code", {"toys": edited(tmp_path)}, "is refused: it runs code [0-9a-f]{16}, and this is code [0-9a-f]{16}; "),
        ("numerics", {"numerics": 99}, "is refused: it runs numerics 99, and this is numerics 1; "),
        ("bare", {"toys": tmp_path / "none"}, "cannot run walk: BestowalError: there is no model 'walk'.*; "),
    ):
        dask.workers(name, **other)
        (address,) = (line.split()[-1] for line in dask.log(name).splitlines() if "Start worker" in line)
        with pytest.raises(BestowalError, match=f"^worker {address} {says}nothing was run$"):
            store.run(walk(), 100, store=tmp_path / "results", on=dask.address)
        dask.kill(name)
    assert dask.begun() == [] and files(tmp_path / "results") == {}


def test_an_unlike_worker_that_comes_later_runs_nothing(dask, aside, tmp_path):
    dask.workers("alike")
    dask.hold("alike")
    run = run_aside(aside, dask, tmp_path, 1000)
    dask.wait_for_a_block_of("alike")
    dask.workers("late", numerics=99)
    with pytest.raises(BestowalError, match=r"worker tcp://127.0.0.1:\d+ is refused: it runs numerics 99"):
        run.result(LONG)
    dask.let_go()
    assert {worker for worker, _ in dask.begun()} == {"alike"}


def test_a_scheduler_started_anew_is_gone_on_with(dask, aside, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "ANSWER", 2.0)  # so that it is looked for more often
    monkeypatch.setattr(cluster, "AGAIN", 30)
    dask.workers("one", "two")
    dask.hold("two")
    run = run_aside(aside, dask, tmp_path, 1000)
    dask.wait_for_a_block_of("one", "two")
    dask.hold("one")
    dask._wait("both hold a block", lambda: all((dask.folder / f"holding-{name}").exists() for name in ("one", "two")))
    dask._wait("the others are kept", lambda: len(dask.begun()) == len(files(tmp_path)) + 2)
    dask.kill("scheduler")
    for name in ("one", "two"):  # workers end with their scheduler; held ones can't
        dask.kill(name)
    before = dask.begun()
    kept = len(files(tmp_path))
    dask.let_go()
    dask.scheduler()
    dask.workers("three", "four")
    assert run.result(LONG) == truth(1000)
    after = [block for _, block in dask.begun()[len(before) :]]
    assert len(after) == len(set(after)) == 32 - kept
    assert len(before) - kept <= 4


def test_a_scheduler_lost_between_two_blocks_is_gone_on_with(monkeypatch):
    def lost(address, left, ahead, *of):
        yield next(iter(left)), None

    done = []
    monkeypatch.setattr(cluster, "_finished", lost)
    cluster.run("tcp://there", "abcdef", lambda task: None, lambda task, result: done.append(task))
    assert done == list("abcdef")


CLIENT = """
import bestowal.simulation.store
bestowal.simulation.store.run(toy.walk(), 1000, store=sys.argv[1], on=sys.argv[2])
"""


def test_a_killed_client_is_gone_on_with_by_the_same_command(dask, tmp_path):
    killed_client(dask, CLIENT, tmp_path)
    kept = files(tmp_path)
    before = dask.begun()
    assert len(kept) < 32
    dask.let_go()
    assert bits(store.run(walk(), 1000, store=tmp_path, on=dask.address)) == truth(1000)
    assert {name: data for name, data in files(tmp_path).items() if name in kept} == kept
    begun = Counter(block for _, block in dask.begun())
    assert set(begun) == set(range(32)) and sum(begun.values()) - 32 <= 4
    assert not {block for _, block in dask.begun()[len(before) :]} & {int(name) for name in kept}


def test_no_workers_or_none_left_is_one_line(dask, aside, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    dask._wait("the scheduler is there", lambda: "Scheduler at" in dask.log("scheduler"))
    with pytest.raises(BestowalError, match=rf"^{dask.address}: the scheduler has no workers; start some: dask worker"):
        store.run(walk(), 100, store=tmp_path, on=dask.address)
    dask.workers("one")
    dask.hold("one")
    run = run_aside(aside, dask, tmp_path, 100)
    dask.wait_for_a_block_of("one")
    dask.kill("one")
    with pytest.raises(BestowalError, match=rf"^{dask.address}: no worker is left"):
        run.result(LONG)


def test_a_block_that_takes_its_workers_with_it_is_given_up(dask, aside, tmp_path, monkeypatch):
    dask.kill("scheduler")
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")  # the first, and not the fourth
    dask.scheduler()
    dask.workers("one")
    dask.hold("one")
    run = run_aside(aside, dask, tmp_path, 10)
    dask.wait_for_a_block_of("one")
    dask.kill("one")
    with pytest.raises(BestowalError, match=r"worlds 0 to 31: every worker that began them died"):
        run.result(LONG)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x", "127.0.0.1:port", ""])
def test_an_address_where_nobody_answers_is_one_line(address, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "REACHED", 0.5)
    file = tmp_path / "w.toml"
    file.write_text(to_toml(walk()), encoding="utf-8")
    told = CliRunner().invoke(cli.app, ["run", str(file), "--store", str(tmp_path), "--on", address or "tcp://"])
    assert told.exit_code == 2 and told.stderr.count("\n") == 1
    assert told.stderr.startswith(f"bestowal: {address or 'tcp://'}: no Dask scheduler answers there")


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.0 200 OK\r\n\r\n" * 9], ids=["says nothing", "a web server"])
def test_what_listens_and_is_no_scheduler_is_one_line_and_no_client_is_made(sent, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "REACHED", 0.5)
    monkeypatch.setattr("distributed.Client", None)  # one that can't connect takes half a minute to throw away
    held = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer():
            held.append(listener.accept()[0])
            held[0].sendall(sent)

        threading.Thread(target=answer, daemon=True).start()
        address = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(BestowalError, match=f"^{address}: no Dask scheduler answers there"):
            store.run(walk(), 1, store=tmp_path, on=address)
    for connection in held:
        connection.close()


def test_without_dask_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BestowalError, match=r"pip install 'bestowal\[dask\]'"):
        store.run(walk(), 1, store=tmp_path, on="tcp://127.0.0.1:9")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


PAGE = Path(__file__).parent.parent / "docs" / "how-to" / "run-on-a-cluster.md"


def test_the_scripts_of_the_page_run_as_they_stand(tmp_path):
    """With SLURM's variables set by hand, a `srun` that starts one worker, and a model that compiles quickly."""
    array, within = re.findall(r"^```bash\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    (tmp_path / "bin").mkdir()
    srun = tmp_path / "bin" / "srun"
    srun.write_text('#!/bin/bash\nexec "$@"\n')
    srun.chmod(0o755)
    path = os.pathsep.join([str(tmp_path / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])

    def run(script: str, **slurm: str) -> str:
        words = ["bash", "-c", script.replace("kibbutz", "sen_1966")]
        env = environment(PATH=path, **slurm)
        with (tmp_path / "said").open("w+") as said:
            job = subprocess.Popen(words, cwd=tmp_path, env=env, stdout=said, stderr=said, start_new_session=True)
            try:
                code = job.wait(60)
            finally:
                with contextlib.suppress(ProcessLookupError):  # SLURM ends what a job leaves behind
                    os.killpg(job.pid, signal.SIGKILL)
            said.seek(0)
            text = said.read()
        assert code == 0, text
        return text

    assert "blocks 0-3: worlds 0 to 127 of 2048" in run(array, SLURM_ARRAY_TASK_ID="0", SLURM_CPUS_PER_TASK="2")
    assert "blocks 60-63: worlds 1920 to 2047" in run(array, SLURM_ARRAY_TASK_ID="15", SLURM_CPUS_PER_TASK="2")
    brief = array.replace("--worlds 2048", "--worlds 2048 --keep summary")
    for job in ("0", "15"):
        told = run(brief, SLURM_ARRAY_TASK_ID=job, SLURM_CPUS_PER_TASK="2")
        assert "of 2048 are there, as a summary" in told, told
    job = next(str(n) for n in range(os.getpid(), os.getpid() + 100) if is_free(20000 + n % 10000))
    assert "2048 worlds" in run(within, SLURM_JOB_ID=job, SLURMD_NODENAME="127.0.0.1", SLURM_CPUS_PER_TASK="2")
    (folder,) = (tmp_path / "results").iterdir()
    runs = json.loads((folder / "provenance.json").read_text())["runs"]
    assert [len(r["blocks"]) for r in runs if "blocks" in r] == [4, 4, 56] and "cluster" in runs[-1]


def test_nothing_of_dask_is_imported_where_no_cluster_is_named(tmp_path):
    code = f"""if True:
        import bestowal.simulation.dask, bestowal.simulation.store
        bestowal.simulation.store.run(toy.walk(), 1, store={str(tmp_path)!r})
        print([name for name in ("distributed", "tornado") if name in sys.modules])
    """
    done = subprocess.run(command(code), env=environment(), capture_output=True, text=True, timeout=120)
    assert done.stdout == "[]\n", done.stderr


def test_no_process_outlives_the_tests():
    code = """if True:
        import pathlib, tempfile, test_cluster
        cluster = test_cluster.Cluster(pathlib.Path(tempfile.mkdtemp()))
        cluster.workers("one")
        print(*(process.pid for process in cluster.processes.values()), flush=True)
        import os; os._exit(1)
    """
    done = subprocess.run(command(code), env=environment(), stdout=subprocess.PIPE, text=True, timeout=60)
    ids = [int(i) for i in done.stdout.split()]
    end = time.monotonic() + LONG
    while any(is_there(i) for i in ids):
        assert time.monotonic() < end, "two minutes later they are still there"
        time.sleep(0.02)
    assert len(ids) == 2


def is_there(process: int) -> bool:
    """Whether it runs, or has ended and only its number is left."""
    stat = Path(f"/proc/{process}/stat")
    with contextlib.suppress(OSError):
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    return False
