"""The server of the page: every route, what it refuses and by which limit, and work that stops when nobody waits."""

import base64
import gzip
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote

import anyio
import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toy import environment

from bestowal.claims.claim_file import source_claims
from bestowal.claims.source import check_source
from bestowal.core.errors import BestowalError
from bestowal.explore import export, odds, pairs, server
from bestowal.explore import guard as safety
from bestowal.explore import stored as kept
from bestowal.explore.frames import unpack
from bestowal.models.registry import load
from bestowal.questions.ask import ask
from bestowal.questions.question import tested as with_test
from bestowal.questions.question_file import question
from bestowal.questions.success import rule
from bestowal.simulation import engine, missing, store
from bestowal.simulation.scenario import key
from bestowal.simulation.scenario_file import scenario
from bestowal.statistics.intervals import Interval

PORT = 8765
ADDRESS = f"http://127.0.0.1:{PORT}"

OWN = 'title = "Mine"\nextends = "commune"\nyears = 20\n[values]\npay_link = 0.25\ncoercion = 0.3\nexit_right = 0.3\n'
OWN_QUESTION = """
title = "Mine?"
words = "Would it last?"
scenario = "mine.toml"
horizon = 20
[[levers]]
name = "pay"
label = "Pay by work"
group = "institution"
year = 3
values.pay_link = 0.4
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The user's folder."""
    here: Path = tmp_path_factory.mktemp("own")
    files = {
        "mine.toml": OWN,
        "asks it.toml": OWN_QUESTION,
        "commune.toml": OWN.replace("Mine", "Another commune"),
        "pyproject.toml": '[project]\nname = "other"\n',
        "broken.toml": "title = ",
        "wrong.toml": OWN.replace("pay_link", "pay_lonk"),
    }
    for name, text in files.items():
        (here / name).write_text(text, encoding="utf-8")
    return here


@pytest.fixture(scope="module")
def kept_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


def guarded(folder: Path, store: Path, token: str | None = None, host: str = "127.0.0.1") -> safety.Guard:
    return safety.Guard(server.application(folder, store)[0], host, PORT, token)


@pytest.fixture(scope="module")
def page(folder: Path, kept_in: Path) -> TestClient:
    return TestClient(guarded(folder, kept_in), base_url=ADDRESS)


PAIR = {"scenario": "commune", "values": {"pay_link": 0.5}, "from_year": 10, "world": 0}
ODDS = {"scenario": "commune", "values": {"pay_link": 0.5}, "from_year": 0, "question": None, "most_worlds": 64}
LATTICE = {"model": "hammond_axelrod_2006", "values": {"side": 10}, "world": 0, "first": 0, "count": 5}


def refused(answer: Any, status: int, *words: str) -> None:
    assert answer.status_code == status, answer.text
    said = answer.json()
    assert list(said) == ["error"] and "\n" not in said["error"]
    for word in words:
        assert word in said["error"], said


# ------------------------------------------------------------------------------------------------------- what there is


def test_the_catalogue_has_the_packaged_and_the_users_own(page: TestClient) -> None:
    told = page.get("/api/catalogue").json()
    scenarios = {s["name"]: s for s in told["scenarios"]}
    assert {"kibbutz", "russia", "commune", "mine", "commune-2"} <= set(scenarios)
    assert (scenarios["kibbutz"]["own"], scenarios["kibbutz"]["years"], scenarios["kibbutz"]["model"]) == (
        False, 80, "society",
    )  # fmt: skip
    assert (scenarios["mine"]["own"], scenarios["mine"]["title"], scenarios["mine"]["years"]) == (True, "Mine", 20)
    assert scenarios["commune-2"]["title"] == "Another commune"
    questions = {q["name"]: q for q in told["questions"]}
    assert questions["russia"]["scenario"] == "russia" and questions["asks-it"]["scenario"] == "mine"
    assert {m["name"]: m["step"] for m in told["models"]}["hammond_axelrod_2006"] == "period"
    assert "C8" in [c["id"] for c in told["claims"]] and all(c["says"] for c in told["claims"])
    problems = "\n".join(told["problems"])
    assert "broken.toml" in problems and 'did you mean "pay_link"?' in problems and "pyproject" not in problems
    assert "wrong" not in scenarios


def test_no_file_of_code_in_the_folder_is_imported(tmp_path: Path) -> None:
    trap = "import pathlib\npathlib.Path(__file__).with_name('imported').touch()\n"
    (tmp_path / "trap.py").write_text(trap, encoding="utf-8")
    (tmp_path / "own.toml").write_text('title = "Own"\nmodel = "trap.py"\nyears = 5\n', encoding="utf-8")
    (tmp_path / "why.toml").write_text(OWN_QUESTION.replace("mine.toml", "own.toml"), encoding="utf-8")
    page = TestClient(guarded(tmp_path, tmp_path / "results"), base_url=ADDRESS)
    told = page.get("/api/catalogue").json()
    assert "own" not in {scenario["name"] for scenario in told["scenarios"]}
    assert "trap.py: a file, whose code runs only where you name it" in "\n".join(told["problems"])
    refused(page.get("/api/scenarios/own"), 400, "trap.py: a file")
    refused(page.get("/api/questions/why"), 400, "trap.py: a file")
    for path, body in (("pair", PAIR), ("odds", ODDS)):
        refused(page.post(f"/api/{path}", json={**body, "scenario": "own", "values": {}}), 400, "trap.py: a file")
    refused(page.post("/api/lattice", json={**LATTICE, "model": "trap.py"}), 400)
    assert not (tmp_path / "imported").exists()


