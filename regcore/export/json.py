"""A fitted model as JSON, and back.

One object, in which every number is written with as many digits as it has:

format, version
    "regcore fitted model", 1; a reader refuses a later version
made_with
    versions of Python, NumPy and pandas
origin
    what the table was, such as the name of its file
penalty, lam, gap
    "none", "L1" or "L2", λ, and how far the objective may be above the smallest
    possible, as a share of it; null where there is no smallest
standardised
    whether features were divided by their standard deviation
table
    all columns of the table that the model was trained on, in order
target
    column; task, "regression", "binary" or "multiclass"; classes; link, "identity",
    "logit" or "softmax"; mean and deviation, one number an output (0 and 1 for
    classes); read, how its text was read: empty, or a decimal sign and whether letters
    such as K are multiplied out (scaled)
columns
    one object for each column of the table that is used, by its kind:
    "number" with fill (for gaps) and marked (whether a second feature marks gaps);
    "category" with levels, base (of two levels the one without a feature, else null),
    other (whether a last feature takes all other levels), cells ("text", "number" or
    "truth") and spellings (pairs of a text and the level that it is as well); a gap is
    the level "(missing)"; a level that is none of these, where no
    feature takes it, has the mean of each feature;
    "date" with parts ("days" since origin, "hours", or year, month, day, weekday,
    hour), fills (one a part), marked, origin, and order (day_first, certain, clock,
    last, the last of the hundred years that two digits stand for, or null, and
    language, a code of CLDR, empty for English, and year_first)
read
    for each column of text that is read as numbers: column, decimal, scaled
features
    in the order that the columns give them: name, mean, deviation, and weights, one an
    output, per standard deviation; null for a feature that is left out or is a copy
biases
    one number an output
training_rows
    lengths of runs of rows that train and of rows that do not, in turn, from row 0, as
    one text with blanks between
"""

import json
import platform
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np

from regcore.design.chosen import ChosenNumber
from regcore.design.columns import CategoryColumn, NumberColumn
from regcore.design.dates import DateColumn
from regcore.design.datetexts import DateOrder
from regcore.design.ledger import ColumnEncoding
from regcore.design.recipe import Recipe
from regcore.design.scale import Scale
from regcore.export.fitted import FittedModel, rows_of, run_lengths
from regcore.settings import DesignError, Task

FORMAT = "regcore fitted model"

VERSION = 1

MOST_ROWS = 100_000_000
"""Rows of a table that is believed."""

UNFIT = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)
"""What comes of content that no model has."""


def to_json(model: FittedModel) -> str:
    """Return a fitted model as JSON, in the schema that this module describes.

    Raises
    ------
    DesignError
        if a weight is no finite number

    Examples
    --------
    >>> to_json(result.fitted("L1")).splitlines()[1]
    ' "format": "regcore fitted model",'
    """
    content = {
        "format": FORMAT,
        "version": VERSION,
        "made_with": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("numpy", "pandas")},
        },
        "origin": model.origin,
        "penalty": model.penalty,
        "lam": model.lam,
        "gap": model.gap if np.isfinite(model.gap) else None,
        "standardised": model.standardised,
        "table": list(model.columns),
        "target": {
            "column": model.target,
            "task": str(model.task),
            "classes": list(model.classes),
            "link": model.link,
            "mean": model.y_scale.mean.tolist(),
            "deviation": model.y_scale.deviation.tolist(),
            "read": [asdict(how) for how in model.target_read],
        },
        "columns": [
            {"kind": encoding.kind, **asdict(encoding)}
            for encoding in model.recipe.encodings
        ],
        "read": [asdict(how) for how in model.recipe.chosen],
        "features": _features(model),
        "biases": model.b[0].tolist(),
        "training_rows": " ".join(map(str, run_lengths(model.rows))),
    }
    try:
        return json.dumps(content, default=str, indent=1, allow_nan=False)
    except ValueError:
        raise DesignError(
            f"The model {model.penalty} has a weight that is no finite number; lower "
            "the learning rate before you take it along."
        ) from None


def _features(model: FittedModel) -> list[dict[str, object]]:
    recipe, weights = model.recipe, iter(model.W.tolist())
    rows = zip(
        recipe.names,
        recipe.scale.mean.tolist(),
        recipe.scale.deviation.tolist(),
        recipe.kept.tolist(),
        strict=True,
    )
    return [
        {
            "name": name,
            "mean": mean,
            "deviation": deviation,
            "weights": next(weights) if kept else None,
        }
        for name, mean, deviation, kept in rows
    ]


