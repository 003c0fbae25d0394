"""How long work reports its progress: one protocol for every command and function that takes ``progress``."""

from typing import Protocol


class Progress(Protocol):
    """Called as work goes on, in the thread that asked for it."""

    def __call__(self, done: float, total: int, part: str | None = None, /) -> None:
        """Report progress.

        Parameters
        ----------
        done : worlds done, or other units of ``total``; not whole while one of them is under way.
        total : of the whole work, or of ``part`` where there are parts.
        part : the part now under way: a claim, a kind of question, a fit.
        """
