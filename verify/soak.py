"""Works one store hard for an hour: random commands, several at once, killed, interrupted, on files that are damaged.

Each round starts one to three commands (run, run --blocks, run --keep summary, the two together, compare, sweep) on
small scenarios, ends some of them by SIGKILL or Ctrl-C at a random moment, and damages files of the store between and
during rounds: cut short, a byte changed, emptied, removed, temporary files left over. One more process reads and runs
in the same store all the time. A command is a process forked here, with everything imported, so that thousands fit in
an hour and a signal mostly meets one at work; one in twenty begins from nothing, as in a shell. After each round:

    lost        a block that a command reported is there with the same bytes, unless it was damaged here
    unnoticed   what was damaged here is mended by the next command that reads it, the damaged file set aside
    wrong       worlds in files, decoded one by one, and what commands print and write, are those of a clean store and
                of a run in memory, bit for bit
    half        every file that has its final name can be read, unless it was damaged here
    words       a command ends with 0, by the signal, or with 130 after Ctrl-C, and says whole lines of its own, no
                traceback
    litter      nothing lies in the store that nobody needs; what killed commands leave goes when it is a day old
    growth      the process that stays keeps its memory and its open files

python verify/soak.py [--minutes 60] [--seed N]     exit status 1 on any fault; prints the seed

Not tried here: folders that may not be read, where this runs as root; a full disk; a machine that loses its power.
"""

import argparse
import contextlib
import ctypes
import gc
import hashlib
import importlib
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DAY = 86_400
GROWTH = 24.0  # MB that the process which stays may gain from the second quarter of its life to the last
PEAK = 1000.0  # MB that it may have at any moment
FILES = 4  # open files it may gain

TINY = """title = "A tiny commune"
extends = "commune"
years = 12

[values]
n_places = 30
n_founders = 20
minimum = 5
"""
WIDE = """title = "One of few in a wide land"
extends = "commune"
years = 51

[values]
n_communities = 2
n_places = 10000
n_founders = 20
minimum = 5
"""
BASES = ("sen_1966", "tiny.toml", "wide.toml")
VARIED = {  # the first value is what the base has
    "sen_1966": ("by_need", (1.0, 0.5, 0.25)),
    "tiny.toml": ("pay_link", (0.1, 0.3, 0.6)),
    "wide.toml": ("pay_link", (0.1,)),
}
WORLDS = {"sen_1966": (1, 40, 333, 700), "tiny.toml": (1, 33, 96, 200), "wide.toml": (1, 2)}


@dataclass(frozen=True)
class Wanted:
    """Worlds of one scenario that a command reports: kept one by one, or as a summary."""

    base: str
    value: float
    worlds: range
    summary: bool = False


@dataclass(frozen=True)
class Command:
    words: tuple[str, ...]
    wanted: tuple[Wanted, ...]


class Forked:
    """The command line in a process forked from this one; used as subprocess.Popen is."""

    def __init__(self, words: list[str], folder: Path, out: Any, err: Any) -> None:
        self.returncode: int | None = None
        sys.stdout.flush()
        # Ctrl-C in the first or the last steps of the child would lead it up into the soak's own code.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self.pid = os.fork()
        if self.pid:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            return
        code: Any = 1
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            os.chdir(folder)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            sys.stdout, sys.stderr = (os.fdopen(fd, "w", encoding="utf-8") for fd in (1, 2))
            sys.argv = ["bestowal", *words]
            from bestowal.__main__ import main as command_line

            command_line()
            code = 0
        except SystemExit as end:
            code = end.code or 0
        except KeyboardInterrupt:  # before the command line or after it
            code = 130
        except BaseException:
            traceback.print_exc()
        finally:
            try:
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
                sys.stdout.flush()
                sys.stderr.flush()
            except KeyboardInterrupt:
                code = 130
            finally:
                os._exit(code)

    def poll(self) -> int | None:
        if self.returncode is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def send_signal(self, how: signal.Signals) -> None:
        os.kill(self.pid, how)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@dataclass
class Begun:
    """A command under way; `when` and `how` it is to be ended, if it is."""

    command: Command
    process: "subprocess.Popen[str] | Forked"
    out: Any
    err: Any
    began: float
    when: float | None
    how: signal.Signals | None
    sent: bool = False


