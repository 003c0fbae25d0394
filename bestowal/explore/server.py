"""The routes of the local page, each one call to a function beside this file, and the server that answers them."""

import asyncio
import contextlib
import json
import os
import secrets
import socket
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import anyio
from fastapi import FastAPI, Header, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException as Status
from starlette.types import Receive, Scope, Send

from bestowal.core.errors import BestowalError
from bestowal.explore import catalogue, pairs, stored
from bestowal.explore.guard import READING, Guard, new_token
from bestowal.explore.requests import (
    LatticeRequest,
    OddsRequest,
    PairRequest,
    lattice_frames,
    odds_lines,
    pair,
    version,
)

PAGE = Path(__file__).parent / "page"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
FRAMES = "application/octet-stream"
LINES = "application/x-ndjson"
JSON = "application/json"
HOST, PORT, PORTS = "127.0.0.1", 8765, 20  # where it listens, the first port that is tried, and how many more
PAIRS = 2  # at work at a time; others wait
ODDS = 1
CHUNK = 256 * 1024  # bytes that are sent at a time
SENDING = 60.0  # seconds that a client may take for so many; after that its answer is given up


class Place:
    """What one server knows: the user's folder, the store, and whether it is about to stop."""

    def __init__(self, folder: Path, store: Path | None) -> None:
        self.folder, self.store = folder, store
        self.session = secrets.token_hex(8)
        self.stopping = threading.Event()
        self.pairs, self.odds = anyio.CapacityLimiter(PAIRS), anyio.CapacityLimiter(ODDS)


def application(folder: Path, store: Path | None) -> tuple[FastAPI, Place]:
    """Return the routes, behind no guard yet, and what they share."""
    place = Place(folder, store)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        threading.Thread(target=_warm, daemon=True).start()
        yield
        place.stopping.set()

    app = FastAPI(
        title="bestowal explore", version=version(), lifespan=lifespan, docs_url=None, redoc_url=None,
        openapi_url="/api/openapi.json",
    )  # fmt: skip

    def refused(status: int, reason: str, headers: Mapping[str, str] | None = None) -> Response:
        return Response(_error(reason), status, headers, JSON)

    app.add_exception_handler(BestowalError, lambda request, error: refused(400, str(error)))
    app.add_exception_handler(Status, lambda request, e: refused(e.status_code, str(e.detail), e.headers))
    app.add_exception_handler(RequestValidationError, lambda request, error: refused(422, _first(error)))
    _catalogue_routes(app, place)
    _simulation_routes(app, place)
    _store_routes(app, place)

    @app.api_route("/{name:path}", methods=["GET", "HEAD"], include_in_schema=False)
    def page(name: str) -> Response:
        file = page_files().get(name or "index.html")
        if file is None:
            raise HTTPException(404, "there is no such page")
        return Response(file.read_bytes(), media_type=KINDS[file.suffix])

    return app, place


def _catalogue_routes(app: FastAPI, place: Place) -> None:
    """Add the routes that read the catalogue and the user's folder."""

    @app.get("/api/health")
    def health() -> dict[str, Any]:
        return {"version": version(), "session": place.session}

    @app.get("/api/catalogue")
    def whole_catalogue() -> dict[str, Any]:
        return catalogue.catalogue(place.folder)

    @app.get("/api/models/{model}", responses=_refusals())
    def model(model: str) -> dict[str, Any]:
        return catalogue.model(model)

    @app.get("/api/scenarios/{name}", responses=_refusals())
    def scenario(name: str) -> dict[str, Any]:
        return catalogue.shown_scenario(name, place.folder)

    @app.get("/api/questions/{name}", responses=_refusals())
    def question(name: str) -> dict[str, Any]:
        return catalogue.shown_question(name, place.folder)


