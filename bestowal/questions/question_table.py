"""A table of a question file that knows its file and its place, so that a complaint names both."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bestowal.core.errors import BestowalError, nearest


class Table:
    """A table of the file that knows where it stands, so that every complaint can say so.

    With ``keys``, no other key may stand in it.
    """

    def __init__(self, file: str, place: str, table: Mapping[str, Any], keys: Sequence[str] = ()) -> None:
        self.file, self.place, self.table = file, place, table
        for key in table if keys else ():
            if key not in keys:
                raise self.error(key, f"no such key here{nearest(key, keys)}")

    def error(self, key: str, message: str) -> BestowalError:
        where = ".".join(filter(None, [self.place, key]))
        return BestowalError(f"{self.file}: {where}: {message}")

    def text(self, key: str, default: str | None = None) -> str:
        value = self._get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.error(key, f"must be text, not {shown_value(value)}")
        return value

    def integer(self, key: str, default: int, low: int, high: int) -> int:
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.error(key, f"must be a whole number from {low} to {high}, not {shown_value(value)}")
        return value

    def share(self, key: str, default: float) -> float:
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
            raise self.error(key, f"must be a number between 0 and 1, not {shown_value(value)}")
        return float(value)

    def positive(self, key: str, default: float) -> float:
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
            raise self.error(key, f"must be a number above 0, not {shown_value(value)}")
        return float(value)

    def flag(self, key: str) -> bool:
        value = self._get(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f"must be true or false, not {shown_value(value)}")
        return value

    def names(self, key: str) -> list[str]:
        value = self._get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(key, f"must be a list of names, not {shown_value(value)}")
        return list(value)

    def inner(self, key: str, keys: Sequence[str] = (), default: Mapping[str, Any] | None = None) -> Table:
        value = self._get(key, default)
        if not isinstance(value, Mapping):
            raise self.error(key, f"must be a table, not {shown_value(value)}")
        return Table(self.file, ".".join(filter(None, [self.place, key])), value, keys)

    def each(self, key: str, keys: Sequence[str], renamed: Mapping[str, str]) -> Iterator[Table]:
        """Each table of a list; ``renamed``: old keys, read with a warning, and the keys that they are now."""
        value = self._get(key, None)
        if not isinstance(value, list) or not value or not all(isinstance(item, Mapping) for item in value):
            raise self.error(key, f"must be a list of [[{key}]], not {shown_value(value)}")
        for index, item in enumerate(value, 1):
            name = item.get("name")
            place = f"{key} {json.dumps(name) if isinstance(name, str) else index}"
            for old in renamed.keys() & item.keys():
                new = renamed[old]
                if new in item:
                    raise Table(self.file, place, item).error(old, f"is the former name of {new}, which is set too")
                message = (
                    f"{self.file}: {place}.{old}: is now called {new}; the former name is read for one more release"
                )
                warnings.warn(message, FutureWarning, stacklevel=2)
            yield Table(self.file, place, {renamed.get(k, k): value for k, value in item.items()}, keys)

    def _get(self, key: str, default: Any) -> Any:
        if key not in self.table and default is None:
            raise self.error(key, "is missing")
        return self.table.get(key, default)


def shown_value(value: Any) -> str:
    text = json.dumps(value, default=str) if not isinstance(value, float) else repr(value)
    return text if len(text) <= 100 else f"{text[:80]}… ({len(text):,} characters)"
