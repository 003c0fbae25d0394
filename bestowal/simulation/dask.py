"""Blocks of worlds on a Dask cluster that is there already: the same bits as on this machine.

Every worker is asked what it runs before any block goes out, and asks itself again before each block, since workers
come and go. One that would give other numbers stops the run, by its address. What comes back is handed over at once,
and the cluster keeps nothing. Dask is imported when a cluster is used, not before.
"""

import asyncio
import importlib
import importlib.metadata
import logging
import pickle
import platform
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from contextlib import closing, contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bestowal.core.errors import BestowalError
from bestowal.core.files import digest
from bestowal.core.version import NUMERICS
from bestowal.models.registry import is_file, load
from bestowal.simulation import engine
from bestowal.simulation.code_digest import of_model
from bestowal.simulation.scenario import Scenario

if TYPE_CHECKING:
    from distributed import Client

ANSWER = 15.0
"""Seconds a scheduler that was reached may take to answer; one that went away may be as long in coming back."""

REACHED = 5.0
"""Seconds until it is reached the first time; one begun at the same time as this command needs some."""

AGAIN = 4
"""How often one that went away is tried again, and how often running may lose it with no block done in between."""

PATIENCE = 60.0
"""Seconds to wait for the first worker, and for another one where none is left."""

AHEAD = 2
"""Blocks under way for each thread of the workers: one being run, and the next one there when it is done."""

T = TypeVar("T")

_COMPILING = threading.Lock()


def run(
    address: str,
    tasks: Iterable[T],
    sent: Callable[[T], tuple[Scenario, range]],
    on_done: Callable[[T, Any], None],
    work: Callable[[Scenario, range], Any] = engine.simulate,
) -> None:
    """Work through tasks on the cluster at this address: `in_threads`, elsewhere.

    A task is some worlds of a scenario, ``sent(task)``, all of one model. A worker does ``work(scenario, worlds)``, a
    function of a module, and ``on_done(task, result)`` is called here as it comes back. No more than two tasks for each
    thread of the workers are under way, and more are taken only then. Those of a worker that dies are run by another,
    those of a scheduler that is started anew are sent again.
    """
    ahead = enumerate(tasks)
    left = dict(islice(ahead, 1))  # taken and not done
    failed = 0
    while left:
        with closing(_finished(address, left, ahead, sent, work, AGAIN if failed else 1)) as finished:
            for i, result in finished:
                on_done(left.pop(i), result)
                failed = 0
        failed += 1
        if left and failed == AGAIN:
            raise BestowalError(f"{address}: the scheduler went away {AGAIN} times with no block done in between")
        if not left:
            left.update(islice(ahead, 1))


def software(model: str, reducer: str = engine.__name__) -> dict[str, str]:
    """What decides the bits of this model's numbers, and of what this module makes of them, as this process does it."""
    versions = {name: importlib.metadata.version(name.lower()) for name in ("Numba", "llvmlite")}
    code = of_model(load(model))
    versions_here = {"code": code[:16], "numerics": str(NUMERICS), **versions, "Python": platform.python_version()}
    if reducer != engine.__name__:  # which is in the code already
        versions_here[reducer] = digest([Path(str(importlib.import_module(reducer).__file__))])[:16]
    return versions_here


def _finished(
    address: str,
    left: dict[int, T],
    ahead: Iterator[tuple[int, T]],
    sent: Callable[[T], tuple[Scenario, range]],
    work: Callable[[Scenario, range], Any],
    tries: int,
) -> Generator[tuple[int, Any], None, None]:
    """Number and result of each task as it finishes: of those ``left``, and of all ``ahead``, put there as they go out.

    Until all have, or the scheduler is gone.
    """

    def taken() -> Iterator[int]:
        for i, task in ahead:
            left[i] = task
            yield i

    model = sent(next(iter(left.values())))[0].model
    if is_file(model):
        raise BestowalError(
            f"{address}: {model}: a file of this machine, which workers don't have; run it here, or install it on each "
            "worker as a package with the entry point bestowal.models"
        )
    software_here = software(model, work.__module__)
    waiting = chain(list(left), taken())
    running: dict[Any, int] = {}
    with _connected(address, tries) as client:
        try:
            _check(client, address, model, work.__module__, software_here)
        except OSError:
            return
        while True:
            try:
                room = AHEAD * sum(client.nthreads().values()) - len(running)
            except (CancelledError, OSError):  # the connection is lost, and with it all that the scheduler knew
                return
            out = list(islice(waiting, max(room, 0 if running else 1)))
            try:
                for i in out:
                    running[_submitted(client, *sent(left[i]), work, software_here)] = i
                if not running:
                    return
                done = _done(client, address, list(running))
            except (CancelledError, OSError):
                return
            while done:
                future = done.pop()
                if future.status == "error":
                    raise _complaint(address, sent(left[running[future]])[1], future.exception())
                try:
                    result = future.result()
                except (CancelledError, OSError):
                    return
                i = running.pop(future)
                del future  # so that the cluster lets go of it
                yield i, result
                del result


