"""What a machine may lack: there a test is left out and says why, but never in CI."""

import os
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Leave the test out because of `reason`; where everything has to be there, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} CI must have it.", pytrace=False)
    pytest.skip(reason)