def from_json(text: str | bytes) -> FittedModel:
    """Read a fitted model back; its predictions are the same to the last bit.

    Raises
    ------
    DesignError
        one sentence, if the text is no such model

    Examples
    --------
    >>> import regcore, pandas as pd
    >>> table = pd.DataFrame({"size": range(1, 13), "price": range(5, 41, 3)})
    >>> result = regcore.compare(table, regcore.Settings(target="price"))
    >>> model = from_json(result.to_json("L2"))
    >>> model.predict(table).equals(result.predict(table)[["L2"]])
    True
    """
    try:
        content = json.loads(text)
        known = content["format"] == FORMAT
        later = known and content["version"] > VERSION
        model = None if later or not known else _model(content)
    except UNFIT as error:
        raise DesignError(
            "This is no fitted model that regcore wrote, or it was changed: "
            f"{type(error).__name__} at {str(error)[:80]!r}; write it anew with "
            "`to_json`."
        ) from None
    if later:
        raise DesignError(
            f"This model was written in version {content['version']} of the format, "
            f"and {VERSION} is the latest that is known here; install a newer regcore."
        )
    if model is None:
        raise DesignError(
            "This is no fitted model that regcore wrote; take a file from `to_json`."
        )
    return model


def _model(content: Any) -> FittedModel:
    target, features = content["target"], content["features"]
    task, outputs = Task.of(target["task"]), len(content["biases"])
    runs = [int(length) for length in content["training_rows"].split()]
    if sum(runs) > MOST_ROWS:
        raise ValueError("training_rows")
    used = [feature for feature in features if feature["weights"] is not None]
    model = FittedModel(
        penalty=str(content["penalty"]),
        lam=float(content["lam"]),
        gap=float("nan" if content["gap"] is None else content["gap"]),
        target=target["column"],
        task=task,
        classes=tuple(map(str, target["classes"])),
        columns=tuple(content["table"]),
        target_read=tuple(ChosenNumber(**how) for how in target["read"]),
        recipe=Recipe(
            encodings=tuple(_encoding(**column) for column in content["columns"]),
            names=tuple(str(feature["name"]) for feature in features),
            chosen=tuple(ChosenNumber(**how) for how in content["read"]),
            kept=np.array([f["weights"] is not None for f in features]),
            scale=_scale(
                [feature["mean"] for feature in features],
                [feature["deviation"] for feature in features],
                len(features),
            ),
        ),
        standardised=bool(content["standardised"]),
        y_scale=_scale(target["mean"], target["deviation"], outputs),
        W=_numbers([feature["weights"] for feature in used], (len(used), outputs)),
        b=_numbers([content["biases"]], (1, outputs)),
        rows=rows_of(runs),
        origin=str(content["origin"]),
    )
    if len(model.outputs) != outputs or not used:
        raise ValueError("biases")
    if model.recipe.places[-1].stop != len(features):
        raise ValueError("features")
    return model


def _scale(mean: Any, deviation: Any, width: int) -> Scale:
    return Scale(_numbers(mean, (width,)), _numbers(deviation, (width,)))


def _numbers(values: Any, shape: tuple[int, ...]) -> np.ndarray:
    array = np.array(values, dtype=float)
    if array.shape != shape or not np.isfinite(array).all():
        raise ValueError(f"numbers of the shape {array.shape}")
    return array


def _encoding(kind: str, **fields: Any) -> ColumnEncoding:
    # JSON knows lists and texts only.
    listed = {
        name: tuple(tuple(one) if isinstance(one, list) else one for one in value)
        for name, value in fields.items()
        if isinstance(value, list)
    }
    return KINDS[kind](**{**fields, **listed})


def _date(order: Any, origin: str, **fields: Any) -> DateColumn:
    start = np.datetime64(origin, "s")
    return DateColumn(order=DateOrder(**order), origin=start, **fields)


KINDS: dict[str, Callable[..., ColumnEncoding]] = {
    NumberColumn.kind: NumberColumn,
    CategoryColumn.kind: CategoryColumn,
    DateColumn.kind: _date,
}
"""What makes an encoding of the fields of each kind."""
