"""Files: what can't be read is said in one line; what is damaged is never taken for what was written."""

import io
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bestowal.files import arrays, toml
from bestowal.model import BestowalError


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BestowalError) as error:
        toml(tmp_path)  # a folder
    assert str(error.value).startswith(f"{tmp_path}: ") and "\n" not in str(error.value)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_with_a_byte_changed_anywhere_are_nothing_or_themselves(save: Callable[..., None]) -> None:
    # More numbers than are read at once: of fewer the checksum is known before the header is looked at.
    right = {"a": np.random.default_rng(1).random(3000), "b": np.array([[1, 2]])}
    out = io.BytesIO()
    save(out, **right)
    good = out.getvalue()
    luck, nothing = random.Random(1), 0
    for at in (*range(400), *range(len(good) - 700, len(good))):
        for byte in (
            luck.randrange(256),
            ord("("),
            ord("'"),
            ord("\n"),
        ):  # brackets and quotes, for NumPy parses headers
            found = arrays(good[:at] + bytes([byte]) + good[at + 1 :], right)
            nothing += found is None
            assert found is None or all(np.array_equal(found[name], right[name]) for name in right), at
    assert nothing > 1000 and arrays(good, ["c"]) is None
    assert all(arrays(good[:n], right) is None for n in range(0, len(good), 11))
