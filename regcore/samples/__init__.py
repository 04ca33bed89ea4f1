"""Small tables to try the page with, each with its origin."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent

PLANTED_WEIGHTS = pd.Series(
    {
        "twin 1": 3.0,
        "twin 2": 0.0,
        "twin 3": 0.0,
        "team 1": 1.2,
        "team 2": 1.2,
        "team 3": 1.2,
        "solo 1": 2.0,
        "solo 2": -2.0,
        "solo 3": 1.0,
        "solo 4": -1.0,
    }
    | {f"noise {i}": 0.0 for i in range(1, 31)},
    name="weight",
)
"""True weights of the planted sample, in original units."""


@dataclass(frozen=True)
class Sample:
    """One table that comes with the page.

    Attributes
    ----------
    name, title : how it is called in an address, and on the page
    target : what it is usually asked to predict
    origin : where it comes from, one sentence
    raw : its CSV file
    weights : the true weights in original units, where they are known
    """

    name: str
    title: str
    target: str
    origin: str
    raw: Callable[[], bytes]
    weights: pd.Series | None = None


def planted(rows: int = 120, seed: int = 2) -> bytes:
    """Make a table whose true weights are known, as a CSV file.

    The twins are nearly one feature (r ≈ 0.9) of which only the first counts; the team
    is as close, and each member counts; the solos stand alone; the noise does nothing.
    """
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((rows, len(PLANTED_WEIGHTS)))
    for group in (slice(0, 3), slice(3, 6)):
        shared = rng.standard_normal((rows, 1))
        X[:, group] = np.sqrt(0.9) * shared + np.sqrt(0.1) * X[:, group]
    table = pd.DataFrame(X, columns=PLANTED_WEIGHTS.index)
    table["yield"] = (
        50 + X @ PLANTED_WEIGHTS.to_numpy() + 4.0 * rng.standard_normal(rows)
    )
    return table.round(4).to_csv(index=False, lineterminator="\n").encode()


def _file(name: str) -> bytes:
    return (HERE / name).read_bytes()


SAMPLES: tuple[Sample, ...] = (
    Sample(
        name="diabetes",
        title="Diabetes (regression)",
        target="progression",
        origin=(
            "442 patients, progression of the disease after a year: Efron, Hastie, "
            "Johnstone & Tibshirani (2004), Least Angle Regression."
        ),
        raw=cache(partial(_file, "diabetes.csv")),
    ),
    Sample(
        name="planted",
        title="Planted weights (regression)",
        target="yield",
        origin=(
            "120 rows made by a seeded function: ten features in two correlated groups "
            "and alone, thirty of noise; the true weights are known."
        ),
        raw=cache(planted),
        weights=PLANTED_WEIGHTS,
    ),
    Sample(
        name="cancer",
        title="Breast cancer (two classes)",
        target="diagnosis",
        origin=(
            "569 tumours, 30 measures of their cell nuclei: Wolberg, Mangasarian, "
            "Street & Street (1995), UCI Machine Learning Repository, CC BY 4.0."
        ),
        raw=cache(partial(_file, "breast_cancer.csv")),
    ),
    Sample(
        name="wine",
        title="Wine (three classes)",
        target="cultivar",
        origin=(
            "178 wines of three cultivars, 13 chemical measures: Aeberhard & Forina "
            "(1992), UCI Machine Learning Repository, CC BY 4.0."
        ),
        raw=cache(partial(_file, "wine.csv")),
    ),
)
