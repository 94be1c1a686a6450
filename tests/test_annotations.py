"""Every annotation holds, by mypy: a test, so that it runs beside the others and not before them."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from kb.files import HERE


@pytest.mark.skipif(find_spec("mypy") is None and os.environ.get("CI") != "true", reason="mypy is not here")
def test_every_annotation_holds() -> None:
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=HERE.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