@dataclass
class Told:
    """What has happened so far."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def fault(self, kind: str, words: str) -> None:
        self.counts[f"fault: {kind}"] += 1
        self.faults.append(f"{kind}: {words}")
        print(f"FAULT {kind}: {words}", flush=True)


class Worlds:
    """Scenarios by base and value, and their worlds as run in memory, each once."""

    def __init__(self, folder: Path) -> None:
        from bestowal.simulation.scenario_file import scenario

        self.bases = {name: scenario(folder / name if name.endswith(".toml") else name) for name in BASES}
        self.known: dict[tuple[str, float], Any] = {}

    def scenario(self, base: str, value: float) -> Any:
        return self.bases[base].but(**{VARIED[base][0]: value})

    def truth(self, base: str, value: float) -> Any:
        """(worlds, years, observables), as many worlds as any command asks for, to whole blocks."""
        from bestowal.simulation.blocks import block_size
        from bestowal.simulation.engine import simulate

        at = base, value
        if at not in self.known:
            size = block_size(self.scenario(*at))
            self.known[at] = simulate(self.scenario(*at), range(-(-max(WORLDS[base]) // size) * size))
        return self.known[at]


def drawn(luck: random.Random) -> Command:
    """A random command."""
    base = luck.choices(BASES, (10, 10, 1))[0]
    name, values = VARIED[base]
    value, worlds = luck.choice(values), luck.choice(WORLDS[base])
    ask = (base, "--worlds", str(worlds), "--threads", str(luck.choice((1, 2))))
    one = ("--set", f"{name}={value}")
    verb = luck.choices(("run", "blocks", "summary", "part", "compare", "sweep"), (6, 3, 5, 2, 2, 1))[0]
    all_ = range(worlds)
    if verb == "part" and worlds >= 32:
        a, b = sorted((luck.randrange(worlds // 32), luck.randrange(worlds // 32)))
        wanted = Wanted(base, value, range(a * 32, (b + 1) * 32), summary=True)
        return Command(("run", *ask, *one, "--keep", "summary", "--blocks", f"{a}-{b}"), (wanted,))
    if verb == "blocks":
        size = 1 if base == "wide.toml" else 32
        last = -(-worlds // size) - 1
        a, b = sorted((luck.randint(0, last), luck.randint(0, last)))
        part = range(a * size, min((b + 1) * size, worlds))
        return Command(("run", *ask, *one, "--blocks", f"{a}-{b}"), (Wanted(base, value, part),))
    if verb == "summary":
        return Command(("run", *ask, *one, "--keep", "summary"), (Wanted(base, value, all_, base != "wide.toml"),))
    if verb == "compare":
        return Command(("compare", *ask, *one), (Wanted(base, values[0], all_), Wanted(base, value, all_)))
    if verb == "sweep":
        over = f"{name}={','.join(map(str, values))}"
        return Command(("sweep", *ask, "--over", over), tuple(Wanted(base, v, all_) for v in values))
    return Command(("run", *ask, *one), (Wanted(base, value, all_),))


# ----------------------------------------------------------------------------------------------- the store from outside


class Ledger:
    """What commands have reported as kept, what was damaged here, and whether the store holds to it."""

    def __init__(self, store: Path, worlds: Worlds, told: Told) -> None:
        self.store, self.worlds, self.told = store, worlds, told
        self.kept: dict[Path, str] = {}  # block file -> SHA-256 of the bytes it had when it was first reported
        self.covered: dict[tuple[str, float], set[int]] = {}  # worlds reported within a summary
        self.damaged: dict[Path, str] = {}  # file -> SHA-256 of what it was made into; "" where it was removed
        self.whole: dict[Path, tuple[int, int]] = {}  # file -> size and time at which it was last read whole
        self.planted: dict[Path, int] = {}  # temporary files put there -> if a day old, the provenance beside them
        self.killed = 0

    def folder(self, wanted: Wanted) -> Path:
        from bestowal.simulation.scenario import key

        return self.store / key(self.worlds.scenario(wanted.base, wanted.value))

    def home(self, file: Path) -> Path:
        return self.store / file.relative_to(self.store).parts[0]

    def block_files(self, wanted: Wanted) -> list[Path]:
        from bestowal.simulation.blocks import block_size

        size = block_size(self.worlds.scenario(wanted.base, wanted.value))
        blocks = range(wanted.worlds.start // size, -(-wanted.worlds.stop // size))
        return [self.folder(wanted) / "worlds.zarr" / "observed" / "c" / str(b) / "0" / "0" for b in blocks]

    def reported(self, wanted: Wanted, before: dict[Path, str]) -> None:
        """A command that began when the files were damaged as in `before` has ended well."""
        if wanted.summary:
            whole = range(wanted.worlds.start, wanted.worlds.stop // 32 * 32)
            self.covered.setdefault((wanted.base, wanted.value), set()).update(whole)
            return
        for file in self.block_files(wanted):
            digest = sha(file)
            if file not in self.kept and digest and digest != self.damaged.get(file):
                self.kept[file] = digest
            if digest == self.kept.get(file):
                if file in self.damaged:
                    self.mended(file)
            elif file not in self.damaged or self.damaged[file] == before.get(file):
                self.told.fault("unnoticed", f"{file} was reported, and is not what was written")

    def mended(self, file: Path) -> None:
        damage = self.damaged.pop(file)
        if damage and damage not in {sha(f) for f in (self.home(file) / "set-aside").rglob("*") if f.is_file()}:
            self.told.fault("unnoticed", f"{file} is mended, but the damaged one was not set aside")
        self.told.counts["damaged blocks mended"] += 1

    def check(self, luck: random.Random) -> None:
        """Everything that must hold while no command runs; the process that stays may be at work."""
        for file, digest in self.kept.items():
            found = sha(file)
            if file in self.damaged:
                if found == digest:
                    self.mended(file)
            elif found != digest:
                self.told.fault("lost", f"{file} was reported as kept, and is {'other' if found else 'gone'}")
        for file in [f for f in self.damaged if f not in self.kept and f.suffix != ".npz"]:
            if sha(file) != self.damaged[file]:  # metadata, written anew; or a block that nobody had asked for
                del self.damaged[file]
                self.told.counts["other damaged files mended"] += 1
        for at, worlds in self.covered.items():
            self.check_summaries(at, worlds)
        for file in self.files():
            self.check_file(file)
        for _ in range(4):
            self.check_values(luck)

    def check_summaries(self, at: tuple[str, float], worlds: set[int]) -> None:
        from filelock import FileLock

        home = self.folder(Wanted(*at, range(0)))
        with FileLock(home / "lock"):  # a file is written before the two that it joins go
            there = {w for f in (home / "summary").glob("*.npz") for w in covers(f)}
            gone = {w for f in self.damaged if f.parent == home / "summary" for w in covers(f)}
        if worlds - there - gone:
            self.told.fault("lost", f"{home}: summaries of {len(worlds - there - gone)} worlds that were reported")
        for file in [f for f in self.damaged if f.parent == home / "summary"]:
            if worlds <= there and not (file.exists() and sha(file) == self.damaged[file]):
                del self.damaged[file]
                self.told.counts["damaged summaries mended"] += 1

    def files(self) -> Iterator[Path]:
        for here, _, names in os.walk(self.store):
            yield from (Path(here) / name for name in names)

    def check_file(self, file: Path) -> None:
        """It has a name that the store gives, and can be read whole, or was damaged here."""
        name = file.relative_to(self.store).as_posix()
        if name.endswith(".partial"):
            return
        if not re.fullmatch(PATTERN, name):
            self.told.fault("litter", f"{file}: what is it for?")
        if file in self.damaged or "/set-aside/" in name:
            return
        try:
            at = file.stat()
            if self.whole.get(file) == (at.st_size, at.st_mtime_ns):
                return
            whole = readable(file)
        except FileNotFoundError:  # joined to another, or set aside, by the process that stays
            return
        if whole:
            self.whole[file] = at.st_size, at.st_mtime_ns
            self.told.counts["files read whole"] += 1
        else:
            self.told.fault("half", f"{file} can't be read")

    def check_values(self, luck: random.Random) -> None:
        """A block that was not damaged, decoded without the store's code, against the run in memory."""
        import numpy as np
        from numcodecs import zstd

        sound = [f for f in self.kept if f not in self.damaged and f.exists()]
        if not sound:
            return
        file = luck.choice(sound)
        home = self.home(file)
        (at,) = [(b, v) for b in BASES for v in VARIED[b][1] if self.folder(Wanted(b, v, range(0))) == home]
        truth, block = self.worlds.truth(*at), int(file.parts[-3])
        values = np.frombuffer(zstd.decompress(file.read_bytes()[:-4]), "<f8").reshape(-1, *truth.shape[1:])
        if values.tobytes() != truth[block * len(values) : (block + 1) * len(values)].tobytes():
            self.told.fault("wrong", f"{file} holds other values than a run in memory")
        self.told.counts["blocks read bit for bit"] += 1

    # ------------------------------------------------------------------------------------------------------- damage

    def damage(self, luck: random.Random, *, at_work: bool) -> None:
        """Damage a random file. While commands are at work nothing is removed: that is what locks are asked to keep."""
        damageable = [f for f in self.files() if re.fullmatch(DAMAGED, f.relative_to(self.store).as_posix())]
        how = luck.choice(("cut", "flip", "empty", *(() if at_work else ("remove",)), "leave"))
        if not damageable:
            return
        file = luck.choice(sorted(damageable))
        try:
            if how == "leave":
                self.leave(file, old=luck.random() < 0.5)
                return
            content = file.read_bytes()
            if not content:
                return
            if how == "remove":
                file.unlink()
            else:
                at = luck.randrange(len(content))
                flipped = content[:at] + bytes([content[at] ^ luck.randrange(1, 256)]) + content[at + 1 :]
                with file.open("r+b") as there:  # the file itself, under whoever reads it; gone ones are not made again
                    there.truncate(0)
                    there.write({"cut": content[:at], "flip": flipped, "empty": b""}[how])
        except FileNotFoundError:
            return
        self.told.counts[f"damaged: {how}"] += 1
        self.whole.pop(file, None)
        self.damaged[file] = "" if how == "remove" else sha(file)

    def leave(self, file: Path, *, old: bool) -> None:
        """What a killed process leaves: half of a file under another name."""
        from filelock import FileLock

        half = file.with_name(f"{file.name}.{random.getrandbits(64):016x}.partial")
        with FileLock(self.home(half) / "lock"):
            half.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
            self.planted[half] = 0
            if old:
                os.utime(half, (time.time() - 2 * DAY,) * 2)
                self.planted[half] = provenance(self.home(half)) or 1
        self.told.counts["temporary files left"] += 1

    def check_litter(self) -> None:
        """Old temporary files are gone from the folders in which something was run since; young ones are not."""
        for half, old in list(self.planted.items()):
            if old and provenance(self.home(half)) not in (0, old):  # written since, as it is where something is run
                if half.exists():
                    self.told.fault("litter", f"{half} is two days old, and something has been run beside it")
                del self.planted[half]
            elif not old and not (half.exists() or any(self.home(half).glob(f"set-aside/**/{half.name}"))):
                self.told.fault("litter", f"{half} is young, and is gone: it might have been somebody's at work")
                del self.planted[half]
        left = [f for f in self.files() if f.name.endswith(".partial") and f not in self.planted]
        if len(left) > 4 * self.killed:
            self.told.fault("litter", f"{len(left)} temporary files of {self.killed} killed commands")
        self.told.counts["temporary files of killed commands"] = len(left)