def test_a_model_tells_what_its_parameters_are(page: TestClient) -> None:
    told = page.get("/api/models/society").json()
    by_name = {p["name"]: p for p in told["parameters"]}
    pay = by_name["pay_link"]
    assert (pay["kind"], pay["low"], pay["high"], pay["fixed"], pay["side"]) == (
        "float",
        0.0,
        1.0,
        False,
        "institution",
    )
    assert all(pay[what] for what in ("meaning", "unit", "source", "group"))
    assert by_name["n_places"]["fixed"] and by_name["giver_share"]["side"] == "motive"
    assert {p["side"] for p in told["parameters"]} == {"motive", "institution", "surroundings"}
    assert [o["name"] for o in told["observables"]] == [o.name for o in load("society").observables]
    assert {o["name"]: o for o in told["observables"]}["members"]["high"] is None  # no bound
    assert told["people"] and not page.get("/api/models/sen_1966").json()["people"]


def test_a_scenario_and_a_question_are_shown(page: TestClient) -> None:
    told = page.get("/api/scenarios/russia").json()
    russia = scenario("russia")
    assert told["values"] == russia.values.model_dump() and told["seed"] == russia.seed
    assert told["changes"] == [{"year": c.year, "values": dict(c.values)} for c in russia.changes]
    asked_, _ = question("russia")
    told = page.get("/api/questions/russia").json()
    assert [lever["name"] for lever in told["levers"]] == [lever.name for lever in asked_.levers]
    assert told["test"] == {"year": 60, "values": asked_.test.values}
    assert told["success"][0]["rule"] == rule(asked_.success[0], asked_)
    mine = page.get("/api/questions/asks-it").json()
    assert mine["scenario"] == "mine" and mine["levers"][0]["moments"] == [{"year": 3, "values": {"pay_link": 0.4}}]


def test_health_names_the_session(page: TestClient, folder: Path, kept_in: Path) -> None:
    told = page.get("/api/health").json()
    assert told == page.get("/api/health").json() and set(told) == {"version", "session"}
    other = TestClient(guarded(folder, kept_in), base_url=ADDRESS).get("/api/health").json()
    assert other["session"] != told["session"]


def test_the_page_is_served_with_its_types_and_kept_to_itself(page: TestClient) -> None:
    got = page.get("/")
    assert got.status_code == 200 and got.headers["content-type"] == "text/html; charset=utf-8"
    policy = got.headers["content-security-policy"]
    assert policy.startswith("default-src 'self'") and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert got.headers["x-content-type-options"] == "nosniff" and "access-control-allow-origin" not in got.headers
    kinds = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
    for name in server.page_files():
        suffix = Path(name).suffix
        assert page.get(f"/{name}").headers["content-type"].startswith(kinds.get(suffix, "")), name
    # Every file the page names is there.
    for name in re.findall(r'(?:src|href)="([^":]+)"', got.text):
        assert page.get(f"/{name}").status_code == 200, name
    assert page.head("/").status_code == 200
    assert page.get("/api/health").headers["cache-control"] == "no-store"
    for name in ("README.md", "__init__.py", "package.json", "nothing.js"):
        refused(page.get(f"/{name}"), 404)


# --------------------------------------------------------------------------------------------------------------- pairs


@pytest.mark.society
def test_a_pair_over_the_wire_is_the_pair(page: TestClient) -> None:
    got = page.post("/api/pair", json=PAIR)
    assert got.status_code == 200 and got.headers["content-type"] == "application/octet-stream"
    assert got.headers["cache-control"] == "no-store"
    base = scenario("commune")
    assert got.content == pairs.pair(base, base.but(base.first_year + 10, pay_link=0.5), 0)
    own = page.post("/api/pair", json={"scenario": "mine"})
    meta, _ = unpack(own.content)
    assert meta["years"] == 20 and meta["same"]


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"scenario": "communes"}, 400, ["communes", 'did you mean "commune"?']),
        ({"scenario": "sen_1966"}, 400, ["there is no scenario"]),
        ({"values": {"pay_lonk": 1}}, 400, ['did you mean "pay_link"?']),
        ({"values": {"pay_link": 2}}, 400, ["pay_link = 2", "from 0 to 1"]),
        ({"values": {"pay_link": True}}, 422, ["values.pay_link"]),
        ({"values": {"self": 1, "from_year": 2}}, 400, ["self: unknown parameter"]),
        ({"values": {"n_places": 20}}, 400, ["read when a world begins"]),
        ({"values": {"n_communities": 1000, "n_places": 10000}, "from_year": 0}, 400, ["10,000,000 at most"]),
        ({"from_year": 40}, 400, ["from_year = 40", "from 0 to 39"]),
        ({"from_year": -1}, 422, ["from_year"]),
        ({"world": 1_000_000}, 422, ["world", "1000000"]),
        ({"world": 1.5}, 422, ["world"]),
        ({"years": 3}, 422, ["years"]),
        ({"scenario": "x" * 201}, 422, ["scenario", "200"]),
    ],
)
def test_a_pair_that_cannot_be_is_refused(page: TestClient, more: dict, status: int, words: list[str]) -> None:
    refused(page.post("/api/pair", json={**PAIR, **more}), status, *words)


# ---------------------------------------------------------------------------------------------------------------- odds


def lines(got: Any) -> list[dict]:
    assert got.status_code == 200, got.text
    assert got.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in got.text.splitlines()]


def told(interval: Interval) -> list[float | None] | None:
    return [interval.estimate, interval.low, interval.high, interval.n] if interval.n else None


