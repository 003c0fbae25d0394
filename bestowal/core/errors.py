"""Errors that the user can correct, and the values and suggestions in their messages."""

import difflib
from collections.abc import Iterable


class BestowalError(Exception):
    """An error that the user can correct; its message is one line."""


def shown(value: object) -> str:
    """A value in a message: its repr, cut where it is long."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # an int of thousands of digits; what lies too deep
        text = f"a value of type {type(value).__name__} too large to print"
    return text if len(text) <= 100 else f"{text[:80]}… ({len(text):,} characters)"


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: '; did you mean "pay_link"?', or the names if they are few."""
    known = list(known)
    small = {other.casefold(): other for other in reversed(known)}
    close = difflib.get_close_matches(name.casefold(), small, n=1, cutoff=0.5)
    if close:
        return f'; did you mean "{small[close[0]]}"?'
    return f"; there are: {', '.join(known)}" if 0 < len(known) <= 12 else ""
