"""Weights, intercepts and predictions as tables with names, also in original units.

W is (m, p, k) and b (m, 1, k): m models of one design, whose names are the columns.
"""

from typing import Protocol

import pandas as pd

from regcore.design.matrix import Design
from regcore.design.scale import Scale
from regcore.model.losses import Array
from regcore.settings import Task


class Outputs(Protocol):
    """What predictions need to get their names and units; see `Design`."""

    @property
    def task(self) -> Task:
        """What is predicted."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """Their names, in order; none where a number is predicted."""
        ...

    @property
    def y_scale(self) -> Scale:
        """How a target that is a number was scaled."""
        ...


def weights_table(design: Design, W: Array, models: pd.Index) -> pd.DataFrame:
    """Weights as they are; rows (feature, class) with more than two classes."""
    index = pd.Index(design.features, name="feature")
    if design.task is Task.MULTICLASS:
        index = pd.MultiIndex.from_product(
            [design.features, design.classes], names=["feature", "class"]
        )
    return pd.DataFrame(W.reshape(len(W), -1).T, index=index, columns=models)


def original_units_table(design: Design, W: Array, models: pd.Index) -> pd.DataFrame:
    """Weights per unit of the feature, in units of the target (or of log-odds)."""
    return weights_table(design, _in_original_units(design, W), models)


def intercepts_table(
    design: Design, W: Array, b: Array, models: pd.Index
) -> pd.DataFrame:
    """Biases that go with the weights in original units."""
    shift = design.x_scale.mean @ _in_original_units(design, W)
    scale = design.y_scale
    original = scale.mean + b[:, 0] * scale.deviation - shift
    index = pd.Index(_outputs(design), name="class" if design.classes else "target")
    return pd.DataFrame(original.T, index=index, columns=models)


def predictions_table(
    outputs: Outputs, mean: Array, rows: pd.Index, models: pd.Index
) -> pd.DataFrame:
    """Predicted means (m, n, k) of the scaled target, in its own units.

    With more than two classes the columns are (penalty, class).
    """
    mean = mean * outputs.y_scale.deviation
    mean = mean + outputs.y_scale.mean
    columns = models
    if outputs.task is Task.MULTICLASS:
        columns = pd.MultiIndex.from_product(
            [models, outputs.classes], names=[models.name, "class"]
        )
    values = mean.transpose(1, 0, 2).reshape(len(rows), len(columns))
    return pd.DataFrame(values, index=rows, columns=columns)


def _in_original_units(design: Design, W: Array) -> Array:
    scale = design.x_scale.deviation[:, None]
    return W / scale * design.y_scale.deviation


def _outputs(design: Design) -> tuple[str, ...]:
    """Names of the k outputs: the classes, the modelled class, or the target."""
    if design.task is Task.MULTICLASS:
        return design.classes
    return design.classes[1:] or (design.target,)
