"""The choices that a setting may have, each with its words."""

from enum import StrEnum
from typing import ClassVar, Final, Self

from regcore.model.losses import CROSS_ENTROPY, HALF_SQUARED_ERROR, LOG_LOSS, Loss
from regcore.model.metrics import FOR_CLASSES, FOR_NUMBERS, FOR_TWO_CLASSES, Metric


class DesignError(ValueError):
    """The table and the settings cannot be trained; the message is one sentence.

    Examples
    --------
    >>> import regcore
    >>> regcore.Settings("price", lam=-1)
    Traceback (most recent call last):
        ...
    regcore.choices.DesignError: The penalty strength λ must be a number ...
    """


class NotNowError(DesignError):
    """A table elsewhere cannot be read now, and perhaps can when it is read anew."""


AUTO: Final = "auto"
"""Leaves a task to the target."""


class Choice(StrEnum):
    """One of the values that a setting may have.

    Attributes
    ----------
    words : what the control of the page says for it
    refused : sentence for a `value` that is none of the `choices`
    """

    words: str
    refused: ClassVar[str]

    def __init_subclass__(cls, refused: str = "") -> None:
        super().__init_subclass__()
        cls.refused = refused

    def __new__(cls, value: str, words: str = "") -> Self:
        """Take the value as its own words, unless there are others."""
        choice = str.__new__(cls, value)
        choice._value_ = value
        choice.words = words or value
        return choice

    @classmethod
    def of(cls, value: str) -> Self:
        """Return the choice of a text, or refuse it in a sentence."""
        return cls(value)

    @classmethod
    def _missing_(cls, value: object) -> Self:
        raise DesignError(cls.refused.format(value=value, choices=", ".join(cls)))


class Task(Choice, refused="There is no task «{value}»."):
    """What the target is, and all that follows from it.

    Attributes
    ----------
    loss : what is minimised
    metrics : what the models are judged by
    constant : what a model without weights predicts

    Examples
    --------
    >>> import regcore
    >>> regcore.Task("binary").loss.name
    'log loss'
    """

    loss: Loss
    metrics: tuple[Metric, ...]
    constant: str

    def __new__(
        cls,
        value: str,
        words: str,
        loss: Loss,
        metrics: tuple[Metric, ...],
        constant: str,
    ) -> Self:
        """Take one row of the table."""
        task = str.__new__(cls, value)
        task._value_, task.words = value, words
        task.loss, task.metrics, task.constant = loss, metrics, constant
        return task

    REGRESSION = (
        "regression",
        "Regression (a number)",
        HALF_SQUARED_ERROR,
        FOR_NUMBERS,
        "mean",
    )
    BINARY = (
        "binary",
        "Two classes",
        LOG_LOSS,
        FOR_TWO_CLASSES,
        "shares of the classes",
    )
    MULTICLASS = (
        "multiclass",
        "Three or more classes",
        CROSS_ENTROPY,
        FOR_CLASSES,
        "shares of the classes",
    )


class ColumnType(
    Choice, refused="There is no column type «{value}»; choose one of {choices}."
):
    """What the cells of a column are."""

    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"
    ID = "id"
    TEXT = "text"
    CONSTANT = "constant"
    EMPTY = "empty"


class L1Step(Choice, refused="The L1 step is either «clipped» or «textbook»."):
    """How L1 takes a weight towards zero: to it and no further, or by sgn(w)."""

    CLIPPED = "clipped"
    TEXTBOOK = "textbook"


class Missing(Choice, refused="Missing values are either to «fill» or to «drop»."):
    """What is done about a cell without a value."""

    FILL = "fill"
    DROP = "drop"


class Dates(Choice, refused="Dates become either «days» or «parts»."):
    """What a date becomes: days since the earliest, or its parts."""

    DAYS = "days"
    PARTS = "parts"


class First(
    Choice,
    refused="In a date the «day», the «month» or the «year» comes first, or it is left "
    "to «auto».",
):
    """What comes first in a date such as 03/04/2024."""

    AUTO = AUTO
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class Totals(
    Choice, refused="Totals below the data are either to «leave out» or to «keep»."
):
    """What is done about last rows that sum up the others."""

    LEAVE_OUT = "leave out", "Leave out the total at the end"
    KEEP = "keep"


class Repeats(
    Choice,
    refused="Rows that are there more than once stay «together» or are split «apart».",
):
    """What is done about rows that are the same in every feature and the target."""

    APART = "apart", "split like any others"
    TOGETHER = "together", "kept on one side"


class Split(
    Choice,
    refused="Rows are held out at «random», by «order» or by «groups», or by the "
    "«hash» of a key.",
):
    """How the rows held out are chosen."""

    RANDOM = "random", "chance"
    ORDER = "order"
    GROUPS = "groups"
    HASH = "hash", "hash of a key"
