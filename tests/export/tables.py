"""Tables with all that a model has to take along, and rows that it never saw."""

from functools import cache

import numpy as np
import pandas as pd

from regcore import Comparison, Settings, compare
from tests.tables import table

HOSTILE = (
    'say "hi"',
    "it's; DROP TABLE t;--",
    "two\nlines",
    "back\\slash\\",
    "a`b",
    "{{ 7 * 7 }} {% raw %}",
    "%s %d {0}",
    '"""\nimport os',
    "  ",
    "=1+1",
    "*/ x",
    "Ünï, çödé",
    "# heading",
    "$x",
    "''",
)
"""Names and levels that end a string, a comment or a template where they are not
quoted."""


def everything(task: str = "regression", n: int = 240, seed: int = 5) -> pd.DataFrame:
    """Return gaps, dates, times, levels, «other», units in text, copies and a «y»."""
    rng = np.random.default_rng(seed)
    data = table(task, n=n, p=3, seed=seed)
    days = pd.Timestamp("2019-12-25 06:00") + pd.to_timedelta(
        rng.integers(0, 9000, n), unit="h"
    )
    seconds = rng.integers(0, 86_400, n)
    data = data.assign(
        gap=np.where(rng.random(n) < 0.2, np.nan, rng.normal(50, 9, n)),
        level=rng.choice(["p", "q", "r", "Q", " r "], n),
        two=rng.choice(["yes", "no"], n),
        many=[f"m{i}" for i in (30 * rng.random(n) ** 2).astype(int)],
        holes=rng.choice(["u", "v", None], n),
        built=[f"{day:%d/%m/%Y %H:%M}" for day in days],
        seen=[f"{day:%Y-%m-%d}" for day in days],
        clock=[f"{s // 3600}:{s // 60 % 60:02d}" for s in seconds],
        truth=rng.random(n) < 0.4,
        mark=np.where(rng.random(n) < 0.3, 7.5, np.nan),
        code=rng.choice([1, 2, 30], n),
        size=[f"{v:.1f} kg" for v in rng.gamma(3, 4, n)],
    )
    data["copy"] = data["x0"]
    data["mirror"] = -3.0 * data["gap"]
    data.loc[rng.random(n) < 0.1, "built"] = "not yet"
    data.loc[3, "size"] = "unknown"
    return data


def new_rows(data: pd.DataFrame) -> pd.DataFrame:
    """Return rows with levels, gaps and copies that training never had."""
    new = data.drop(columns="y").iloc[:40].copy()
    new.loc[:9, ["x0", "x1", "gap", "built", "seen", "clock", "size"]] = None
    new.loc[5:15, ["level", "two", "many"]] = "never seen"
    new.loc[12:20, ["level", "two", "many", "holes"]] = None
    new.loc[18:22, "built"] = "0017-01-01"
    new.loc[20:25, "copy"] = 99.0
    new.loc[30:33, "holes"] = "(missing)"
    new.loc[34:36, "level"] = "(other)"
    return new


TYPES = {"code": "category", "size": "number"}


@cache
def compared(task: str = "regression", **settings: object) -> Comparison:
    """Compare on that table."""
    chosen = {"target": "y", "lam": 8.0, "epochs": 60, "types": tuple(TYPES.items())}
    return compare(everything(task), Settings(**{**chosen, **settings}))


@cache
def hostile() -> pd.DataFrame:
    """Return a table whose names and levels are hostile, the target's and classes'."""
    rng = np.random.default_rng(7)
    n = 300
    data = pd.DataFrame(
        {name: rng.standard_normal(n).round(3) for name in HOSTILE[:-1]}
    )
    data.iloc[::7, 2] = np.nan
    data["level's"] = rng.choice(HOSTILE, n)
    signal = data[list(HOSTILE[:3])].fillna(0).sum(axis=1)
    cut = pd.cut(signal + rng.standard_normal(n), 3, labels=list(HOSTILE[:3]))
    return data.assign(**{"''": cut.astype(str)})