@pytest.mark.society
@pytest.mark.parametrize(("name", "of"), [("commune", "commune"), ("asks-it", "mine")])
def test_odds_refine_and_end_as_the_question_answers_on_the_same_worlds(
    page: TestClient, folder: Path, kept_in: Path, name: str, of: str
) -> None:
    file = name if name == "commune" else folder / "asks it.toml"
    asked_, base = question(file)
    assert (name == "commune") == (key(with_test(base, asked_)) == key(base)), "in one of them the test tells"
    lever = next(x for x in asked_.levers if len(x.moments) == 1 and not x.together)
    (moment,) = lever.moments
    body = {"scenario": of, "values": moment.values, "from_year": moment.year, "question": name, "most_worlds": 100}
    got = lines(page.post("/api/odds", json=body))
    assert [line["worlds"] for line in got] == [32, 64, 100]
    assert [line["done"] for line in got] == [False, False, True]
    assert all(line["success"]["a"][3] == line["worlds"] for line in got)
    found = ask(file, 100, store=kept_in)
    result = next(x for x in found.levers if x.name == lever.name)
    last = got[-1]
    assert last["success"] == {"a": told(found.success), "b": told(result.success)}
    assert last["effect"] == told(result.effect) and last["reading"] == result.reading
    assert last["sufficiency"] == told(result.sufficiency) and last["necessity"] == told(result.necessity)
    assert [p["a"] for p in last["parts"]] == [told(p.share) for p in found.parts]
    assert [p["b"] for p in last["parts"]] == [told(p) for p in result.parts]


@pytest.mark.society
def test_bands_are_percentiles_of_the_worlds_that_are_drawn(page: TestClient, folder: Path) -> None:
    last = lines(page.post("/api/odds", json={**ODDS, "scenario": "mine"}))[-1]
    base = scenario(folder / "mine.toml")
    for side, of in (("a", base), ("b", base.but(pay_link=0.5))):
        values = engine.simulate(of, range(64))
        for k, o in enumerate(load("society").observables):
            for label, q in (("low", 10), ("mid", 50), ("high", 90)):
                for year in (0, 1, 5, 12, 19):
                    seen = values[:, year, k][~np.isnan(values[:, year, k])]
                    got = last["bands"][o.name][side][label][year]
                    if seen.size == 0:
                        assert got is None
                    else:
                        assert got == pytest.approx(np.percentile(seen, q), abs=1e-5, rel=1e-5), (o.name, year)


@pytest.mark.society
def test_what_has_been_run_before_is_not_run_again_nor_what_odds_have_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = scenario("commune")
    store.run(base, 64, store=tmp_path)
    begun: list[tuple[str, int]] = []
    simulate = engine.simulate

    def counted(of: Any, worlds: Any) -> Any:
        begun.append((key(of), len(worlds)))
        return simulate(of, worlds)

    monkeypatch.setattr(missing, "simulate", counted)
    wanted = odds.ask(base, {"pay_link": 0.5}, 0, None, 64)
    first = list(odds.refine(wanted, tmp_path))
    assert {k for k, n in begun if n} == {key(arm) for arm in wanted.arms.values()} - {key(base)}
    begun.clear()
    assert list(odds.refine(wanted, tmp_path)) == first
    changed = store.run(base.but(pay_link=0.5), 64, store=tmp_path)
    assert not [n for _, n in begun if n] and changed.sizes["world"] == 64


@pytest.mark.society
def test_a_change_that_does_nothing_has_no_effect(page: TestClient) -> None:
    last = lines(page.post("/api/odds", json={**ODDS, "values": {}}))[-1]
    assert last["success"]["a"] == last["success"]["b"] and last["effect"][0] == 0
    assert all(both["a"] == both["b"] for both in last["bands"].values())


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"most_worlds": 20_001}, 400, ["most_worlds = 20,001", "20,000 or fewer"]),
        ({"most_worlds": 10**9}, 400, ["20,000 or fewer"]),
        ({"most_worlds": 0}, 422, ["most_worlds"]),
        ({"question": "comune"}, 400, ['did you mean "commune"?']),
        ({"question": "../../pyproject"}, 400, ["there is no question"]),
        ({"question": "russia", "from_year": 75}, 400, ["from_year = 75", "69"]),
        ({"values": {"pay_link": -1}}, 400, ["pay_link = -1"]),
    ],
)
def test_odds_that_cannot_be_are_refused(page: TestClient, more: dict, status: int, words: list[str]) -> None:
    refused(page.post("/api/odds", json={**ODDS, **more}), status, *words)


@pytest.mark.society
def test_odds_stop_when_told_and_what_had_finished_is_kept(tmp_path: Path) -> None:
    wanted = odds.ask(scenario("commune"), {"pay_link": 0.5}, 0, None, 20_000)
    gone = threading.Event()
    refining = odds.refine(wanted, tmp_path, gone.is_set)
    assert next(refining)["worlds"] == 32
    gone.set()
    with pytest.raises(pairs.Stopped):
        next(refining)
    for arm in wanted.arms.values():
        blocks = {p.name for p in (tmp_path / key(arm) / "worlds.zarr" / "observed" / "c").iterdir()}
        assert "0" in blocks and len(blocks) <= 3  # nothing but what was under way
        assert store.run(arm, 32, store=tmp_path).attrs["repaired"] == ""


@pytest.mark.society
def test_closing_the_connection_stops_the_work_and_lets_the_next_one_in(folder: Path, tmp_path: Path) -> None:
    """The application by hand: the client reads one line and goes away."""
    app, place = server.application(folder, tmp_path)
    body = json.dumps({**ODDS, "most_worlds": 20_000}).encode()
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": "/api/odds",
        "raw_path": b"/api/odds", "query_string": b"", "scheme": "http", "server": ("127.0.0.1", PORT),
        "headers": [(b"content-type", b"application/json"), (b"host", b"127.0.0.1:8765")], "root_path": "",
    }  # fmt: skip
    heard: list[bytes] = []

    async def visit() -> None:
        left = anyio.Event()
        asked_ = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> dict:
            for message in asked_:
                return message
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict) -> None:
            if message.get("body"):
                heard.append(message["body"])
                left.set()

        await app(scope, receive, send)
        assert place.odds.borrowed_tokens == 0

    anyio.run(visit)  # ends, though 20,000 worlds were asked for
    assert json.loads(heard[0])["worlds"] == 32 and len(heard) <= 2
    done = {p.name for p in tmp_path.glob("*/worlds.zarr/observed/c/*")}
    assert "0" in done and len(done) <= 4


