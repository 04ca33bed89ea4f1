"""Tables that leave: coefficients, history, path, cross-validation, predictions."""

import io
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from regcore.coefficients import intercepts_table
from regcore.comparison import PENALTIES, Comparison
from regcore.files.saved import settings_to_json
from regcore.files.source import Source
from regcore.model.losses import Array
from regcore.settings import Task
from regcore.solve.optimum import Status

INTERCEPT = "(intercept)"


def coefficient_table(source: Source) -> pd.DataFrame:
    """One row a feature (and class), the intercepts last, the models beside each other.

    For none, L1 and L2: weights per standard deviation, in original units, and of the
    optimum in both, "not certain" where solving has stopped; for two classes the odds
    ratios of the second, exp(w), of a step of one standard deviation and of one unit;
    and the share of the half-samples in which the weight stayed, where that was
    computed.
    """
    result = source.result
    design = result.problem.design
    names = pd.Index(PENALTIES, name="penalty")
    optimum = np.array([model.optimum.W for model in result.models])
    biases = np.array([model.optimum.b for model in result.models])
    parts = {
        "per SD": _with_bias(result, result.coefficients, result.b),
        "original units": _whole(result.coefficients_original_units, result.intercepts),
        "optimum per SD": _with_bias(result, result.optimum, biases),
        "optimum original units": _whole(
            result.optimum_original_units,
            intercepts_table(design, optimum, biases, names),
        ),
    }
    if design.task is Task.BINARY:
        for unit in ("per SD", "original units"):
            ratios = parts[unit].map(np.exp)
            ratios.iloc[-1] = np.nan
            parts[f"odds ratio of {design.classes[1]}, {unit}"] = ratios
    if source.stability is not None:
        parts["kept in half-samples"] = _kept(source, parts["per SD"].index)
    table = pd.concat(
        [part.add_prefix(f"{unit}, ") for unit, part in parts.items()], axis=1
    )
    unsure = {
        f"optimum {unit}, {model.name}": f"optimum {unit}, {model.name}, not certain"
        for unit in ("per SD", "original units")
        for model in result.models
        if model.optimum.exists and model.optimum.status is Status.STOPPED
    }
    return table.rename(columns=unsure).reset_index()


def _with_bias(result: Comparison, weights: pd.DataFrame, b: Array) -> pd.DataFrame:
    """Biases of the standardised model below its weights."""
    bias = pd.DataFrame(b[:, 0].T, columns=weights.columns)
    return _whole(weights, bias)


def _whole(weights: pd.DataFrame, intercepts: pd.DataFrame) -> pd.DataFrame:
    """Intercepts below the weights, under a name of their own."""
    below = intercepts.copy()
    if isinstance(weights.index, pd.MultiIndex):
        classes = weights.index.get_level_values("class")[: len(below)]
        below.index = pd.MultiIndex.from_product(
            [[INTERCEPT], classes], names=weights.index.names
        )
    else:
        below.index = pd.Index([INTERCEPT], name="feature")
    return pd.concat([weights, below])


def _kept(source: Source, index: pd.Index) -> pd.DataFrame:
    assert source.stability is not None
    table = source.stability.table
    kept = {
        name: table.loc[table["penalty"] == name, "kept"].to_numpy()
        for name in PENALTIES
    }
    frame = pd.DataFrame(kept).reindex(range(len(index)))
    return frame.set_axis(index)


def path_table(source: Source) -> pd.DataFrame:
    """Weights of L1 and L2 along λ."""
    assert source.path is not None
    return source.path.coefficients


def validation_table(source: Source) -> pd.DataFrame:
    """Held-out loss along λ, with which λ is best and which within one error."""
    assert source.path is not None
    table, best = source.path.validation, source.path.best
    marked = table["penalty"].map(best["lam_min"]) == table["lam"]
    simple = table["penalty"].map(best["lam_1se"]) == table["lam"]
    return table.assign(best=marked, within_one_standard_error=simple)


def prediction_table(source: Source) -> pd.DataFrame:
    """Every row of the table: its part, the actual value, what each model predicts.

    Rows locked away are left empty until they have been opened.
    """
    result, table = source.result, source.table
    design = result.problem.design
    part = pd.Series("not used", index=range(len(table)), dtype=object)
    part.iloc[design.rows] = "training"
    part.iloc[design.validation_rows] = "held out"
    part.iloc[design.test_rows] = "locked away"
    predicted = predicted_columns(result, table)
    if not source.opened:
        predicted.iloc[design.test_rows] = np.nan
    actual = table[design.target]
    frame = pd.DataFrame({"row": np.arange(1, len(table) + 1), "part": part})
    frame["actual"] = actual.to_numpy()
    return pd.concat([frame, predicted.reset_index(drop=True)], axis=1)


def predicted_columns(result: Comparison, table: pd.DataFrame) -> pd.DataFrame:
    """What each model predicts for each row, under names that say of which class.

    What the models meet for the first time is not said here; a note does.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        predicted = result.predict(table)
    classes = result.problem.design.classes
    names: list[str] = []
    # For more than two classes a column is a penalty and a class.
    for penalty, *of in predicted.columns.to_frame().itertuples(index=False):
        told = of or classes[1:2]
        of_class = f" probability of {told[0]}" if told else ""
        names.append(f"predicted{of_class}, {penalty}")
    return predicted.set_axis(names, axis=1)


def to_parquet(table: pd.DataFrame, source: Source) -> bytes:
    """Write a table as Parquet; its metadata hold what `settings_to_json` writes."""
    mixed = [name for name in table if table[name].dtype == object]
    table = table.astype(dict.fromkeys(mixed, "string"))
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    own = {b"regcore": settings_to_json(source).encode()}
    arrow = arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), **own})
    sink = io.BytesIO()
    pq.write_table(arrow, sink, compression="zstd")
    return sink.getvalue()