KEY = r"[0-9a-f]{64}"
CHUNK = r"worlds\.zarr/observed/c/\d+/0/0"
META = r"worlds\.zarr/(zarr\.json|observed/zarr\.json|observable/zarr\.json|observable/c/0)"
PATTERN = (
    rf"{KEY}/({CHUNK}|{META}|scenario\.toml|provenance\.json|lock|set-aside/.+|summary/\d+-\d+\.npz|summary/\d+\.csv)"
    r"|sweeps/[\w.-]+/sweep\.(svg|csv|nc)"
)
DAMAGED = rf"{KEY}/({CHUNK}|{META}|provenance\.json|summary/\d+-\d+\.npz)"


def sha(file: Path) -> str:
    """SHA-256 in hex; empty where there is no such file."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


def provenance(home: Path) -> int:
    """Which file the provenance is, by its number on the disk: another after each writing; 0 where there is none."""
    try:
        return (home / "provenance.json").stat().st_ino
    except FileNotFoundError:
        return 0


def covers(file: Path) -> range:
    first, last = map(int, file.stem.split("-"))
    return range(first, last + 1)


def readable(file: Path) -> bool:
    """Whether a file is whole, by what its own format knows of that."""
    import google_crc32c
    import numpy as np

    content = file.read_bytes()
    try:
        if file.suffix == ".json":
            json.loads(content)
        elif file.suffix == ".toml":
            tomllib.loads(content.decode())
        elif file.suffix == ".npz":
            with np.load(file) as parts:
                for name in parts:
                    parts[name]
        elif file.suffix == ".csv":
            return content.endswith(b"\n")
        elif file.suffix == ".svg":
            return content.rstrip().endswith(b"</svg>")
        elif re.search(f"{CHUNK}$", file.as_posix()):
            return int.from_bytes(content[-4:], "little") == google_crc32c.value(content[:-4])
    except FileNotFoundError:
        raise
    except Exception:
        return False
    return True


# ----------------------------------------------------------------------------------------- the process that stays there


def stay(store: Path, folder: Path, seed: int) -> int:
    """Read and run in the store until told to end, and write a line of JSON after each piece of work."""
    import numpy as np

    from bestowal.simulation import store as results
    from bestowal.simulation import summary

    luck, worlds = random.Random(seed), Worlds(folder)
    wide = sum(len(VARIED[base][1]) for base in BASES)
    known = {(base, value): worlds.truth(base, value) for base in BASES for value in VARIED[base][1]}
    assert len(known) == wide
    parent = os.getppid()
    trim = ctypes.CDLL(None).malloc_trim
    while os.getppid() == parent and (folder / "stay").exists():
        (base, value), truth = luck.choice(list(known.items()))
        n, scenario = luck.choice(WORLDS[base]), worlds.scenario(base, value)
        said = ""
        try:
            if luck.random() < 0.3:
                data = summary.run(scenario, n, threads=1, store=store)
                means = np.stack([data[name].sel(statistic="min").values for name in data.data_vars])
                right = np.fmin.reduce(truth[:n]).T
                said = "" if means.tobytes() == right.tobytes() else "least values of a summary"
            else:
                data = results.run(scenario, n, threads=1, store=store)
                found = np.stack([data[name].values for name in data.data_vars], axis=2)
                said = "" if found.tobytes() == truth[:n].tobytes() else "worlds"
            said = f"{scenario.name}: {said} are not those of a run in memory" if said else ""
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
        gc.collect()
        trim(0)  # so that it is what is held, and not what the allocator of each thread keeps for later
        with open("/proc/self/statm") as statm:
            memory = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        line = {
            "t": time.monotonic(),
            "memory": memory,
            "peak": peak,
            "files": len(os.listdir("/proc/self/fd")),
            "said": said,
        }
        print(json.dumps(line), flush=True)
        time.sleep(luck.random())
    return 0


def check_stay(log: Path, told: Told) -> str:
    """What became of the process that stays; how its memory went, in words."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.endswith("}")]
    for line in lines:
        if line["said"]:
            told.fault("wrong", f"the process that stays: {line['said']}")
    told.counts["pieces of work of the process that stays"] = len(lines)
    if len(lines) < 40:
        return f"too few pieces of work ({len(lines)}) to say how memory goes"
    quarter = len(lines) // 4
    early, late = lines[quarter : 2 * quarter], lines[-quarter:]
    hours = (late[-1]["t"] - early[0]["t"]) / 3600
    gain = {what: middle(late, what) - middle(early, what) for what in ("memory", "files")}
    slope = slope_of([(line["t"] / 3600, line["memory"]) for line in lines[quarter:]])
    if gain["memory"] > GROWTH or gain["files"] > FILES:
        told.fault("growth", f"{gain['memory']:.1f} MB and {gain['files']:.0f} open files in {hours:.2f} hours")
    if lines[-1]["peak"] > PEAK:
        told.fault("growth", f"{lines[-1]['peak']:.0f} MB at some moment")
    return (
        f"{middle(early, 'memory'):.1f} MB in the second quarter, {middle(late, 'memory'):.1f} MB in the last; slope "
        f"{slope:+.1f} MB an hour over {hours:.2f} hours; at most {lines[-1]['peak']:.1f} MB; open files "
        f"{middle(early, 'files'):.0f}, then {middle(late, 'files'):.0f}"
    )


