"""One fitted model, whole: from a raw table to predictions. All formats render it."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from regcore.coefficients import predictions_table
from regcore.design.chosen import ChosenNumber, read_chosen
from regcore.design.columns import label, plain
from regcore.design.recipe import Recipe
from regcore.design.scale import Scale
from regcore.design.spellings import bare
from regcore.model.losses import Array
from regcore.settings import Task

LINKS = {Task.REGRESSION: "identity", Task.BINARY: "logit", Task.MULTICLASS: "softmax"}
"""What makes the prediction of the linear predictor z: z itself, 1/(1 + e^−z), or
e^z over the sum of e^z of all classes."""


@dataclass(frozen=True, eq=False)
class FittedModel:
    """A fitted model that needs nothing of the comparison it was made in.

    The prediction for a row is the link's mean response at z = xW + b, for a number
    times the deviation of `y_scale` plus its mean; x are the features of the row,
    standardised, as `recipe` makes them.

    Attributes
    ----------
    penalty, lam : "none", "L1" or "L2", and its λ
    gap : the most that the objective is above the smallest possible, as a share of it;
        NaN where there is no smallest
    target, task, classes : what is predicted; of two classes the second is modelled
    columns : all columns of the table it was trained on, in order
    target_read : how a target of text was read that the user made a number
    recipe : how a table becomes features
    standardised : whether features were divided by their standard deviation
    y_scale : of the target; a class is not scaled
    W, b : weights (p, k) and biases (1, k)
    rows : (n,) numbers of the training rows in the table
    origin : what the table was, such as the name of its file

    Examples
    --------
    >>> import regcore, pandas as pd
    >>> table = pd.DataFrame({"size": range(1, 13), "price": range(5, 41, 3)})
    >>> result = regcore.compare(table, regcore.Settings(target="price", lam=0))
    >>> model = result.fitted("none")
    >>> model.predict(pd.DataFrame({"size": [100]}))["none"].round().tolist()
    [302.0]
    """

    penalty: str
    lam: float
    gap: float
    target: str
    task: Task
    classes: tuple[str, ...]
    columns: tuple[str, ...]
    target_read: tuple[ChosenNumber, ...]
    recipe: Recipe
    standardised: bool
    y_scale: Scale
    W: Array
    b: Array
    rows: np.ndarray
    origin: str = ""

    @property
    def link(self) -> str:
        """One of `LINKS`."""
        return LINKS[self.task]

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the k outputs: the classes, the modelled class, or the target."""
        if self.task is Task.MULTICLASS:
            return self.classes
        return self.classes[1:] or (self.target,)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the p features; of copies the first."""
        pairs = zip(self.recipe.names, self.recipe.kept, strict=True)
        return tuple(name for name, kept in pairs if kept)

    def predict(self, table: pd.DataFrame) -> pd.DataFrame:
        """Predictions for a table, as `Comparison.predict` gives them.

        Raises
        ------
        DesignError
            if the table lacks a column
        """
        rows = self.recipe.rows(table)
        for sentence in self.recipe.unseen_in_words(rows):
            warnings.warn(sentence, stacklevel=2)
        mean = self.task.loss.mean(rows.matrix() @ self.W + self.b)
        models = pd.Index([self.penalty], name="penalty")
        return predictions_table(self, mean[np.newaxis], table.index, models)

    def cleaned(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the columns that SQL, a script or a spreadsheet of this model reads.

        Numbers are floats, dates are dates, times of day are texts such as 14:05:00, a
        category is its text, and what cannot be read is missing. The target comes last
        where the table has it: a number, or the class of each row.

        Raises
        ------
        DesignError
            if the table lacks a column, or has text where there were numbers
        """
        read = self.recipe.read(table)
        columns = {
            encoding.column: encoding.cleaned(read[encoding.column])
            for encoding in self.recipe.encodings
            if encoding.column in self.recipe.sources
        }
        if self.target in table.columns:
            columns[self.target] = self._clean_target(table)
        return pd.DataFrame(columns)

    def _clean_target(self, table: pd.DataFrame) -> pd.Series:
        column = read_chosen(plain(table[[self.target]]), self.target_read)[self.target]
        if not self.classes:
            return column
        # A class may be spelled in several ways.
        known = {bare(name): name for name in self.classes}
        found = column.astype("object").map(label, na_action="ignore")
        return found.map(lambda name: known.get(bare(name)), na_action="ignore")


def run_lengths(rows: np.ndarray) -> list[int]:
    """Return how many rows train, then how many do not, and so on, from row 0.

    Parameters
    ----------
    rows : row numbers from 0, in any order; where there are none there is no run
    """
    if not len(rows):
        return []
    trains = np.zeros(int(rows.max()) + 1, dtype=bool)
    trains[rows] = True
    changes = np.flatnonzero(np.diff(trains)) + 1
    lengths = np.diff([0, *changes.tolist(), len(trains)]).tolist()
    return lengths if trains[0] else [0, *lengths]


def rows_of(lengths: Sequence[int]) -> np.ndarray:
    """Return the row numbers that such lengths stand for."""
    trains = np.arange(len(lengths)) % 2 == 0
    return np.flatnonzero(np.repeat(trains, lengths))