def _simulation_routes(app: FastAPI, place: Place) -> None:
    """Add the routes that run worlds, each in its turn."""

    def binary(kind: str) -> dict[int | str, dict[str, Any]]:
        return {200: {"description": "see the contract", "content": {kind: {}}}, **_refusals()}

    @app.post("/api/pair", responses=binary(FRAMES), response_class=Response)
    async def pair_of(request: PairRequest) -> Response:
        return Working(place, place.pairs, FRAMES, lambda stopped: once(pair, request, place.folder, stopped))

    @app.post("/api/odds", responses=binary(LINES), response_class=Response)
    async def odds_of(request: OddsRequest) -> Response:
        work = lambda stopped: odds_lines(request, place.folder, place.store, stopped)  # noqa: E731
        return Working(place, place.odds, LINES, work, stream=True)

    @app.post("/api/lattice", responses=binary(FRAMES), response_class=Response)
    async def lattice_of(request: LatticeRequest) -> Response:
        return Working(place, place.pairs, FRAMES, lambda stopped: once(lattice_frames, request, stopped))


def _store_routes(app: FastAPI, place: Place) -> None:
    """Add the routes that read the store, and the one that removes a run from it."""

    @app.get("/api/claims")
    def claims() -> dict[str, Any]:
        return stored.claims(place.store)

    @app.get("/api/answers")
    def answers() -> list[dict[str, Any]]:
        return stored.answers(place.store)

    @app.get("/answers/{id_}/{page}", response_class=Response, responses=_refusals())
    def report(id_: str, page: str) -> Response:
        return Response(stored.report(id_, page, place.store), media_type=KINDS[".html"])

    @app.get("/api/store")
    def store_of() -> dict[str, Any]:
        return stored.runs(place.store, catalogue.titles(place.folder))

    @app.delete("/api/store/{key}", responses=_refusals())
    def remove(key: str, x_confirm: str | None = Header(None)) -> dict[str, str]:
        if x_confirm != key:
            raise HTTPException(400, "to remove a run, send its key again in the header X-Confirm")
        stored.remove(key, place.store)
        return {"removed": key}


def _refusals() -> dict[int | str, dict[str, Any]]:
    """Return what a route may answer instead, as the schema lists it."""
    return {
        code: {"description": what, "content": {"application/json": {"schema": ERROR}}}
        for code, what in REFUSALS.items()
    }


REFUSALS = {
    400: "can't be done, with the reason",
    401: "the token is missing",
    408: "the body did not come in time",
    403: "another host's name, or a page of another origin",
    413: "the body is too long",
    415: "the body is no application/json",
    422: "not of the form asked for",
    503: "the server is about to stop",
}
ERROR = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}


def once(work: Callable[..., bytes], *given: Any) -> Iterator[bytes]:
    """Work with one answer, done when it is asked for."""
    yield work(*given)


class Working(Response):
    """A response that is worked out on another thread, in its turn, and given up when nobody waits for it any more.

    ``work`` is given a function that says whether to stop, and gives the body in parts. The first part comes before
    the status is sent, so that what can't be done is refused with the reason. A turn ends when the answer is worked
    out, not when it is read; that of a ``stream``, which is worked out while it is read, ends with it.
    """

    def __init__(
        self,
        place: Place,
        turns: anyio.CapacityLimiter,
        media_type: str,
        work: Callable[[Callable[[], bool]], Iterator[bytes]],
        stream: bool = False,
    ) -> None:
        super().__init__(media_type=media_type)
        self.place, self.turns, self.work, self.stream = place, turns, work, stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = threading.Event()

        async def watch() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            gone.set()

        async with anyio.create_task_group() as group:
            group.start_soon(watch)
            async with contextlib.AsyncExitStack() as turn:
                await turn.enter_async_context(self.turns)
                await self._answer(send, lambda: gone.is_set() or self.place.stopping.is_set(), turn)
            group.cancel_scope.cancel()

    async def _answer(self, send: Send, stopped: Callable[[], bool], turn: contextlib.AsyncExitStack) -> None:
        parts = self.work(stopped)

        def following() -> bytes | None:
            try:
                return None if stopped() else next(parts, None)
            except pairs.Stopped:
                return None

        status, kind = 200, str(self.media_type)
        try:
            part = await anyio.to_thread.run_sync(following)
            if part is None:
                status, kind, part = 503, JSON, _error("the server is about to stop")
        except BestowalError as error:
            status, kind, part = 400, JSON, _error(str(error))
        if not self.stream:
            await turn.aclose()
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind.encode())]})
        while part is not None:
            if not await _sent(send, part):
                return
            if not self.stream:
                break
            try:
                part = await anyio.to_thread.run_sync(following) if status == 200 else None
            except BestowalError as error:  # too late for a status: a line says so
                part = _error(str(error)) + b"\n"
                status = 400
        await send({"type": "http.response.body", "body": b""})


