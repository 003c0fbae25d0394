"""bestowal: a laboratory for societies of giving.

    import bestowal as bs
    kibbutz = bs.scenario("kibbutz")
    bs.compare(kibbutz, kibbutz.but(exit_right=0.5, from_year=1940))

Each name is loaded at its first use, so that importing bestowal costs next to nothing.
"""

import importlib
import sys
from types import ModuleType

TYPE_CHECKING = False  # as in typing, which takes milliseconds to import: Ctrl-C in them nobody would hear
if TYPE_CHECKING:
    from bestowal.claims import check
    from bestowal.compare import compare
    from bestowal.data import data
    from bestowal.model import BestowalError
    from bestowal.question import ask
    from bestowal.scenario import Change, Scenario, scenario, scenarios
    from bestowal.store import read, run
    from bestowal.sweep import sweep

__all__ = [
    "BestowalError",
    "Change",
    "Scenario",
    "ask",
    "check",
    "compare",
    "data",
    "read",
    "run",
    "scenario",
    "scenarios",
    "sweep",
]

_WHERE = {
    "BestowalError": "model",
    "Change": "scenario",
    "Scenario": "scenario",
    "ask": "question",
    "check": "claims",
    "compare": "compare",
    "data": "data",
    "read": "store",
    "run": "store",
    "scenario": "scenario",
    "scenarios": "scenario",
    "sweep": "sweep",
}


_MODULES = ("calibration", "experiments", "explore", "questions", "site", "summary", "theory")


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return importlib.import_module(f"bestowal.{name}")
    if name not in _WHERE:
        raise AttributeError(f"module 'bestowal' has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"bestowal.{_WHERE[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, *_MODULES]


class _Package(ModuleType):
    """Some public functions are named as the modules they live in, such as `scenario`. Importing a module binds it in
    its package, over the function; here it doesn't. (`from bestowal.scenario import …` is not touched by this.)
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _WHERE and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