def by_hand(path: str, asked: dict) -> tuple[dict, Any]:
    """A request to the application itself: its scope, and what the client sends: the body, and then nothing."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": path,
        "raw_path": path.encode(), "query_string": b"", "scheme": "http", "server": ("127.0.0.1", PORT),
        "headers": [(b"content-type", b"application/json"), (b"host", b"127.0.0.1:8765")], "root_path": "",
    }  # fmt: skip
    sent = iter([{"type": "http.request", "body": json.dumps(asked).encode(), "more_body": False}])

    async def receive() -> dict:
        for message in sent:
            return message
        await anyio.sleep_forever()
        raise AssertionError

    return scope, receive


def test_clients_that_do_not_read_keep_nobody_waiting_and_are_given_up(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = b"x" * (2 * server.CHUNK + 1)
    monkeypatch.setattr(server, "pair", lambda asked, folder, stopped: long)
    app, place = server.application(folder, tmp_path)
    stuck = 0

    async def stopped_reading(message: dict) -> None:
        nonlocal stuck
        if message.get("body"):
            stuck += 1
            await anyio.sleep_forever()

    got: list[bytes] = []

    async def read(message: dict) -> None:
        got.append(message.get("body", b""))

    async def visits() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(server.PAIRS):
                group.start_soon(app, *by_hand("/api/pair", PAIR), stopped_reading)
            while stuck < server.PAIRS:
                await anyio.sleep(0)
            with anyio.fail_after(60):
                await app(*by_hand("/api/pair", PAIR), read)
            assert place.pairs.borrowed_tokens == 0
            group.cancel_scope.cancel()
        monkeypatch.setattr(server, "SENDING", 0.01)
        with anyio.fail_after(60):
            await app(*by_hand("/api/pair", PAIR), stopped_reading)  # ends, though nobody reads

    anyio.run(visits)
    assert b"".join(got) == long and max(map(len, got)) == server.CHUNK


def test_a_body_that_does_not_come_is_not_waited_for(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safety, "READING", 0.01)
    said: list[dict] = []

    async def receive() -> dict:
        await anyio.sleep_forever()
        raise AssertionError

    async def send(message: dict) -> None:
        said.append(message)

    async def visit() -> None:
        with anyio.fail_after(60):
            await guarded(folder, tmp_path)(by_hand("/api/pair", PAIR)[0], receive, send)

    anyio.run(visit)
    assert said[0]["status"] == 408 and b"did not come within" in said[1]["body"]


def test_a_connection_without_a_request_is_closed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import uvicorn

    monkeypatch.setattr(server, "READING", 0.2)
    begun: list[uvicorn.Server] = []
    closed: list[bytes] = []

    def say(address: str) -> None:
        def visit() -> None:
            port = int(address.partition("  ")[0].rstrip("/").rpartition(":")[2])
            with socket.create_connection(("127.0.0.1", port), timeout=60) as here:
                here.sendall(b"GET / HTTP/1.1\r\n")
                closed.append(here.recv(100))
            begun[0].should_exit = True

        threading.Thread(target=visit, daemon=True).start()

    real = uvicorn.Server.run

    def run(self: uvicorn.Server, sockets: Any = None) -> None:
        begun.append(self)
        real(self, sockets)

    monkeypatch.setattr(uvicorn.Server, "run", run)
    monkeypatch.setattr(server, "_warm", lambda: None)
    server.serve(browser=False, store=tmp_path, folder=folder, say=say)
    assert closed == [b""]


def test_a_post_to_what_is_only_read_is_405(page: TestClient) -> None:
    for path in ("/", "/api/health", "/api/catalogue", "/api/claims", "/api/store", "/index.html"):
        for kind in ("application/json", "text/plain"):
            got = page.post(path, content="{}", headers={"Content-Type": kind})
            assert (got.status_code, "GET" in got.headers["allow"]) == (405, True), path
    routes = page.get("/api/openapi.json").json()["paths"]
    assert {path for path, verbs in routes.items() if {"post", "put", "patch"} & verbs.keys()} == set(safety.POSTED)


@pytest.mark.society
def test_a_second_stream_waits_for_its_turn(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, most = 0, 0
    lock = threading.Lock()
    real = odds.refine

    def watched(*given: Any) -> Iterator[dict]:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        yield from real(*given)
        with lock:
            at_once -= 1

    monkeypatch.setattr(odds, "refine", watched)
    with TestClient(guarded(folder, tmp_path), base_url=ADDRESS) as here:
        got: list[int] = []
        threads = [
            threading.Thread(target=lambda: got.append(here.post("/api/odds", json=ODDS).status_code)) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert got == [200, 200, 200] and most == 1


# ------------------------------------------------------------------------------------------------------------- lattice


def test_a_lattice_over_the_wire(page: TestClient) -> None:
    got = page.post("/api/lattice", json={**LATTICE, "changes": [{"step": 3, "values": {"cost": 0.05}}]})
    meta, found = unpack(got.content)
    assert found["cells"].shape == (5, 10, 10) and meta["side"] == 10 and len(meta["observables"]) == 8
    refused(page.post("/api/lattice", json={**LATTICE, "count": 10**9}), 400, "65,536 or fewer")
    refused(page.post("/api/lattice", json={**LATTICE, "values": {"side": 1000}, "count": 30}), 400, "20,000,000")
    refused(page.post("/api/lattice", json={**LATTICE, "model": "society"}), 400, "has no lattice")


# ---------------------------------------------------------------------------------------------- what the store holds


@pytest.mark.society
def test_claims_say_not_checked_and_then_what_was_found(folder: Path, tmp_path: Path) -> None:
    page = TestClient(guarded(folder, tmp_path), base_url=ADDRESS)
    got = page.get("/api/claims").json()
    assert not got["checked"] and got["command"].startswith("bestowal check source")
    by_id = {c["id"]: c for c in got["claims"]}
    claim = min(
        (c for c in source_claims() if c.experiment is not None),
        key=lambda c: (c.experiment.worlds * len(c.experiment.arms), c.id),
    )
    assert (by_id[claim.id]["verdict"], by_id[claim.id]["share"]) == ("not checked", None)
    (result,) = check_source([claim], draws=2, store=tmp_path)
    now = {c["id"]: c for c in page.get("/api/claims").json()["claims"]}
    assert now[claim.id]["verdict"] == result.verdict and now[claim.id]["draws"] == 2
    assert result.share is not None
    assert now[claim.id]["share"] == [result.share.estimate, result.share.low, result.share.high]
    assert all(now[other] == by_id[other] for other in now if other != claim.id)


@pytest.mark.society
def test_an_answer_is_its_report(page: TestClient, kept_in: Path) -> None:
    found = ask("commune", 100, store=kept_in)
    (one,) = [a for a in page.get("/api/answers").json() if a["id"] == found.id]
    assert (one["question"], one["worlds"], one["full"]) == ("commune", 100, False)
    got = page.get(f"/{one['href']}")
    assert got.headers["content-type"].startswith("text/html") and found.question.words[:40] in got.text
    assert "script" not in got.headers["content-security-policy"]
    assert got.headers["content-security-policy"].startswith("default-src 'none'")
    refused(page.get(f"/answers/{found.id}/full.html"), 400, "--full")
    (Path(found.folder) / "answer.html").write_text("the report as it was written", encoding="utf-8")
    assert page.get(f"/{one['href']}").text == "the report as it was written"


@pytest.fixture
def two_runs(folder: Path, tmp_path: Path) -> tuple[TestClient, Path, list[str]]:
    results = tmp_path / "results"
    commune = scenario("commune").clock(years=5)
    for of in (commune, commune.but(pay_link=0.5)):
        store.run(of, 40, store=results)
    (tmp_path / "outside.txt").write_text("stays", encoding="utf-8")
    here = TestClient(guarded(folder, results), base_url=ADDRESS)
    return here, results, [key(commune), key(commune.but(pay_link=0.5))]


@pytest.mark.society
def test_the_store_is_listed_and_one_run_of_it_removed(two_runs: tuple[TestClient, Path, list[str]]) -> None:
    page, results, (first, second) = two_runs
    got = page.get("/api/store").json()
    assert {r["key"] for r in got["runs"]} == {first, second} and got["folder"] == str(results.resolve())
    run = next(r for r in got["runs"] if r["key"] == first)
    assert run["scenario"] == "commune"
    assert (run["title"], run["model"], run["worlds"], run["years"]) == (
        scenario("commune").title, "society", 64, 5,
    )  # fmt: skip
    size = sum(p.stat().st_size for p in (results / first).rglob("*") if p.is_file())
    assert run["bytes"] == size and got["bytes"] >= sum(r["bytes"] for r in got["runs"])
    refused(page.delete(f"/api/store/{first}"), 400, "X-Confirm")
    refused(page.delete(f"/api/store/{first}", headers={"X-Confirm": second}), 400, "X-Confirm")
    assert (results / first).is_dir()
    assert page.delete(f"/api/store/{first}", headers={"X-Confirm": first}).json() == {"removed": first}
    assert [p.name for p in results.iterdir()] == [second]
    refused(page.delete(f"/api/store/{first}", headers={"X-Confirm": first}), 400, "there is no run")
    assert (results.parent / "outside.txt").read_text() == "stays"


@pytest.mark.society
def test_nothing_but_a_run_inside_the_store_is_removed(two_runs: tuple[TestClient, Path, list[str]]) -> None:
    page, results, (first, second) = two_runs
    outside = results.parent / "elsewhere"
    (results / first).rename(outside)
    (results / first).symlink_to(outside, target_is_directory=True)
    refused(page.delete(f"/api/store/{first}", headers={"X-Confirm": first}), 400, "leads out of the store")
    (results / ("f" * 64)).mkdir()  # no run: it has no scenario
    for name in (
        "f" * 64,
        "answers",
        "..",
        "%2e%2e",
        "..%2foutside.txt",
        f"..%2f{results.name}%2f{second}",
        second[:63],
    ):
        got = page.request("DELETE", f"/api/store/{name}", headers={"X-Confirm": name.replace("%2f", "/")})
        assert got.status_code in (400, 404, 405), (name, got.text)
    with pytest.raises(BestowalError, match="there is no run"):
        kept.remove(f"../{results.name}/{second}", results)
    assert (outside / "scenario.toml").is_file() and (results / second / "scenario.toml").is_file()
    assert (results.parent / "outside.txt").is_file()


# -------------------------------------------------------------------------------------------------------- who may ask

OUT = ["../pyproject", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "....//", "/etc/passwd", "C:\\x",
       "kibbutz.toml", "kibbutz%00", "..\\..\\x", "~"]  # fmt: skip


@pytest.mark.parametrize("name", OUT)
def test_no_name_becomes_a_path(page: TestClient, name: str) -> None:
    for route in ("/api/scenarios/{}", "/api/questions/{}", "/api/models/{}", "/answers/{}/answer.html", "/{}",
                  "/answers/0123456789abcdef/{}", "/vendor/{}"):  # fmt: skip
        got = page.get(route.format(name))
        assert got.status_code in (400, 404), (route, got.status_code)
        assert "root:" not in got.text and "requires" not in got.text
    for body in (
        {"path": "/api/pair", "json": {**PAIR, "scenario": name}},
        {"path": "/api/odds", "json": {**ODDS, "scenario": name}},
        {"path": "/api/odds", "json": {**ODDS, "question": name}},
        {"path": "/api/lattice", "json": {**LATTICE, "model": name}},
    ):
        refused(page.post(body["path"], json=body["json"]), 400)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8765", "127.0.0.1:8766", "127.0.0.1", "localhost.evil.example:8765", "",
     "127.0.0.1:8765@evil", "192.168.0.7:8765", "[::1]evil:8765", "127.0.0.1:08765x"],
)  # fmt: skip
def test_another_host_is_refused(page: TestClient, host: str) -> None:
    refused(page.get("/api/health", headers={"Host": host}), 403, "Host")
    refused(page.get("/", headers={"Host": host}), 403, "Host")


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "LOCALHOST:8765", "[::1]:8765"])
def test_the_loopback_is_let_in(page: TestClient, host: str) -> None:
    assert page.get("/api/health", headers={"Host": host}).status_code == 200


@pytest.mark.society
def test_a_page_of_another_origin_is_refused(page: TestClient) -> None:
    assert page.post("/api/pair", json=PAIR, headers={"Origin": ADDRESS}).status_code == 200
    for origin in (
        "http://evil.example",
        "http://127.0.0.1:8000",
        "https://127.0.0.1:8765",
        "null",
        "http://localhost:8765",
    ):
        refused(page.post("/api/pair", json=PAIR, headers={"Origin": origin}), 403, "origin")
        refused(page.get("/api/health", headers={"Origin": origin}), 403, "origin")
    refused(page.get("/api/health", headers={"Sec-Fetch-Site": "cross-site"}), 403, "another site")
    assert page.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200  # a link to the page is fine
    asked_before = page.options("/api/pair", headers={"Origin": ADDRESS})
    assert (asked_before.status_code, asked_before.headers["allow"]) == (405, "POST")
    refused(page.post("/api/pair", content=json.dumps(PAIR), headers={"Content-Type": "text/plain"}), 415, "json")


def test_a_long_body_is_refused_whatever_its_length_says(page: TestClient) -> None:
    long = json.dumps({**PAIR, "scenario": "x" * safety.BODY})
    refused(page.post("/api/pair", content=long, headers={"Content-Type": "application/json"}), 413, "65,536 bytes")

    def parts() -> Iterator[bytes]:
        for _ in range(70):
            yield b" " * 1024

    refused(page.post("/api/pair", content=parts(), headers={"Content-Type": "application/json"}), 413, "65,536 bytes")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "3",
        '"x"',
        "\x00",
        "[" * 30000,
        '{"scenario": NaN}',
        '{"world": 1' + "0" * 6000 + "}",
        "\ud800",
    ],
)
def test_a_body_that_is_no_request_is_refused(page: TestClient, body: str) -> None:
    for path in ("/api/pair", "/api/odds", "/api/lattice"):
        got = page.post(
            path, content=body.encode("utf-8", "surrogatepass"), headers={"Content-Type": "application/json"}
        )
        assert got.status_code in (400, 422) and got.json()["error"], got.text


def test_opened_to_others_everyone_needs_the_token(folder: Path, kept_in: Path) -> None:
    app = guarded(folder, kept_in, "a-token", "0.0.0.0")
    at = "http://192.168.0.7:8765"

    def visitor() -> TestClient:
        return TestClient(app, base_url=at, follow_redirects=False)

    for path in ("/", "/api/health", "/?token=wrong", "/api/health?token=a-token", "/answers/x/answer.html"):
        refused(visitor().get(path), 401, "token")
    refused(visitor().get("/api/health", headers={"Cookie": "bestowal_8765=wrong"}), 401)
    refused(visitor().post("/api/pair?token=a-token", json=PAIR), 401)
    here = visitor()
    first = here.get("/?token=a-token")
    assert first.status_code == 303 and first.headers["location"] == "/"
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert here.get("/").status_code == 200 and here.get("/api/health").status_code == 200
    assert visitor().get("/api/health", headers={"Authorization": "Bearer a-token"}).status_code == 200
    # A name can be made to lead here, a number can't.
    refused(here.get("/api/health", headers={"Host": "evil.example:8765"}), 403)
    refused(here.post("/api/pair", json=PAIR, headers={"Origin": "http://evil.example"}), 403)


# ---------------------------------------------------------------------------------------------------------- any request


def values_of(schema: dict[str, Any], parts: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values of a JSON schema as FastAPI writes them, near its bounds and now and then beside it."""
    if "$ref" in schema:
        return values_of(parts[schema["$ref"].rpartition("/")[2]], parts)
    if "anyOf" in schema:
        return st.one_of(*(values_of(one, parts) for one in schema["anyOf"]))
    beside = st.one_of(
        st.none(), st.booleans(), st.text(max_size=20), st.integers(), st.floats(), st.lists(st.integers(), max_size=2)
    )
    low, high = schema.get("minimum", -5), schema.get("maximum", schema.get("exclusiveMaximum", 10**7))
    of_kind: dict[str, st.SearchStrategy[Any]] = {
        "integer": st.integers(low, min(high, 90))
        | st.sampled_from([low - 1, high, high + 1, 2**63, -(2**63), 10**30]),
        "number": st.floats(),
        "null": st.none(),
        "string": st.sampled_from(["commune", "mine", "society", "hammond_axelrod_2006", "", "../x"])
        | st.text(max_size=30),
    }
    kind = schema.get("type")
    if kind == "array":
        inner = st.lists(values_of(schema["items"], parts), max_size=3)
    elif kind == "object" and "properties" in schema:
        wanted = set(schema.get("required", ()))
        fields = {name: values_of(one, parts) for name, one in schema["properties"].items()}
        inner = st.fixed_dictionaries(
            {n: f for n, f in fields.items() if n in wanted},
            optional={n: f for n, f in fields.items() if n not in wanted},
        )
    elif kind == "object":
        names = st.sampled_from(["pay_link", "need", "side", "cost", "n_places", "self", "from_year"]) | st.text(
            max_size=10
        )
        inner = st.dictionaries(names, values_of(schema.get("additionalProperties", {}), parts), max_size=3)
    else:
        inner = of_kind.get(str(kind), beside)
    return st.integers(0, 9).flatmap(lambda k: beside if k == 0 else inner)