async def _sent(send: Send, part: bytes) -> bool:
    """Whether somebody took this part of a body, a chunk at a time."""
    for start in range(0, len(part), CHUNK):
        with anyio.move_on_after(SENDING) as waiting:
            try:
                await send({"type": "http.response.body", "body": part[start : start + CHUNK], "more_body": True})
            except OSError:  # nobody is there any more
                return False
        if waiting.cancelled_caught:
            return False
    return True


def page_files() -> dict[str, Path]:
    """The files of the page by the path they are asked for with."""
    found = (file for file in sorted(PAGE.rglob("*")) if file.suffix in KINDS and file.is_file())
    named = {file.relative_to(PAGE).as_posix(): file for file in found}
    return {name: file for name, file in named.items() if not name.startswith("node_modules/")}


def listen(host: str, port: int | None) -> socket.socket:
    """A socket on this port, or on the first free one of some where none was asked for."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    said = ""
    for wanted in [port] if port is not None else [*range(PORT, PORT + PORTS), 0]:
        try:
            return socket.create_server((host, wanted), family=family)
        except OSError as error:
            said = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
    raise BestowalError(f"{host}{f', port {port}' if port else ''}: {said}; another --port, or none, may do")


def serve(
    state: str = "",
    *,
    port: int | None = None,
    host: str | None = None,
    browser: bool = True,
    store: Path | None = None,
    folder: Path | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Serve the page until Ctrl-C, and open a browser on it.

    Parameters
    ----------
    state : what stands after "#" in the address that is opened: "s=kibbutz&v=pay_link:0.3&y=20".
    port : where it listens; the first free one from 8765 on unless given.
    host : the address it is bound to; the loopback unless given, and then everyone needs the token in the address.
    folder : where the user's own .toml files are; the current folder unless given.
    say : told the address.
    """
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Patient(H11Protocol):
        """Closes a connection on which no request has come in time."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self.loop.call_later(READING, lambda: None if self.cycle else transport.close())

    app, place = application((folder or Path.cwd()).resolve(), store)
    sock = listen(host or HOST, port)
    number = sock.getsockname()[1]
    token = new_token() if host is not None else None
    guarded = Guard(app, host or HOST, number, token)

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: Any) -> None:
            place.stopping.set()
            super().handle_exit(sig, frame)

    config = uvicorn.Config(
        guarded, http=Patient, log_level="error", access_log=False, server_header=False, timeout_graceful_shutdown=3
    )
    shown = host if host not in (None, "0.0.0.0", "::") else HOST if host is None else socket.gethostname()
    named = f"[{shown}]" if shown and ":" in shown else shown
    address = f"http://{named}:{number}/" + (f"?token={token}" if token else "") + (f"#{state}" if state else "")
    say(f"{address}  (Ctrl-C stops it)")
    if browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    try:
        Server(config).run(sockets=[sock])
    except KeyboardInterrupt:
        pass
    finally:
        sock.close()


def _warm() -> None:
    """Compile and import what the first pair and the first odds would wait for."""
    try:
        import xarray  # noqa: F401

        base = catalogue.scenario("commune", Path("/nonexistent"))
        pairs.pair(base, base, 0)
    except Exception:  # whoever asks first is told what is wrong
        return


def _error(reason: str) -> bytes:
    """The body of a refusal: one line."""
    return json.dumps({"error": " ".join(reason.split())[:1000]}, ensure_ascii=False).encode()


def _first(error: Any) -> str:
    said = error.errors()[0]
    where = ".".join(str(part) for part in said["loc"] if part != "body")
    return f"{where}: {said['msg']}" if where else str(said["msg"])
