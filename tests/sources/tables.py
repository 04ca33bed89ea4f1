"""Tables with all that may make an engine and memory differ."""

from pathlib import Path

import numpy as np
import pandas as pd

import regcore
from regcore import Comparison, RegularizationPath, Settings
from regcore.sources.source import Source

CLOSE = 1e-10
"""As a share of the largest number: what rounding in another order may make of it."""

HOSTILE = "a\"b'; DROP TABLE files; -- \n£"
"""A name of a column that is SQL as well."""


def messy(n: int = 800, seed: int = 0) -> pd.DataFrame:
    """Return numbers with gaps, categories, dates, and a target «y» that they move."""
    rng = np.random.default_rng(seed)
    letters = [*"abcdefghijklmnopqrstuvwxyz"]
    day = pd.Timestamp("2021-03-01")
    texts = day + pd.to_timedelta(rng.integers(0, 900, n), unit="D")
    table = pd.DataFrame(
        {
            "x": rng.standard_normal(n),
            "offset": 1e6 + rng.standard_normal(n),
            "gaps": np.where(rng.random(n) < 0.1, np.nan, rng.exponential(size=n)),
            "once or never": np.where(rng.random(n) < 0.3, np.nan, 7.0),
            HOSTILE: rng.integers(0, 50, n),
            "letter": rng.choice(letters, n),
            "spelled": rng.choice(["yes", " Yes", "no", "maybe", None], n),
            "grade": rng.integers(1, 4, n).astype(str),
            "flag": rng.random(n) < 0.3,
            "when": day + pd.to_timedelta(rng.integers(0, 10**6, n), unit="min"),
            "text": texts.strftime("%d/%m/%Y").where(rng.random(n) > 0.03, None),
        }
    )
    table["mirror"] = -3.0 * table["x"]
    signal = table["x"] + table["gaps"].fillna(2.0) + (table["offset"] - 1e6)
    table["y"] = signal + (table["letter"] == "z") + rng.standard_normal(n)
    table.loc[::97, "y"] = np.nan
    return table


def connected(folder: Path, *tables: pd.DataFrame, csv: bool = False) -> Source:
    """Write tables as files of a new folder, and connect them."""
    folder.mkdir(exist_ok=True)
    for at, table in enumerate(tables):
        if csv:
            table.to_csv(folder / f"part-{at}.csv", index=False)
        else:
            table.to_parquet(folder / f"part-{at}.parquet", index=False)
    return regcore.connect(folder, memory="500MB", disk="500MB")


def settings(**chosen: object) -> Settings:
    """Return settings for the target «y», held out by hash."""
    return Settings(**{"target": "y", "split": "hash", "epochs": 50, **chosen})


def compared(
    source: Source, table: pd.DataFrame, chosen: Settings
) -> tuple[Comparison, Comparison]:
    """Return what an engine makes of a table, and what the same table gives in memory.

    It has asserted that their descents come to the same.
    """
    engine, memory = (regcore.compare(rows, chosen) for rows in (source, table))
    assert engine.problem.n == memory.problem.n
    for one, other in zip(engine.models, memory.models, strict=True):
        assert furthest(one.run.W, other.run.W) < CLOSE
        assert furthest(one.run.validation_loss, other.run.validation_loss) < CLOSE
    return engine, memory


def along(
    source: Source, table: pd.DataFrame, chosen: Settings, **path: object
) -> tuple[RegularizationPath, RegularizationPath]:
    """Return the paths of both; it has asserted that their curves agree."""
    engine, memory = (
        regcore.regularization_path(rows, chosen, **path) for rows in (source, table)
    )
    for name, curve in memory.curves.items():
        assert furthest(engine.curves[name].W, curve.W) < CLOSE
        assert furthest(engine.curves[name].mean, curve.mean) < CLOSE
    return engine, memory


def furthest(one: object, other: object, least: float = 0.0) -> float:
    """Return the largest difference of two arrays, as a share of the largest number.

    Parameters
    ----------
    least : what is taken for the largest number at least
    """
    one, other = np.asarray(one, dtype=float), np.asarray(other, dtype=float)
    assert one.shape == other.shape
    assert np.array_equal(np.isnan(one), np.isnan(other))
    largest = max(np.nanmax(np.abs(other), initial=0.0), least)
    return float(np.nanmax(np.abs(one - other), initial=0.0) / (largest or 1.0))