def middle(lines: list[dict[str, Any]], what: str) -> float:
    return float(sorted(line[what] for line in lines)[len(lines) // 2])


def slope_of(points: list[tuple[float, float]]) -> float:
    """Least squares."""
    n = len(points)
    x, y = sum(p[0] for p in points) / n, sum(p[1] for p in points) / n
    return sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points)


# --------------------------------------------------------------------------------------------------------------- rounds


class Soak:
    """One store, worked on in rounds."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.luck, self.told = folder, random.Random(seed), Told()
        self.store, self.clean = folder / "store", folder / "clean"
        self.store.mkdir()
        for name, text in (("tiny.toml", TINY), ("wide.toml", WIDE)):
            (folder / name).write_text(text)
        self.ledger = Ledger(self.store, Worlds(folder), self.told)
        self.right: dict[Command, dict[str, bytes]] = {}
        self.usual = 1.0  # seconds that a command takes, as known so far

    def begin(self, command: Command) -> Begun:
        out, err = (tempfile.TemporaryFile("w+", dir=self.folder) for _ in range(2))  # noqa: SIM115 (closed at its end)
        words = [*command.words, "--store", str(self.store)]
        how = self.luck.choice((None, None, None, signal.SIGKILL, signal.SIGINT))
        anew = self.luck.random() < 0.05
        when = None if how is None else self.luck.uniform(0.0, 1.1) * (3.0 if anew else self.usual)
        process: subprocess.Popen[str] | Forked
        if anew:
            words = [sys.executable, "-m", "bestowal", *words]
            process = subprocess.Popen(words, cwd=self.folder, stdout=out, stderr=err, stdin=subprocess.DEVNULL)
        else:
            process = Forked(words, self.folder, out, err)
        return Begun(command, process, out, err, time.monotonic(), when, how)

    def round(self) -> None:
        luck, ledger = self.luck, self.ledger
        while luck.random() < 0.5:
            ledger.damage(luck, at_work=False)
        before = dict(ledger.damaged)
        begun = [self.begin(drawn(luck)) for _ in range(luck.randint(1, 3))]
        strike = time.monotonic() + luck.uniform(0, self.usual) if luck.random() < 0.2 else None
        while any(b.process.poll() is None for b in begun):
            now = time.monotonic()
            for b in begun:
                if b.when is not None and not b.sent and now > b.began + b.when and b.process.poll() is None:
                    b.sent = True
                    b.process.send_signal(b.how)
                if now > b.began + 300:
                    self.told.fault("words", f"{shown(b.command)}: five minutes, and no end")
                    b.process.kill()
            if strike is not None and now > strike:
                ledger.damage(luck, at_work=True)
                strike = None
            time.sleep(0.005)
        for b in begun:
            self.ended(b, before)
        ledger.check(luck)
        ledger.check_litter()

    def ended(self, b: Begun, before: dict[Path, str]) -> None:
        """Judge a command that has ended."""
        took = time.monotonic() - b.began
        out, err = read(b.out), read(b.err)
        code = b.process.returncode
        self.told.counts["commands"] += 1
        if b.sent:
            self.told.counts["killed" if b.how == signal.SIGKILL else "interrupted"] += 1
        if code == -signal.SIGKILL and b.how == signal.SIGKILL and b.sent:
            self.ledger.killed += 1
            return
        if b.sent and b.how == signal.SIGINT and not re.search(r"/bestowal/\w+\.py", err) and "Traceback" in err:
            self.told.counts["interrupted while Python itself began"] += 1  # nobody could have said a line of ours
            return
        if any(not line.startswith("bestowal: ") for line in err.splitlines()):
            self.told.fault("words", f"{shown(b.command)} (ended with {code}, sent {b.sent and b.how}): {err[-1500:]}")
        # By the signal: Python so ends where it came in the middle of an exec(), though we said our line.
        if code in (130, -signal.SIGINT) and b.sent and b.how == signal.SIGINT:
            return
        if code != 0:
            self.told.fault("words", f"{shown(b.command)} ended with {code}: {err[-1500:]}")
            return
        if isinstance(b.process, Forked):
            self.usual += 0.1 * (took - self.usual)
        self.told.counts["ended well"] += 1
        right = self.reference(b.command)
        if plain(out, self.store) != right["out"]:
            self.told.fault("wrong", f"{shown(b.command)} prints other numbers than on a clean store")
        for name, content in written(out, self.store).items():
            if content != right.get(name):
                self.told.fault("wrong", f"{shown(b.command)}: {name} is other than on a clean store")
        for wanted in b.command.wanted:
            self.ledger.reported(wanted, before)

    def reference(self, command: Command) -> dict[str, bytes]:
        """What a command prints and writes on a store that nobody disturbs."""
        if command not in self.right:
            with tempfile.TemporaryFile("w+", dir=self.folder) as out, tempfile.TemporaryFile("w+") as err:
                process = Forked([*command.words, "--store", str(self.clean)], self.folder, out, err)
                while process.poll() is None:
                    time.sleep(0.005)
                out.seek(0)
                printed = out.read()
            assert process.returncode == 0, f"{shown(command)} on a clean store"
            self.right[command] = {"out": plain(printed, self.clean), **written(printed, self.clean)}
        return self.right[command]


def shown(command: Command) -> str:
    return " ".join(("bestowal", *command.words))


def read(file: Any) -> str:
    file.seek(0)
    with contextlib.closing(file):
        return str(file.read())


def plain(out: str, store: Path) -> bytes:
    return out.replace(str(store), "STORE").encode()


def written(out: str, store: Path) -> dict[str, bytes]:
    """The tables that a command says it wrote, by name."""
    names = re.findall(rf"^(?:data|written): ({re.escape(str(store))}/.*\.csv)$", out, flags=re.MULTILINE)
    return {str(Path(name).relative_to(store)): Path(name).read_bytes() for name in names}


def ready(worlds: Worlds) -> None:
    """Compile and import here, and not in every command. There must be no threads yet: they don't survive a fork."""
    from bestowal.simulation.scenario import key

    for base in BASES:
        for value in VARIED[base][1]:
            worlds.truth(base, value)
            key(worlds.scenario(base, value))
    for name in ("cli", "compare", "summary", "sweep", "sweep_figure", "statistics"):
        importlib.import_module(f"bestowal.{name}")
    for name in (
        "xarray",
        "dask",
        "scipy.stats",
        "scipy.io",
        "matplotlib.pyplot",
        "rich.table",
        "rich.progress",
        "google_crc32c",
    ):
        importlib.import_module(name)
    assert threading.active_count() == 1, threading.enumerate()


def size_of(folder: Path) -> tuple[int, int]:
    """Files and bytes."""
    sizes = [(Path(here) / name).stat().st_size for here, _, names in os.walk(folder) for name in names]
    return len(sizes), sum(sizes)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--minutes", type=float, default=60.0)
    words.add_argument("--seed", type=int, default=None)
    words.add_argument("--stay", nargs=2, metavar=("STORE", "FOLDER"), help=argparse.SUPPRESS)
    asked = words.parse_args()
    if asked.stay:
        return stay(*map(Path, asked.stay), asked.seed)
    seed = random.SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    print(f"seed {seed}, {asked.minutes:g} minutes", flush=True)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # where it is ignored, children would ignore it too
    folder = Path(tempfile.mkdtemp(prefix="bestowal-soak-"))
    soak = Soak(folder, seed)
    ready(soak.ledger.worlds)
    (folder / "stay").touch()
    log, rounds = folder / "stay.log", 0
    with log.open("w") as out:
        staying = subprocess.Popen(
            [sys.executable, __file__, "--stay", str(soak.store), str(folder), "--seed", str(seed)],
            stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    end, said = time.monotonic() + 60 * asked.minutes, time.monotonic()
    try:
        while time.monotonic() < end:
            soak.round()
            rounds += 1
            if staying.poll() is not None:
                soak.told.fault("words", f"the process that stays has ended: {log.read_text()[-1500:]}")
                break
            if time.monotonic() > said + 60:
                said = time.monotonic()
                print(
                    f"{rounds} rounds, {soak.told.counts['commands']} commands, {len(soak.told.faults)} faults",
                    flush=True,
                )
    finally:
        (folder / "stay").unlink(missing_ok=True)
        staying.wait(120)
    memory = check_stay(log, soak.told)
    print(f"\n{rounds} rounds")
    for what, n in sorted(soak.told.counts.items()):
        print(f"{n:8}  {what}")
    for what, place in (("the store", soak.store), ("a store of the same worlds that nobody disturbed", soak.clean)):
        n, size = size_of(place)
        print(f"{what}: {n} files, {size / 1e6:.1f} MB")
    aside = [size_of(f) for f in soak.store.glob("*/set-aside")]
    print(f"of it set aside: {sum(n for n, _ in aside)} files, {sum(size for _, size in aside) / 1e6:.1f} MB")
    print(f"the process that stays: {memory}")
    if soak.told.faults:
        print(f"seed {seed}: {len(soak.told.faults)} faults; the store is {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