@pytest.mark.society
def test_no_request_of_any_form_is_an_error_of_ours(page: TestClient) -> None:
    api = page.get("/api/openapi.json").json()
    parts = api["components"]["schemas"]
    routes = [(path, method, told) for path, of in api["paths"].items() for method, told in of.items()]
    assert {path for path, *_ in routes} >= {
        "/api/pair",
        "/api/odds",
        "/api/lattice",
        "/api/store/{key}",
        "/api/catalogue",
    }
    cases = []
    for path, method, said in routes:
        body = said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        names = re.findall(r"\{(\w+)\}", path)
        if body is not None or names:
            text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
            cases.append(st.tuples(st.just((path, method, names)), values_of(body or {"type": "null"}, parts),
                                   st.tuples(*[text for _ in names]), st.text("abc019-_", max_size=70)))  # fmt: skip
    began = time.monotonic()

    @settings(max_examples=250, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(*cases))
    def try_one(case: tuple) -> None:
        if time.monotonic() - began > 15:  # enough; a slow machine tries fewer
            return
        (path, method, names), body, given_names, confirm = case
        if isinstance(body, dict) and method == "post":
            body = {**body, **{name: min(body[name], 40) for name in ("most_worlds",) if type(body.get(name)) is int}}
        for name, value in zip(names, given_names, strict=True):
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        content = json.dumps(body) if method == "post" else None
        headers = {"Content-Type": "application/json", "X-Confirm": confirm}
        got = page.request(method.upper(), path, content=content, headers=headers)
        assert got.status_code < 500, (method, path, body, got.text[:300])
        if got.status_code >= 400:
            assert got.json()["error"], (method, path, body, got.text[:300])

    try_one()


