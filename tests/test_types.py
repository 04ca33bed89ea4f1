"""The types hold, in the strict mode that pyproject.toml asks for."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.mark.first
def test_the_type_checker_finds_nothing():
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "regcore", "app.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
