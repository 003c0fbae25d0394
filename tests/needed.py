"""What a test needs of the machine beyond Python: where it is missing, skip the test, or fail it under CI."""

import os
from typing import NoReturn

import pytest


def unavailable(reason: str) -> NoReturn:
    """Skip the test under way for this reason; fail it where the variable CI is set, so that CI leaves nothing out."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
