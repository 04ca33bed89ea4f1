"""What the user chose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from numbers import Integral
from typing import Literal


class DesignError(ValueError):
    """The table and the settings cannot be trained; the message is one sentence."""


class Task(StrEnum):
    """What the target is."""

    REGRESSION = "regression"
    BINARY = "binary"
    MULTICLASS = "multiclass"


class ColumnType(StrEnum):
    """What the cells of a column are."""

    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"
    ID = "id"
    TEXT = "text"
    CONSTANT = "constant"
    EMPTY = "empty"


@dataclass(frozen=True)
class Settings:
    """Everything that decides a comparison, apart from the table.

    Attributes
    ----------
    target : column to predict
    features : columns to predict it from; None takes every usable one
    task : "regression", "binary", "multiclass", or "auto" to decide by the target
    lam : λ ≥ 0 of L1, and of L2 unless `lam_l2` is given; the penalties are
        (λ/n)·Σ|w| and (λ/2n)·Σw² with n training rows
    l1_step : "clipped" stops at zero, "textbook" is the step by sgn(w)
    learning_rate : η; None takes 1/(L + λ/n) with the measured curvature L
    epochs : most epochs of each run
    batch_size : rows a step; None takes all of them
    tolerance : converged when no optimality condition is off by more than this share
        of the largest gradient at the start
    validation_share : share of the rows held out, in [0, 0.9]
    seed : of the split and of the batches
    standardise : divide every feature by its standard deviation in the training rows
    missing : "fill" with the training median and mark, or "drop" the rows
    types : pairs of a column and its type, where the proposed type is not wanted; a
        dict is welcome; columns of type "id", "text", "constant" or "empty" are not
        used unless `features` names them
    dates : a date becomes the "days" since the earliest of the training rows, or
        "parts": year, month, day, weekday, hour
    date_order : whether the "day" or the "month" comes first in dates such as
        03/04/2024, for columns whose cells leave it open; "auto" takes the order of the
        other columns, and else the day
    totals : last rows that sum up the others, "leave out" or "keep"
    split : the rows held out are drawn at "random", are the last in "order", or are
        whole "groups" of rows with an equal cell in the column `group`
    group : column that says which rows belong together; no feature unless chosen

    Raises
    ------
    DesignError
        if a value is out of its range
    """

    target: str
    features: tuple[str, ...] | None = None
    task: Literal["auto", "regression", "binary", "multiclass"] = "auto"
    lam: float = 1.0
    lam_l2: float | None = None
    l1_step: Literal["clipped", "textbook"] = "clipped"
    learning_rate: float | None = None
    epochs: int = 500
    batch_size: int | None = None
    tolerance: float = 1e-6
    validation_share: float = 0.25
    seed: int = 0
    standardise: bool = True
    missing: Literal["fill", "drop"] = "fill"
    types: tuple[tuple[str, str], ...] = ()
    dates: Literal["days", "parts"] = "days"
    date_order: Literal["auto", "day", "month"] = "auto"
    totals: Literal["leave out", "keep"] = "leave out"
    split: Literal["random", "order", "groups"] = "random"
    group: str | None = None

    def __post_init__(self) -> None:
        if self.features is not None:
            # A list is welcome; a tuple can be a part of a key.
            one = isinstance(self.features, str)
            features = (self.features,) if one else dict.fromkeys(self.features)
            object.__setattr__(self, "features", tuple(features))
        object.__setattr__(self, "types", _pairs(self.types))
        for right, sentence in self._requirements():
            if not right:
                raise DesignError(sentence)

    def _requirements(self) -> list[tuple[bool, str]]:
        positive = self.learning_rate is None or 0 < self.learning_rate < float("inf")
        strengths = [self.lam, 0.0 if self.lam_l2 is None else self.lam_l2]
        return [
            (self.task in ("auto", *Task), f"There is no task «{self.task}»."),
            (
                all(0 <= lam < float("inf") for lam in strengths),
                "The penalty strength λ must be a number that is not negative.",
            ),
            (
                self.l1_step in ("clipped", "textbook"),
                "The L1 step is either «clipped» or «textbook».",
            ),
            (positive, "The learning rate must be a number above 0."),
            (
                _is_whole(self.epochs, least=1),
                "The number of epochs must be a whole number, at least one.",
            ),
            (
                self.batch_size is None or _is_whole(self.batch_size, least=1),
                "The rows in a batch must be a whole number, at least one.",
            ),
            (self.tolerance >= 0, "The tolerance must not be negative."),
            (
                0 <= self.validation_share <= 0.9,
                "The share of rows held out must lie between 0 and 0.9.",
            ),
            (
                _is_whole(self.seed, least=0),
                "The seed must be a whole number that is not negative.",
            ),
            (
                self.missing in ("fill", "drop"),
                "Missing values are either to «fill» or to «drop».",
            ),
            *self._requirements_of_columns(),
        ]

    def _requirements_of_columns(self) -> list[tuple[bool, str]]:
        unknown = [kind for _, kind in self.types if kind not in tuple(ColumnType)]
        return [
            (
                not unknown,
                f"There is no column type «{''.join(map(str, unknown[:1]))}»; choose "
                f"one of {', '.join(ColumnType)}.",
            ),
            (
                self.dates in ("days", "parts"),
                "Dates become either «days» or «parts».",
            ),
            (
                self.date_order in ("auto", "day", "month"),
                "In a date either the «day» or the «month» comes first, or it is left "
                "to «auto».",
            ),
            (
                self.totals in ("leave out", "keep"),
                "Totals below the data are either to «leave out» or to «keep».",
            ),
            (
                self.split in ("random", "order", "groups"),
                "Rows are held out at «random», by «order» or by «groups».",
            ),
            (
                self.split != "groups" or self.group is not None,
                "A split by groups needs a column that says which rows belong "
                "together; choose one.",
            ),
        ]

    def preparation(self) -> tuple[object, ...]:
        """Return the part that decides the design matrix, as a key."""
        return (
            self.target,
            self.features,
            self.task,
            self.validation_share,
            self.seed,
            self.standardise,
            self.missing,
            self.types,
            self.dates,
            self.date_order,
            self.totals,
            self.split,
            self.group,
        )


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, Integral) and value >= least


def _pairs(types: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple:
    """Columns and types in an order of their own, so that equal choices are equal."""
    pairs = types.items() if isinstance(types, Mapping) else types
    return tuple(
        sorted(((name, str(kind)) for name, kind in dict(pairs).items()), key=str)
    )
