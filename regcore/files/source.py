"""Of what a file that leaves speaks: the table, the settings, the versions."""

import platform
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pandas as pd

from regcore.comparison import Comparison
from regcore.intake import Reading
from regcore.questions.question import Part
from regcore.questions.trust.half_samples import Stability
from regcore.regularization_path import RegularizationPath
from regcore.settings import Settings
from regcore.words import figures


@dataclass(frozen=True)
class Answer:
    """A question that was open, and its answer as it was shown."""

    key: str
    title: str
    subtitle: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Source:
    """What was looked at, and all that was computed of it.

    Attributes
    ----------
    result : the three models
    table : it, as it was read
    title : what the file or the sample is called
    fingerprint : SHA-256 of the bytes of the file; empty where there is no file
    reading : how the file was read, every part of it
    sample : whether it is one that comes with the page
    elsewhere : whether the table is, and is a sample of all its rows
    path, stability : where they were computed
    opened : whether the rows locked away have been opened
    answers : the questions that are open
    """

    result: Comparison
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    title: str = ""
    fingerprint: str = ""
    reading: Reading = field(default_factory=Reading)
    sample: bool = False
    elsewhere: bool = False
    path: RegularizationPath | None = None
    stability: Stability | None = None
    opened: bool = False
    answers: tuple[Answer, ...] = ()

    @property
    def origin(self) -> str:
        """Name the file and its bytes, for what is made of a model."""
        # Of a table elsewhere nobody has the bytes.
        told = "" if self.elsewhere else f" (SHA-256 {self.fingerprint})"
        return f"{self.title}{told}"

    @property
    def stem(self) -> str:
        """Begin the names of its files: table, target, λ and four bytes of the file."""
        design, settings = self.result.problem.design, self.result.settings
        what = design.target, f"λ {figures(settings.lam)}"
        return file_stem(self.title, self.fingerprint, *what)


def file_stem(title: str, fingerprint: str, *parts: str) -> str:
    """Begin a file's name: the table, these parts, and four bytes of the table's."""
    name = title.rpartition(".")[0] or title
    safe = (safe_name(part) for part in (name, *parts))
    return " ".join([*safe, fingerprint[:8]])


def safe_name(name: str, longest: int = 40) -> str:
    """Write a name with what every file system takes, and no longer than this."""
    kept = "".join(c if c.isalnum() or c in "._-λ" else " " for c in name)
    return " ".join(kept.split())[:longest].strip(" .") or "table"


def reproducing(result: Comparison) -> Settings:
    """Return settings that give the same three models on any machine.

    How far a run comes within a time depends on the machine; the epochs that it has
    come to do not.
    """
    if result.settings.seconds is None:
        return result.settings
    epochs = max(max(model.run.epochs for model in result.models), 1)
    return replace(result.settings, seconds=None, epochs=epochs)


def versions() -> dict[str, str]:
    """Return the versions of what decides the numbers."""
    try:
        own = version("regularization-on-your-data")
    except PackageNotFoundError:
        own = "not installed"
    return {
        "regcore": own,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "pandas": pd.__version__,
    }
