"""What stands between a request and the page's functions: who may ask, and how much.

The server listens on the loopback and answers nobody else. A page of another site can still make this machine's browser
ask it, under a name that leads here (DNS rebinding), so the Host header has to be the address that was printed, and an
Origin header the same. Where it is opened to other machines with ``--host``, everyone has to bring the token that is in
the printed address; it is exchanged for a cookie at the first visit.
"""

import hmac
import ipaddress
import json
import secrets
import socket
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import anyio

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY = 64 * 1024  # bytes of a request's body
TOO_LONG = f"the body is longer than the {BODY:,} bytes that are taken"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
POSTED = ("/api/pair", "/api/odds", "/api/lattice")  # the routes that take a body
READING = 30.0  # seconds within which a request has come, and its body

PAGE = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
REPORT = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
"""A report has its styles inside and no script."""


def new_token() -> str:
    """Return a new random token for the printed address."""
    return secrets.token_urlsafe(24)


class Guard:
    """An ASGI application that lets through to another what may pass, and adds the headers that keep a page to itself.

    Parameters
    ----------
    app : the application behind.
    host : the address it is bound to.
    port : the port it is bound to, or None where any will do (in tests).
    token : what a visitor has to bring; None where only the loopback is listened to.
    """

    def __init__(self, app: "ASGIApp", host: str, port: int | None, token: str | None) -> None:
        self.app, self.host, self.port, self.token = app, host, port, token
        self.cookie = f"bestowal_{port or 0}"  # cookies know no ports, and two servers may run

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        refused = self._refused(scope, headers)
        if refused is not None:
            await _answer(send, refused[0], refused[1], head=scope["method"] == "HEAD")
            return
        if self.token is not None and not self._known(headers):
            await self._introduce(scope, send)
            return
        with anyio.move_on_after(READING) as waiting:
            body = await _body(receive)
        if waiting.cancelled_caught:
            await _answer(send, 408, f"the body did not come within {READING:g} seconds")
            return
        if body is None:
            await _answer(send, 413, TOO_LONG)
            return
        ahead = [body]

        async def replayed() -> "Message":
            return ahead.pop() if ahead else await receive()

        async def out(message: "Message") -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *_headers(scope["path"])]}
            await send(message)

        await self.app(scope, replayed, out)

    def _refused(self, scope: "Scope", headers: list[tuple[str, str]]) -> tuple[int, str] | None:
        """Status and reason where a request may not pass."""
        of = {name: [value for key, value in headers if key == name] for name, _ in headers}
        hosts = of.get("host", [])
        if len(hosts) != 1 or not self._ours(hosts[0]):
            return 403, "the Host header is not this server's address"
        origins = of.get("origin", [])
        if any(origin.lower() != f"{scope['scheme']}://{hosts[0].lower()}" for origin in origins):
            return 403, "the request comes from a page of another origin"
        if "cross-site" in of.get("sec-fetch-site", []) and scope["path"].startswith("/api/"):
            return 403, "the request comes from a page of another site"
        if scope["method"] == "POST" and scope["path"] in POSTED:  # elsewhere the route says what it takes
            kind = of.get("content-type", [""])[0].partition(";")[0].strip().lower()
            if kind != "application/json":  # what a form of another site can't send
                return 415, "the body must be application/json"
        return None

    def _ours(self, host: str) -> bool:
        name, port = _split(host)
        if port is None or (self.port is not None and port != self.port):
            return False
        if self.token is None:
            return name in LOOPBACK
        # Opened to others: a number can't be made to lead elsewhere, and a name must be one this machine was given.
        return name in (*LOOPBACK, self.host.lower(), socket.gethostname().lower()) or _is_number(name)

    def _known(self, headers: Iterable[tuple[str, str]]) -> bool:
        """Whether the token comes along, in the cookie or as a bearer's."""
        assert self.token is not None
        for name, value in headers:
            if name == "authorization" and _same(value.removeprefix("Bearer "), self.token):
                return True
            if name == "cookie":
                try:
                    crumb = SimpleCookie(value).get(self.cookie)
                except CookieError:
                    continue
                if crumb is not None and _same(crumb.value, self.token):
                    return True
        return False

    async def _introduce(self, scope: "Scope", send: "Send") -> None:
        """Take the token from the address of the first visit, and give a cookie for it."""
        assert self.token is not None
        try:
            given = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=10).get("token", [""])[0]
        except ValueError:
            given = ""
        if scope["method"] not in ("GET", "HEAD") or scope["path"] != "/" or not _same(given, self.token):
            await _answer(
                send, 401, "open the address that was printed, with its token", head=scope["method"] == "HEAD"
            )
            return
        cookie = f"{self.cookie}={self.token}; HttpOnly; SameSite=Strict; Path=/"
        headers = [(b"location", b"/"), (b"set-cookie", cookie.encode()), (b"content-length", b"0"), *_headers("/")]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


async def _body(receive: "Receive") -> "Message | None":
    """The whole body as one message, None where it is longer than what is taken, whatever its Content-Length said."""
    content, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return message
        content += message.get("body", b"")
        more = message.get("more_body", False)
        if len(content) > BODY:
            return None
    return {"type": "http.request", "body": content, "more_body": False}


def _headers(path: str) -> list[tuple[bytes, bytes]]:
    policy = REPORT if path.startswith("/answers/") else PAGE
    told = {
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cache-control": "no-store" if path.startswith(("/api/", "/answers/")) else "no-cache",
    }
    return [(name.encode(), value.encode()) for name, value in told.items()]


async def _answer(send: "Send", status: int, reason: str, head: bool = False) -> None:
    content = json.dumps({"error": reason}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"connection", b"close"),  # a body that was refused isn't read
        *_headers("/api/"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else content})


def _split(host: str) -> tuple[str, int | None]:
    """A Host header as name and port (80 where it names none); no port where it is none that can be read."""
    name, colon, port = host.lower().rpartition(":")
    if not colon or "]" in port:
        name, port = host.lower(), "80"
    if not (port.isascii() and port.isdigit() and len(port) <= 5):
        return name, None
    return name.removeprefix("[").removesuffix("]"), int(port)


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
