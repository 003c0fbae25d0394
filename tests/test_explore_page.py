"""The page of explore in a real browser: Debian's Chromium, driven by Playwright, over the real server."""

import hashlib
import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from needed import unavailable

from bestowal.explore import page as bundle
from bestowal.simulation import engine
from bestowal.simulation.scenario_file import scenario

VENDOR = bundle.FOLDER / "vendor"
TESTS_VENDOR = Path(__file__).parent / "vendor"
CHROMIUM = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists()), None)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WAIT = 30_000  # milliseconds until a test gives up; none waits so long where all is well

# The smallest society that shows something: two communities of twelve, twelve years.
SMALL = """
title = "Two small communities"
model = "society"
years = 12
first_year = 1900
seed = 7

[values]
n_communities = 2
n_places = 16
n_founded = 2
n_founders = 12
minimum = 2
"""


# -- without a browser --


@pytest.mark.parametrize("folder", [VENDOR, TESTS_VENDOR], ids=["page", "tests"])
def test_vendored_files_are_those_recorded(folder: Path) -> None:
    sums = dict(reversed(line.split("  ")) for line in (folder / "SHA512SUMS").read_text().splitlines())
    assert set(sums) == {file.name for file in folder.iterdir()} - {"SHA512SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha512((folder / name).read_bytes()).hexdigest() == digest, name


def test_vendored_versions_are_those_locked() -> None:
    lock = json.loads((bundle.FOLDER / "package-lock.json").read_text())["packages"]
    for name, file in (("uplot", VENDOR / "uPlot.iife.min.js"), ("axe-core", TESTS_VENDOR / "axe.min.js")):
        locked = lock[f"node_modules/{name}"]
        assert locked["integrity"].startswith("sha512-")
        assert f"v{locked['version']}" in file.read_text()[:200]


def test_modules_can_be_put_one_after_another() -> None:
    files = {file.stem for file in bundle.FOLDER.glob("*.js")}
    assert files == {*bundle.MODULES, "start", "notebook"}
    tops: list[str] = []
    for position, name in enumerate((*bundle.MODULES, "start")):
        text = (bundle.FOLDER / f"{name}.js").read_text()
        for imported in re.findall(r'^import \{[^}]*\} from "\./(\w+)\.js";$', text, re.MULTILINE):
            assert imported in bundle.MODULES[:position], f"{name} imports {imported}, which comes later"
        tops += re.findall(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", text, re.MULTILINE)
    assert len(tops) == len(set(tops)), sorted(top for top in tops if tops.count(top) > 1)
    joined = bundle.joined((*bundle.MODULES, "start"))
    assert not re.search(r"^(?:import|export)\b", joined, re.MULTILINE)


def test_document_needs_nothing_else_and_no_answer_ends_it() -> None:
    html = bundle.document({"made": "</script><b>", "experiments": [], "answers": []})
    assert "</script><b>" not in html
    assert not re.search(r'(?:src|href)="(?!data:)', html)


# -- in a browser --


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Server:
    """`bestowal explore` on a port of its own, in a folder with one scenario; it can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        command = [sys.executable, "-c", "from bestowal.cli.app import main; main()", "explore", "--no-browser"]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), "--store", str(self.folder / "results")],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(self.url + "api/health", timeout=5):
                    return
            except OSError:
                assert self.process.poll() is None and time.monotonic() < until, "the server did not start"
                time.sleep(0.1)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright import sync_api

    if CHROMIUM is None:
        unavailable("no Chromium: apt-get install chromium")
    with sync_api.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("explore")
    (folder / "small.toml").write_text(SMALL)
    next(engine.lives(scenario(folder / "small.toml"), 0))  # compiled before a browser waits for it
    started = Server(folder)
    started.start()
    yield started
    started.stop()


@pytest.fixture
def new_page(browser: Any) -> Iterator[Any]:
    """Opens pages, and fails the test where one of them meets an error."""
    contexts, errors = [], []

    def make(url: str | None = None, *, width: int = 1280, height: int = 900, **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(WAIT)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        if url:
            page.goto(url)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not errors


def shown(page: Any, **asked: Any) -> None:
    """Wait until the pair with this in its question is drawn."""
    page.wait_for_function(
        """asked => {
          const root = document.getElementById("explore");
          const shown = root?.dataset.shown && JSON.parse(root.dataset.shown);
          const alike = ([name, value]) => JSON.stringify(shown[name]) === JSON.stringify(value);
          return shown && Object.entries(asked).every(alike);
        }""",
        arg=asked,
        timeout=WAIT,
    )


def picture(page: Any, side: str) -> str:
    """The pixels of one world, as a data address."""
    return str(page.locator(f".twin.{side} canvas").evaluate("canvas => canvas.toDataURL()"))


def year(page: Any, to: int) -> None:
    page.locator(".scrub").evaluate(
        "(slider, to) => { slider.value = to; slider.dispatchEvent(new Event('input')); }", to
    )


def set_lever(page: Any, name: str, value: float) -> None:
    page.locator(".levers input[type=search]").fill(name)
    box = page.locator(f'.lever[data-name="{name}"] input[type=number]')
    box.fill(str(value))
    box.press("Enter")
    page.locator(".levers input[type=search]").fill("")


def test_a_lever_moves_the_right_world_and_never_the_left(server: Server, new_page: Any) -> None:
    page = new_page(server.url + "#s=small&t=8")
    shown(page, values={})
    left, right = picture(page, "was"), picture(page, "with")
    assert left == right, "with no change there is no mark, and both worlds are drawn alike"
    assert page.evaluate("document.getElementById('explore').page.pair.meta.same") is True
    set_lever(page, "pay_link", 0.6)
    shown(page, values={"pay_link": 0.6})
    assert picture(page, "was") == left
    assert picture(page, "with") != right
    assert "differ from the baseline" in page.locator(".twin.with .told").inner_text()
    page.get_by_role("button", name="Undo").click()
    shown(page, values={})
    assert picture(page, "with") == right
    page.get_by_role("button", name="Redo").click()
    shown(page, values={"pay_link": 0.6})
    page.go_back()
    shown(page, values={})


def test_scrubbing_draws_another_year_in_both_worlds(server: Server, new_page: Any) -> None:
    page = new_page(server.url + "#s=small&v=pay_link:0.6&y=4")
    shown(page, values={"pay_link": 0.6}, from_year=4)
    first = picture(page, "was"), picture(page, "with")
    assert first[0] == first[1], "before the change begins nobody is marked"
    year(page, 9)
    assert page.locator(".clock .year").inner_text() == "1909"
    later = picture(page, "was"), picture(page, "with")
    assert later[0] != first[0] and later[1] != first[1] and later[0] != later[1]
    year(page, 0)
    assert (picture(page, "was"), picture(page, "with")) == first
    page.get_by_role("button", name="One year forward").click()
    assert page.locator(".clock .year").inner_text() == "1901"


def test_the_link_restores_the_experiment(server: Server, new_page: Any) -> None:
    page = new_page(server.url + "#s=small&v=pay_link:0.6&y=3&w=2&t=7")
    shown(page, values={"pay_link": 0.6}, from_year=3, world=2)
    page.wait_for_function("() => document.querySelector('.clock .year').textContent === '1907'")
    again = new_page(page.url)
    shown(again, values={"pay_link": 0.6}, from_year=3, world=2)
    again.wait_for_function("() => document.querySelector('.clock .year').textContent === '1907'")
    assert again.locator("#from").input_value() == "1903" and again.locator("#world").input_value() == "2"
    for side in ("was", "with"):
        assert picture(again, side) == picture(page, side)
    set_lever(again, "pay_link", 0.3)
    assert "w=2" in again.url, "a step keeps the world"


def test_two_tabs_know_nothing_of_each_other(server: Server, new_page: Any) -> None:
    one = new_page(server.url + "#s=small&v=pay_link:0.6&t=6")
    other = one.context.new_page()
    other.goto(server.url + "#s=small&v=screening:0.9&w=1&t=6")
    shown(one, values={"pay_link": 0.6}, world=0)
    shown(other, values={"screening": 0.9}, world=1)
    set_lever(one, "pay_link", 0.3)
    shown(one, values={"pay_link": 0.3}, world=0)
    shown(other, values={"screening": 0.9}, world=1)
    assert "screening:0.9" in other.url and "pay_link:0.3" in one.url


def test_the_odds_come_in_and_say_how_many_worlds(server: Server, new_page: Any) -> None:
    page = new_page(server.url + "#s=small&v=pay_link:0.6")
    with page.expect_request(lambda request: (request.post_data_json or {}).get("most_worlds") == 100, timeout=WAIT):
        page.locator(".odds select").select_option("100")
    page.wait_for_function("() => document.getElementById('explore').dataset.odds !== undefined", timeout=WAIT)
    text = page.locator(".odds").inner_text()
    assert "100 worlds" in text and "Sufficiency" in text and "%" in text


def test_keys_lead_from_person_to_person_and_back(server: Server, new_page: Any) -> None:
    page = new_page(server.url + "#s=small&v=pay_link:0.6&t=5")
    shown(page, values={"pay_link": 0.6})
    live = page.locator("[aria-live=polite]")
    page.wait_for_function("() => document.querySelector('[aria-live=polite]').textContent.startsWith('1905')")
    page.locator(".twin.with canvas").focus()
    said = []
    for key in ("Home", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
        said.append(live.inner_text())
    first, second, third, *back = said
    assert len({first, second, third}) == 3
    assert back == [second, first]


def test_people_by_keyboard(server: Server, new_page: Any) -> None:
    page = new_page(server.url + "#s=small&v=pay_link:0.6&t=5")
    shown(page, values={"pay_link": 0.6})
    page.locator(".twin.with canvas").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.locator(".lives th", has_text="Motive").count() == 1
    assert "ifferent since" in page.locator(".lives").inner_text()
    said = page.locator("[aria-live=polite]").inner_text()
    assert "Baseline:" in said and "With the change:" in said
    page.keyboard.press("PageDown")
    assert page.locator(".clock .year").inner_text() == "1906"
    assert page.locator(".lives th", has_text="Motive").count() == 1, "whoever is kept hold of stays"


@pytest.mark.parametrize(
    ("where", "scheme"),
    [
        ("s=small&v=pay_link:0.6&t=5", "light"),
        ("s=small&v=pay_link:0.6&t=5", "dark"),
        ("p=models", "dark"),
        ("p=store", "light"),
        ("p=claims", "light"),
        ("p=answers", "dark"),
    ],
)
def test_axe_finds_nothing(server: Server, new_page: Any, where: str, scheme: str) -> None:
    page = new_page(f"{server.url}#{where}", color_scheme=scheme, bypass_csp=True)
    if where.startswith("s="):
        shown(page, values={"pay_link": 0.6})
    page.wait_for_selector("h1:not(:empty)")
    page.add_script_tag(path=str(TESTS_VENDOR / "axe.min.js"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", tags)["violations"]
    assert [(one["id"], one["impact"], [n["html"][:120] for n in one["nodes"][:3]]) for one in found] == []


@pytest.mark.parametrize("where", ["s=small&v=pay_link:0.6&t=5", "p=models", "p=store", "p=claims"])
def test_nothing_is_wider_than_a_phone(server: Server, new_page: Any, where: str) -> None:
    page = new_page(f"{server.url}#{where}", width=390, height=844, has_touch=True, is_mobile=True)
    page.wait_for_selector("h1:not(:empty)")
    if where.startswith("s="):
        shown(page, values={"pay_link": 0.6})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_lattice_changes_from_the_step_on(server: Server, new_page: Any) -> None:
    page = new_page(server.url + "#p=models&s=hammond_axelrod_2006&t=60")
    page.wait_for_function(
        "() => document.querySelector('.lattice-page .year')?.textContent === 'period 60'", timeout=WAIT
    )
    cost = page.locator('.lattice-page input[aria-label^="Cost"]')
    before = page.locator("canvas.lattice").evaluate("canvas => canvas.toDataURL()")
    cost.evaluate("slider => { slider.value = slider.max; slider.dispatchEvent(new Event('change')); }")
    page.wait_for_function("() => location.hash.includes('c=60.cost:0.05')")
    page.wait_for_function(
        "before => document.querySelector('canvas.lattice').toDataURL() !== before", arg=before, timeout=WAIT
    )


def test_a_stopped_server_is_said_and_nothing_is_lost(server: Server, new_page: Any) -> None:
    page = new_page(server.url + "#s=small&v=pay_link:0.6&t=5")
    shown(page, values={"pay_link": 0.6})
    left = picture(page, "was")
    server.stop()
    try:
        set_lever(page, "screening", 0.9)
        page.wait_for_selector(".banner:not([hidden])", timeout=WAIT)
        assert "has stopped" in page.locator(".banner").inner_text()
        assert picture(page, "was") == left and "screening:0.9" in page.url
    finally:
        server.start()
    page.wait_for_selector(".banner", state="hidden", timeout=WAIT)
    shown(page, values={"pay_link": 0.6, "screening": 0.9})
    assert picture(page, "was") == left


def test_the_export_opens_from_the_disk_with_no_network(server: Server, new_page: Any) -> None:
    from bestowal.explore import export

    file = server.folder / "out.html"
    export(file, "small", {"pay_link": 0.6}, 1903, worlds=32, folder=server.folder, store=server.folder / "results")
    page = new_page()
    page.context.set_offline(True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    shown(page, values={"pay_link": 0.6}, from_year=3)
    year(page, 9)
    assert picture(page, "was") != picture(page, "with")
    page.locator("#preset").select_option(label="Baseline")
    shown(page, values={})
    assert picture(page, "was") == picture(page, "with")
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_the_page_in_a_notebook(new_page: Any, server: Server) -> None:
    """The widget's module with a model that answers as a kernel does, from the server's own answers."""
    script, style = bundle.widget()
    page = new_page(server.url + "#p=answers", bypass_csp=True)
    page.wait_for_selector("h1")
    page.evaluate(
        """async ([script, style]) => {
          document.head.append(Object.assign(document.createElement("style"), {textContent: style}));
          const widget = (await import(URL.createObjectURL(new Blob([script], {type: "text/javascript"})))).default;
          const heard = [], set = {state: "s=small&v=pay_link:0.6&t=4"};
          const model = {
            get: name => set[name], set: (name, value) => (set[name] = value), save_changes() {},
            on: (_, does) => heard.push(does), off() {},
            async send({id, method, path, body, cancel}) {
              if (cancel) return;
              const headers = body ? {"Content-Type": "application/json"} : {};
              const reply = await fetch(path, {method, headers, body: body && JSON.stringify(body)});
              const answer = (message, buffers = []) => heard.forEach(does => does(message, buffers));
              const frames = async () => [new DataView(await reply.arrayBuffer())];
              if (path === "/api/pair") return answer({id, frames: true}, await frames());
              if (path !== "/api/odds") return answer({id, json: await reply.json()});
              for (const line of (await reply.text()).trim().split("\\n")) answer({id, line: JSON.parse(line)});
              answer({id, end: true});
            },
          };
          const el = document.createElement("div");
          document.getElementById("explore").replaceWith(el);
          widget.render({model, el});
          el.firstChild.id = "explore";
          window.model = set;
        }""",
        [script, style],
    )
    shown(page, values={"pay_link": 0.6})
    set_lever(page, "pay_link", 0.2)
    shown(page, values={"pay_link": 0.2})
    assert page.evaluate("model.state").startswith("s=small&v=pay_link:0.2")
