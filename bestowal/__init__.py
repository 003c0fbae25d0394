"""bestowal: a laboratory for societies of giving.

    import bestowal as bs
    kibbutz = bs.scenario("kibbutz")
    bs.compare(kibbutz, kibbutz.but(exit_right=0.5, from_year=1940))

Each name is loaded at its first use, so that importing bestowal costs next to nothing.
"""

import importlib

TYPE_CHECKING = False  # as in typing, which takes milliseconds to import: Ctrl-C in them nobody would hear
if TYPE_CHECKING:
    from bestowal.calibration.datasets import data
    from bestowal.claims.paper import check
    from bestowal.core.errors import BestowalError
    from bestowal.questions.ask import ask
    from bestowal.questions.full import in_full
    from bestowal.questions.question_file import question
    from bestowal.report.citation import cite
    from bestowal.simulation.compare import compare
    from bestowal.simulation.design import Range
    from bestowal.simulation.scenario import Change, Scenario
    from bestowal.simulation.scenario_file import scenario, scenarios
    from bestowal.simulation.store import read, run
    from bestowal.simulation.sweep import sweep

__all__ = [
    "BestowalError",
    "Change",
    "Range",
    "Scenario",
    "ask",
    "check",
    "cite",
    "compare",
    "data",
    "in_full",
    "question",
    "read",
    "run",
    "scenario",
    "scenarios",
    "sweep",
]

_WHERE = {
    "BestowalError": "core.errors",
    "Change": "simulation.scenario",
    "Range": "simulation.design",
    "Scenario": "simulation.scenario",
    "ask": "questions.ask",
    "check": "claims.paper",
    "cite": "report.citation",
    "compare": "simulation.compare",
    "data": "calibration.datasets",
    "in_full": "questions.full",
    "question": "questions.question_file",
    "read": "simulation.store",
    "run": "simulation.store",
    "scenario": "simulation.scenario_file",
    "scenarios": "simulation.scenario_file",
    "sweep": "simulation.sweep",
}
_MODULES = {
    "calibration": "calibration",
    "experiments": "claims.source",
    "explore": "explore",
    "prior": "uncertainty.prior",
    "questions": "questions",
    "site": "report.site",
    "summary": "simulation.summary",
    "theory": "statistics.evolutionary_games",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("bestowal")
    if name in _MODULES:
        return importlib.import_module(f"bestowal.{_MODULES[name]}")
    if name not in _WHERE:
        raise AttributeError(f"module 'bestowal' has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"bestowal.{_WHERE[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, *_MODULES]
