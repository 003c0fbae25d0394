"""The page in a notebook: the same page and the same answers, with messages in place of a server.

    from bestowal.explore.notebook import widget
    widget("kibbutz", {"exit_right": 0.5}, from_year=1940)

Needs anywidget: the extra `notebook` of bestowal.
"""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bestowal.core.errors import BestowalError
from bestowal.explore import catalogue, page
from bestowal.explore import stored as kept
from bestowal.explore.pairs import Stopped, twin
from bestowal.explore.requests import (
    LatticeRequest,
    OddsRequest,
    PairRequest,
    lattice_frames,
    odds_lines,
    pair,
    state_of,
    version,
)  # fmt: skip


def widget(
    scenario: str = "kibbutz",
    values: Mapping[str, float] | None = None,
    from_year: int | None = None,
    world: int = 0,
    *,
    folder: Path | None = None,
    store: Path | None = None,
) -> Any:
    """The page with this experiment, as an anywidget; its trait ``state`` is what the page's address would hold.

    ``from_year`` is a year of the scenario's calendar, from which the values hold; from the start unless given.
    ``folder`` is where the user's own .toml files are, the current one unless given; ``store`` as for `bestowal.run`.
    """
    try:
        import anywidget
        import traitlets
    except ImportError:
        raise BestowalError("a notebook needs anywidget: pip install anywidget") from None
    folder = folder or Path.cwd()
    base = catalogue.scenario(scenario, folder)
    step = 0 if from_year is None else base.step(from_year, "from_year")
    twin(base, values or {}, step)  # what can't be is refused here, not in the page
    script, style = page.widget()

    class Explore(anywidget.AnyWidget):
        _esm = script
        _css = style
        state = traitlets.Unicode("").tag(sync=True)

    made = Explore(state=state_of(scenario, values or {}, step, world))
    answering = Answering(made.send, folder, store)
    made.on_msg(lambda _, content, buffers: answering.hear(content))
    return made


class Answering:
    """Answers the page's messages, each on a thread of its own: the kernel stays free, and a message can stop another.

    ``send(content, buffers)`` takes the answers; the page's README says what they are.
    """

    def __init__(self, send: Any, folder: Path, store: Path | None) -> None:
        self.send, self.folder, self.store = send, folder, store
        self.at_work: dict[Any, threading.Event] = {}
        self.odds = threading.Lock()  # one at a time: they take all processors

    def hear(self, content: Any) -> threading.Thread | None:
        """Begin to answer a message, or stop answering one. Returns the thread at work."""
        if not isinstance(content, dict) or "id" not in content:
            return None
        number = content["id"]
        if content.get("cancel"):
            if number in self.at_work:
                self.at_work[number].set()
            return None
        stop = self.at_work[number] = threading.Event()
        thread = threading.Thread(target=self._answer, args=(number, content, stop), daemon=True)
        thread.start()
        return thread

    def _answer(self, number: Any, content: dict[str, Any], stop: threading.Event) -> None:
        from pydantic import ValidationError

        method, path, body = str(content.get("method", "GET")), str(content.get("path", "")), content.get("body")
        try:
            if (method, path) == ("POST", "/api/pair"):
                self._frames(number, pair(PairRequest.model_validate(body), self.folder, stop.is_set))
            elif (method, path) == ("POST", "/api/lattice"):
                self._frames(number, lattice_frames(LatticeRequest.model_validate(body), stop.is_set))
            elif (method, path) == ("POST", "/api/odds"):
                asked = OddsRequest.model_validate(body)
                with self.odds:
                    for line in odds_lines(asked, self.folder, self.store, stop.is_set):
                        self.send({"id": number, "line": json.loads(line)})
                self.send({"id": number, "end": True})
            elif method == "GET":
                self.send({"id": number, "json": self._read(path)})
            else:
                raise BestowalError(f"{method} {path}: can't be asked for in a notebook")
        except Stopped:
            pass
        except BestowalError as error:
            self.send({"id": number, "error": str(error)})
        except ValidationError as error:
            said = error.errors()[0]
            where = ".".join(str(part) for part in said["loc"])
            self.send({"id": number, "error": f"{where}: {said['msg']}" if where else said["msg"]})
        except Exception as error:  # said on the page, where somebody waits for it; the thread has nobody to tell
            self.send({"id": number, "error": f"{type(error).__name__}: {error}"})
        finally:
            self.at_work.pop(number, None)

    def _frames(self, number: Any, content: bytes) -> None:
        self.send({"id": number, "frames": True}, [content])

    def _read(self, path: str) -> Any:
        """What the server's routes of that path give."""
        match path.removeprefix("/api/").split("/"):
            case ["health"]:
                return {"version": version(), "session": "notebook"}
            case ["catalogue"]:
                return catalogue.catalogue(self.folder)
            case ["models", name]:
                return catalogue.model(name)
            case ["scenarios", name]:
                return catalogue.shown_scenario(name, self.folder)
            case ["questions", name]:
                return catalogue.shown_question(name, self.folder)
            case ["claims"]:
                return kept.claims(self.store)
            case ["answers"]:
                return kept.answers(self.store)
            case ["store"]:
                return kept.runs(self.store, catalogue.titles(self.folder))
        raise BestowalError(f"GET {path}: there is no such thing")
