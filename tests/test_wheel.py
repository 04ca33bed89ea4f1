"""The wheel: what a user without the repository installs."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT, free_port, wait_for
from tests.test_deploy import needed

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def run(*command: str | Path, **where: object) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **where)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that holds the wheel and what it asks for.

    That is linked to where it is installed already, which pip finds to be enough.
    """
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    build = ["wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, ROOT]
    run(*pip, *build)
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv")
    [packages] = (folder / "venv").glob("lib/python*/site-packages")
    for name in needed(map(Requirement, PROJECT["project"]["dependencies"])):
        link(name, packages)
    python = folder / "venv" / "bin" / "python"
    [wheel] = folder.glob("*.whl")
    run(*pip, "--python", python, "install", "-q", "--no-index", wheel)
    return python.parent


def link(name: str, packages: Path) -> None:
    """Put a package that is installed here there too."""
    parts = {file.parts[0] for file in distribution(name).files or ()}
    for part in parts - {"..", "__pycache__"}:
        place = packages / part
        if not place.exists():
            place.symlink_to(distribution(name).locate_file(part))


@contextmanager
def page(programs: Path, home: Path) -> Iterator[str]:
    """The page as the installed command serves it, far from the repository."""
    port = free_port()
    with (home / "said").open("w") as said:
        server = subprocess.Popen(
            [programs / "regularize", f"--server.port={port}"],
            cwd=home,
            env={"PATH": os.environ["PATH"], "HOME": str(home), "BROWSER": "true"},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(f"http://localhost:{port}/_stcore/health")
        yield (home / "said").read_text()
    finally:
        server.terminate()
        server.wait(timeout=20)


def requirements(text: str) -> set[str]:
    return {line for line in text.splitlines() if re.match(r"\w", line)}


def test_the_package_asks_for_what_the_checkout_asks_for():
    listed = requirements((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    assert set(PROJECT["project"]["dependencies"]) == listed


def test_the_wheel_in_an_empty_environment_trains_and_opens_the_page(
    installed, tmp_path
):
    program = """
import pathlib, regcore, regcore.samples
sample = regcore.samples.SAMPLES[0]
table = regcore.read(sample.raw()).table
result = regcore.compare(table, regcore.Settings(target=sample.target, lam=10))
print(regcore.__file__)
print(pathlib.Path(regcore.__file__).with_name("py.typed").exists())
print(result)
"""
    said = run(installed / "python", "-W", "error", "-c", program, cwd=tmp_path)
    core, typed, *result = said.splitlines()
    assert Path(core).is_relative_to(installed.parent)
    assert typed == "True"
    assert any(line.startswith("L1") for line in result)
    with page(installed, tmp_path) as said:
        assert "localhost" in said
    served, config = Path(core).parent / "served", Path(".streamlit") / "config.toml"
    assert (served / config).read_bytes() == (ROOT / config).read_bytes()
    assert (served / "app.py").read_bytes() == (ROOT / "app.py").read_bytes()