def _submitted(
    client: "Client",
    scenario: Scenario,
    worlds: range,
    work: Callable[[Scenario, range], Any],
    software_here: Mapping[str, str],
) -> Any:
    """The future of one task, sent to the cluster."""
    # As bytes: only workers need to understand it, not the scheduler, and no worker that is refused.
    packed = pickle.dumps((work, scenario))
    return client.submit(_worked, scenario.model, work.__module__, software_here, packed, worlds, pure=False)


def _done(client: "Client", address: str, running: list[Any]) -> list[Any]:
    """Those that have finished, one at least."""
    from distributed import wait

    while True:
        try:
            with client.as_current():
                return list(wait(running, timeout=PATIENCE, return_when="FIRST_COMPLETED").done)
        except TimeoutError:
            if not client.nthreads():
                raise BestowalError(
                    f"{address}: no worker is left; blocks that had finished are kept, and the same command goes on "
                    "from there"
                ) from None


def _worked(model: str, reducer: str, software_here: Mapping[str, str], packed: bytes, worlds: range) -> Any:
    """On a worker: one task, if this worker runs the same software."""
    from distributed import get_worker

    if differs := _difference(software_here, software(model, reducer)):
        raise BestowalError(f"worker {get_worker().address} {differs}")
    work, scenario = pickle.loads(packed)
    with _COMPILING:  # of two threads at once, one would only get in the other's way
        engine.simulate(scenario, [])
    return work(scenario, worlds)


def _check(client: "Client", address: str, model: str, reducer: str, software_here: Mapping[str, str]) -> None:
    """Refuse a cluster with a worker that would give other numbers, or without workers."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        raise BestowalError(f"{address}: the scheduler has no workers; start some: dask worker {address}") from None
    refused = []
    for worker, found in sorted(client.run(software, model, reducer, on_error="return").items()):
        if isinstance(found, Exception):
            refused.append(f"worker {worker} cannot run {model}: {type(found).__name__}: {found}")
        elif differs := _difference(software_here, found):
            refused.append(f"worker {worker} {differs}")
    if refused:
        more = f"; {len(refused) - 1} more like it" if len(refused) > 1 else ""
        raise BestowalError(f"{refused[0]}{more}; nothing was run")


def _difference(software_here: Mapping[str, str], software_there: Mapping[str, str]) -> str:
    """In what a worker differs from this process, to stand after its name; empty if in nothing."""
    differ = [name for name in software_here if software_there.get(name) != software_here[name]]
    if not differ:
        return ""
    theirs, ours = (
        ", ".join(f"{name} {side.get(name)}" for name in differ) for side in (software_there, software_here)
    )
    return f"is refused: it runs {theirs}, and this is {ours}"


def _complaint(address: str, numbers: range, error: BaseException) -> BaseException:
    """What to say of a task that failed; an error of ours or of the user's comes back as it is on one machine."""
    from distributed.scheduler import KilledWorker

    worlds = f"worlds {numbers[0]} to {numbers[-1]}"
    if isinstance(error, KilledWorker):
        return BestowalError(f"{address}: {worlds}: every worker that began them died; is there enough memory?")
    if isinstance(error, ImportError):
        return BestowalError(f"{address}: {worlds}: a worker cannot run them: {type(error).__name__}: {error}")
    return error


def _reach(address: str, seconds: float) -> None:
    """Open a connection to this address, and close it; raise OSError where none opens in so many seconds.

    A `Client` that can't connect waits half a minute while it is thrown away, and then prints a traceback.
    """
    from distributed.comm.core import connect
    from distributed.security import Security

    async def opened() -> None:
        comm = await connect(address, timeout=seconds, **Security().get_connection_args("client"))
        comm.abort()

    result = Future[None]()

    def attempt() -> None:
        try:
            result.set_result(asyncio.run(opened()))
        except BaseException as error:
            result.set_exception(error)

    # A thread, since a notebook's own has a loop; one left behind, since of a peer that never speaks Dask has no limit.
    threading.Thread(target=attempt, daemon=True).start()
    try:
        result.result(seconds + 1)
    except (OSError, ValueError) as error:
        raise OSError(str(error) or f"no answer within {seconds:g} s") from None
    except Exception as error:  # what a server of another kind sends may be taken for anything
        raise OSError(f"what answers there is something else: {type(error).__name__}") from None


@contextmanager
def _connected(address: str, tries: int) -> Iterator["Client"]:
    """A client of the scheduler at this address, quiet while it is in use: what matters is said in our own words."""
    try:
        from distributed import Client
    except ImportError as error:
        raise BestowalError(f"{address}: a cluster needs Dask: pip install 'bestowal[dask]' ({error})") from None
    logs = [logging.getLogger(name) for name in ("distributed", "distributed.client", "tornado.application")]
    levels = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.CRITICAL + 1)
    try:
        for left in reversed(range(tries)):
            try:
                _reach(address, REACHED if tries == 1 else ANSWER)
                client = Client(address, timeout=ANSWER, set_as_default=False, name="bestowal")
                break
            except (OSError, ValueError) as error:
                if not left:
                    reason = " ".join(str(error).split())
                    raise BestowalError(f"{address}: no Dask scheduler answers there ({reason})") from None
        with client:
            yield client
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)