# -------------------------------------------------------------------------------------------------- the other two hosts


@pytest.mark.society
def test_an_export_holds_what_the_page_would_be_told(folder: Path, kept_in: Path, tmp_path: Path) -> None:
    file = tmp_path / "out" / "page.html"
    seen: list[tuple[int, int]] = []
    export(file, "commune", {"pay_link": 0.5}, 1853, 2, worlds=40, folder=folder, store=kept_in,
           progress=lambda done, total: seen.append((done, total)))  # fmt: skip
    text = file.read_text(encoding="utf-8")
    (recorded,) = re.findall(r'<script type="application/json" id="recorded">(.*?)</script>', text, re.DOTALL)
    got = json.loads(recorded)
    assert [e["state"] for e in got["experiments"]] == ["s=commune&v=pay_link:0.5&y=10&w=2", "s=commune&w=2"]
    answers = {(a["path"], json.dumps(a.get("body"), sort_keys=True)): a for a in got["answers"]}
    body = {"scenario": "commune", "values": {"pay_link": 0.5}, "from_year": 10}
    frames = answers["/api/pair", json.dumps({**body, "world": 2}, sort_keys=True)]["frames"]
    live = TestClient(guarded(folder, kept_in), base_url=ADDRESS)
    assert gzip.decompress(base64.b64decode(frames)) == live.post("/api/pair", json={**body, "world": 2}).content
    judged = {**body, "question": "commune", "most_worlds": 40}
    (line,) = answers["/api/odds", json.dumps(judged, sort_keys=True)]["lines"]
    assert line == lines(live.post("/api/odds", json=judged))[-1] and line["done"]
    assert answers["/api/scenarios/commune", "null"]["json"] == live.get("/api/scenarios/commune").json()
    assert {"/api/catalogue", "/api/models/society", "/api/questions/commune"} <= {path for path, _ in answers}
    assert seen[-1] == (80, 80)
    # Nothing is fetched from elsewhere.
    assert not re.search(r'(?:src|href)="(?!data:|#)[^"]*"', text[: text.index("<script")])


