"""The smoke test under every Python from 3.11 to 3.14 that the machine has.

Run `python -m tests.pythons`. Each gets an environment of its own with what the page
needs, serves the page, and shows a visitor a file of one's own with its three models.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.load import shows
from tests.conftest import ROOT
from tests.tables import table
from tests.visitor import Visitor, serving
from tests.visits import csv_of

VERSIONS = "3.11", "3.12", "3.13", "3.14"


def found(version: str) -> str | None:
    """Return a Python of this version on the PATH that starts, if there is one."""
    path = shutil.which(f"python{version}")
    if path is None or subprocess.run([path, "-c", ""], check=False).returncode:
        return None
    return path


def smoke(python: str, folder: Path) -> bool:
    """Whether the page, installed there, shows a file."""
    own = folder / "bin" / "python"
    subprocess.run([python, "-m", "venv", folder], check=True)
    needs = ROOT / "requirements.txt"
    subprocess.run([own, "-m", "pip", "install", "-q", "-r", needs], check=True)
    with serving(ROOT / "app.py", folder / "log", python=str(own)) as server:
        visitor = Visitor(server.port)
        visitor.settle()
        visitor.upload(csv_of(table()), "own.csv")
        visitor.settle()
        visitor.close()
        return shows(visitor, "own.csv") and "Traceback" not in server.log.read_text()


def main() -> None:
    wrong = False
    for version in VERSIONS:
        python = found(version)
        if python is None:
            print(f"{version}: not on this machine")
            continue
        with tempfile.TemporaryDirectory() as folder:
            well = smoke(python, Path(folder))
        wrong |= not well
        print(f"{version}: {'well' if well else 'WRONG'}", flush=True)
    sys.exit(wrong)


if __name__ == "__main__":
    main()
