"""How a figure is drawn: as SVG to stand inside a page, in the page's colours, and as a file of its own.

Each is drawn twice, for a wide and for a narrow screen. Their colours become the page's CSS variables, so that they
follow light and dark; their text stays text, in the page's font. The same figure is the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

# Figures are drawn in these colours, and each is then replaced by the page's variable of that name.
COLOURS = {
    "ink": "#111112",
    "soft": "#666667",
    "rule": "#d0d0d1",
    "wash": "#efefee",
    "motive": "#b4540a",
    "institution": "#1f5fa8",
    "surroundings": "#3c7d4a",
    "mixed": "#7a4b94",
}
MARKERS = {"motive": "o", "institution": "s", "surroundings": "^", "mixed": "D"}


def standalone(svg: str) -> str:
    """A figure as a file of its own: with the colours and the font that a page would give it."""
    for name, colour in COLOURS.items():
        svg = svg.replace(f"var(--{name})", colour)
    style = "background: white; font-family: 'DejaVu Sans', sans-serif"
    return svg.replace("<svg ", f'<svg style="{style}" ', 1) + "\n"


def twice(draw: Callable[[bool], Figure]) -> dict[str, str]:
    """The figure that ``draw(wide)`` draws, for each screen: "wide" or "narrow"."""
    settings: Any = {
        "font.size": 9,
        "font.family": "DejaVu Sans",
        "svg.fonttype": "none",
        "text.parse_math": False,
        "axes.edgecolor": COLOURS["rule"],
        "axes.labelcolor": COLOURS["soft"],
        "axes.titlesize": 9,
        "axes.titlecolor": COLOURS["ink"],
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.linewidth": 0.8,
        "text.color": COLOURS["ink"],
        "xtick.color": COLOURS["rule"],
        "ytick.color": COLOURS["rule"],
        "xtick.labelcolor": COLOURS["soft"],
        "ytick.labelcolor": COLOURS["soft"],
        "grid.color": COLOURS["rule"],
        "grid.linewidth": 0.5,
    }
    drawn = {}
    for name in ("wide", "narrow"):
        with matplotlib.rc_context(settings):
            drawn[name] = _svg(draw(name == "wide"))
    return drawn


def _svg(figure: Figure) -> str:
    """A figure as inline SVG, in the page's colours and font, as wide as it is given."""
    out = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "bestowal"}):
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) (?:width|height)="[^"]*"', r"\1", svg)
    svg = re.sub(r'(<svg[^>]*?) (?:width|height)="[^"]*"', r"\1", svg)
    svg = re.sub(r"font: (?:(\d+) )?([\d.]+px) [^;\"]*", r"font-weight: \1; font-size: \2", svg).replace(
        "font-weight: ;", ""
    )
    svg = re.sub(r"font-family: [^;\"]*;?", "", svg)
    for name, colour in COLOURS.items():
        svg = svg.replace(colour, f"var(--{name})")
    # Two figures on a page may not share the names of what they define.
    prefix = "f" + hashlib.sha256(svg.encode()).hexdigest()[:8]
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}\1"', svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}\1)", svg)
    return svg.replace("<svg ", '<svg aria-hidden="true" ', 1)


def canvas(width: float, height: float) -> Figure:
    """A figure of this size in points."""
    return Figure(figsize=(width / 72, height / 72))


def whole_years(most: int) -> Any:
    return MaxNLocator(most, integer=True, steps=[1, 2, 5, 10])


def few() -> Any:
    return MaxNLocator(4, steps=[1, 2, 2.5, 5, 10])