def test_an_export_that_fails_leaves_no_file(tmp_path: Path, folder: Path) -> None:
    file = tmp_path / "page.html"
    with pytest.raises(BestowalError, match="pay_lonk"):
        export(file, "commune", {"pay_lonk": 0.5}, folder=folder, store=tmp_path / "s")
    assert not file.exists()


@pytest.mark.society
def test_a_notebook_is_answered_as_the_server_answers(page: TestClient, folder: Path, kept_in: Path) -> None:
    from bestowal.explore.notebook import Answering, widget

    said: list[tuple[dict, list[bytes]]] = []
    answering = Answering(lambda content, buffers=(): said.append((content, list(buffers))), folder, kept_in)

    def tell(path: str, body: Any = None, method: str = "GET") -> list[tuple[dict, list[bytes]]]:
        said.clear()
        thread = answering.hear({"id": 7, "method": method, "path": path, "body": body})
        assert thread is not None
        thread.join(120)
        assert all(content["id"] == 7 for content, _ in said)
        return list(said)

    for path in ("/api/catalogue", "/api/models/society", "/api/scenarios/mine", "/api/questions/russia", "/api/claims",
                 "/api/answers", "/api/store"):  # fmt: skip
        assert tell(path)[0][0]["json"] == page.get(path).json(), path
    ((content, buffers),) = tell("/api/pair", PAIR, "POST")
    assert content == {"id": 7, "frames": True} and buffers == [page.post("/api/pair", json=PAIR).content]
    ((_, buffers),) = tell("/api/lattice", LATTICE, "POST")
    assert buffers == [page.post("/api/lattice", json=LATTICE).content]
    got = [content for content, _ in tell("/api/odds", ODDS, "POST")]
    assert [c["line"] for c in got[:-1]] == lines(page.post("/api/odds", json=ODDS)) and got[-1] == {
        "id": 7,
        "end": True,
    }
    for path, body, method, word in (
        ("/api/pair", {**PAIR, "scenario": "../x"}, "POST", "there is no scenario"),
        ("/api/pair", {**PAIR, "more": 1}, "POST", "more: "),
        ("/api/store/x", None, "DELETE", "can't be asked for"),
        ("/etc/passwd", None, "GET", "there is no such thing"),
        ("/api/models/nope", None, "GET", "there is no model"),
    ):
        ((content, _),) = tell(path, body, method)
        assert word in content["error"]
    # One that is stopped says no more.
    said.clear()
    thread = answering.hear({"id": 9, "method": "POST", "path": "/api/odds", "body": {**ODDS, "most_worlds": 20_000}})
    answering.hear({"id": 9, "cancel": True})
    assert thread is not None
    thread.join(120)
    assert not thread.is_alive() and not any(content.get("end") for content, _ in said)
    assert answering.hear("nonsense") is None
    shown = widget("mine", {"pay_link": 0.5}, 1846, folder=folder, store=kept_in)
    assert shown.state == "s=mine&v=pay_link:0.5&y=3" and "render" in shown._esm
    with pytest.raises(BestowalError, match="from_year = 99"):
        widget("mine", {"pay_link": 0.5}, 99, folder=folder)


