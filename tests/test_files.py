"""Files: what can't be read is said in one line."""

from pathlib import Path

import pytest

from bestowal.files import toml
from bestowal.model import BestowalError


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BestowalError) as error:
        toml(tmp_path)  # a folder
    assert str(error.value).startswith(f"{tmp_path}: ") and "\n" not in str(error.value)