# ----------------------------------------------------------------------------------------------------- the command line


def started(*arguments: str, cwd: Path, store: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bestowal", "explore", *arguments, "--no-browser", "--store", str(store)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd, env=environment()
    )


@pytest.mark.subprocess
@pytest.mark.skipif(sys.platform == "win32", reason="sends an interrupt as a terminal does")
def test_stopped_while_at_work_it_ends_quietly_and_loses_nothing(folder: Path, tmp_path: Path) -> None:
    running = started("mine.toml", "--port", "0", cwd=folder, store=tmp_path)
    try:
        assert running.stdout is not None
        line = running.stdout.readline()
        found = re.match(r"http://127\.0\.0\.1:(\d+)/#s=mine ", line)
        assert found, line
        port = int(found[1])
        taken = started("--port", str(port), cwd=folder, store=tmp_path)
        _, said = taken.communicate(timeout=120)
        assert (
            taken.returncode == 2 and said.startswith(f"bestowal: 127.0.0.1, port {port}: ") and said.count("\n") == 1
        )
        client = HTTPConnection("127.0.0.1", port, timeout=120)
        body = json.dumps({"scenario": "mine", "values": {"pay_link": 0.5}, "most_worlds": 20_000})
        client.request("POST", "/api/odds", body, {"Content-Type": "application/json"})
        with client.getresponse() as heard:
            assert json.loads(heard.readline())["worlds"] == 32
            running.send_signal(signal.SIGINT)
            _, said = running.communicate(timeout=120)
        client.close()
    finally:
        running.kill()
    assert running.returncode == 0 and said == "bestowal: stopped; blocks that had finished are kept\n"
    asked_, base = odds.plain(scenario(folder / "mine.toml")), scenario(folder / "mine.toml")
    again = store.run(with_test(base, asked_), 32, store=tmp_path)
    assert again.attrs["repaired"] == "" and again.sizes["world"] == 32


def test_the_verb_checks_before_it_serves(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from bestowal import explore as pages
    from bestowal.cli import app as cli

    served: list[tuple[str, dict]] = []
    monkeypatch.setattr(pages, "serve", lambda state, **more: served.append((state, more)))
    monkeypatch.chdir(folder)
    run = CliRunner().invoke
    for arguments, said in (
        (["nowhere"], "there is no scenario 'nowhere'"),
        (["wrong.toml"], 'did you mean "pay_link"?'),
        (["pyproject.toml"], "pyproject.toml"),
        (["commune", "--from-year", "3"], "--from-year 3: needs --set"),
        (["commune", "--set", "pay_link=3"], "pay_link = 3"),
        (
            ["commune", "--set", "pay_link=0.3", "--from-year", "99"],
            "--from-year 99: years run from 1843 to 1882; 99 is not one",
        ),
        (["commune", "--world", "-1"], "world = -1"),
        (["commune", "--export", str(tmp_path / "x.html"), "--set", "pay_lonk=1"], "pay_lonk"),
    ):
        got = run(cli.app, ["explore", *arguments])
        assert got.exit_code == 2 and said in got.stderr and got.stderr.count("\n") == 1, got.stderr
    assert not served and not (tmp_path / "x.html").exists()
    got = run(cli.app, ["explore", "mine.toml", "--set", "pay_link=0.5", "--from-year", "1847", "--world", "7"])
    assert got.exit_code == 0 and served[0][0] == "s=mine&v=pay_link:0.5&y=4&w=7"
    assert served[0][1]["folder"] == folder.resolve() and served[0][1]["host"] is None
    run(cli.app, ["explore", "mine"])
    assert served[1][0] == "s=mine"
