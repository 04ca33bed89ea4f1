"""What the user chose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from numbers import Integral
from typing import Literal

from regcore.choices import (
    AUTO,
    Choice,
    ColumnType,
    Dates,
    DesignError,
    First,
    L1Step,
    Missing,
    NotNowError,
    Repeats,
    Split,
    Task,
    Totals,
)

__all__ = [
    "AUTO",
    "Choice",
    "ColumnType",
    "Dates",
    "DesignError",
    "First",
    "L1Step",
    "Missing",
    "NotNowError",
    "Preparation",
    "Repeats",
    "Settings",
    "Split",
    "Task",
    "Totals",
]

MOST_AWAY = 0.9 + 1e-9
"""Most of the rows that may not train; shares that make up 0.9 are rounded."""


@dataclass(frozen=True)
class Preparation:
    """What decides the design matrix: all that its makers are given, and so a key.

    A choice may be given as its text, such as ``split="groups"``.

    Attributes
    ----------
    target : column to predict
    features : columns to predict it from; None takes every usable one
    task : "regression", "binary", "multiclass", or "auto" to decide by the target
    validation_share : share of the rows held out, in [0, 0.9]
    test_share : share of the rows locked away, with those held out at most 0.9: no
        number of them is looked at before `Comparison.test_scores` is asked for
    seed : of the split and of the batches
    standardise : divide every feature by its standard deviation in the training rows
    missing : "fill" with the training median and mark, or "drop" the rows
    types : pairs of a column and its type, where the proposed type is not wanted; a
        dict is welcome; a "number" or a "date" is taken from every cell that holds
        one, and the others are missing; columns of type "id", "text", "constant" or
        "empty" are not used unless `features` names them
    without : names of features that are left out, such as "kind = b" or "age is
        missing", with their copies; the gaps of a column whose mark is left out stay
        filled, with the median of all training rows also in a fold
    dates : a date becomes the "days" since the earliest of the training rows, or
        "parts": year, month, day, weekday, hour
    date_order : whether the "day" or the "month" comes first in dates such as
        03/04/2024, or the "year" in those such as 03/04/24, for columns whose cells
        leave it open; "auto" takes the order of the other columns, and else the day,
        or the year where the last number runs on as days do
    centuries : pairs of a column of dates and the last of the hundred years that its
        years of two digits stand for, where the guess is not wanted; a dict is welcome
    totals : last rows that sum up the others, "leave out" or "keep"
    split : the rows held out are drawn at "random", are the last in "order", are
        whole "groups" of rows with an equal cell in the column `group`, or those with
        a "hash" of their `key` that is small: the same in memory and in any database,
        whatever other rows there are; classes keep their shares up to chance
    group : column that says which rows belong together; no feature unless chosen
    key : column that says which row it is; rows with an equal cell stay together. No
        feature unless chosen. None takes the number of the row, from 0
    repeats : rows that are the same in every feature and the target may be split
        "apart", or stay "together": all train or none

    Raises
    ------
    DesignError
        if a value is out of its range
    """

    target: str
    features: tuple[str, ...] | None = None
    task: Task | Literal["auto"] = AUTO
    validation_share: float = 0.25
    test_share: float = 0.0
    seed: int = 0
    standardise: bool = True
    missing: Missing = Missing.FILL
    types: tuple[tuple[str, ColumnType], ...] = ()
    without: tuple[str, ...] = ()
    dates: Dates = Dates.DAYS
    date_order: First = First.AUTO
    centuries: tuple[tuple[str, int], ...] = ()
    totals: Totals = Totals.LEAVE_OUT
    split: Split = Split.RANDOM
    group: str | None = None
    key: str | None = None
    repeats: Repeats = Repeats.APART

    def __post_init__(self) -> None:
        if self.features is not None:
            # A list is welcome; a tuple can be a part of a key.
            one = isinstance(self.features, str)
            features = (self.features,) if one else dict.fromkeys(self.features)
            object.__setattr__(self, "features", tuple(features))
        object.__setattr__(self, "types", _pairs(self.types))
        years = sorted(dict(self.centuries).items(), key=str)
        object.__setattr__(self, "centuries", tuple(years))
        one = isinstance(self.without, str)
        without = (self.without,) if one else dict.fromkeys(self.without)
        object.__setattr__(self, "without", tuple(without))
        if self.task != AUTO:
            object.__setattr__(self, "task", Task.of(self.task))
        for field in fields(self):
            if isinstance(field.default, Choice):
                chosen = field.default.of(getattr(self, field.name))
                object.__setattr__(self, field.name, chosen)
        for right, sentence in self._requirements():
            if not right:
                raise DesignError(sentence)

    @property
    def grouped_by(self) -> tuple[str, ...]:
        """The column whose equal cells stay together, if the split goes by one."""
        by = {Split.GROUPS: self.group, Split.HASH: self.key}.get(self.split)
        return () if by is None else (by,)

    def preparation(self) -> "Preparation":
        """Return the part that decides the design matrix, which can be a key."""
        names = [field.name for field in fields(Preparation)]
        return Preparation(**{name: getattr(self, name) for name in names})

    def _requirements(self) -> list[tuple[bool, str]]:
        return [
            (
                0 <= self.validation_share <= 0.9,
                "The share of rows held out must lie between 0 and 0.9.",
            ),
            (
                0 <= self.test_share <= 0.9,
                "The share of rows locked away must lie between 0 and 0.9.",
            ),
            (
                self.validation_share + self.test_share <= MOST_AWAY,
                "The rows held out and those locked away must leave a tenth to train "
                "on; hold out or lock away fewer.",
            ),
            (
                _is_whole(self.seed, least=0),
                "The seed must be a whole number that is not negative.",
            ),
            (
                all(_is_whole(year, least=1099) for _, year in self.centuries),
                "The last of the hundred years that two digits stand for must be a "
                "whole number, such as 2025.",
            ),
            (
                self.split is not Split.GROUPS or len(self.grouped_by) == 1,
                "A split by groups needs a column that says which rows belong "
                "together; choose one.",
            ),
            (
                self.split is not Split.HASH or self.repeats is Repeats.APART,
                "A split by the hash of a key cannot keep rows together that are the "
                "same; choose a key that they share, or another split.",
            ),
        ]


@dataclass(frozen=True)
class Settings(Preparation):
    """Everything that decides a comparison, apart from the table.

    Attributes
    ----------
    target, features, task, validation_share, test_share, seed, standardise, missing,
    types, without, dates, date_order, centuries, totals, split, group, key,
    repeats : as in `Preparation`
    lam : λ ≥ 0 of L1, and of L2 unless `lam_l2` is given; the penalties are
        (λ/n)·Σ|w| and (λ/2n)·Σw² with n training rows
    l1_step : "clipped" stops at zero, "textbook" is the step by sgn(w)
    learning_rate : η; None takes 1/(L + λ/n) with the measured curvature L
    epochs : most epochs of each run
    seconds : None, or most seconds of training: the runs then go on until those that
        can settle have converged, and how far they come depends on the machine
    batch_size : rows a step; None takes all of them
    tolerance : converged when no optimality condition is off by more than this share
        of the largest gradient at the start

    Raises
    ------
    DesignError
        if a value is out of its range

    Examples
    --------
    >>> settings = Settings(target="price", lam=10.0, split="order")
    >>> settings.split, settings.l2_lam
    (<Split.ORDER: 'order'>, 10.0)
    """

    lam: float = 1.0
    lam_l2: float | None = None
    l1_step: L1Step = L1Step.CLIPPED
    learning_rate: float | None = None
    epochs: int = 500
    seconds: float | None = None
    batch_size: int | None = None
    tolerance: float = 1e-6

    @property
    def l2_lam(self) -> float:
        """λ of L2."""
        return self.lam if self.lam_l2 is None else self.lam_l2

    def _requirements(self) -> list[tuple[bool, str]]:
        positive = self.learning_rate is None or 0 < self.learning_rate < float("inf")
        strengths = [self.lam, self.l2_lam]
        return [
            *super()._requirements(),
            (
                all(0 <= lam < float("inf") for lam in strengths),
                "The penalty strength λ must be a number that is not negative.",
            ),
            (positive, "The learning rate must be a number above 0."),
            (
                _is_whole(self.epochs, least=1),
                "The number of epochs must be a whole number, at least one.",
            ),
            (
                self.seconds is None or 0 < self.seconds < float("inf"),
                "The most seconds of training must be a number above 0.",
            ),
            (
                self.batch_size is None or _is_whole(self.batch_size, least=1),
                "The rows in a batch must be a whole number, at least one.",
            ),
            (self.tolerance >= 0, "The tolerance must not be negative."),
        ]


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, Integral) and int(value) >= least


def _pairs(
    types: Mapping[str, str] | Iterable[tuple[str, str]],
) -> tuple[tuple[str, ColumnType], ...]:
    """Columns and types in an order of their own, so that equal choices are equal."""
    pairs = dict(types).items()
    return tuple(sorted(((name, ColumnType(kind)) for name, kind in pairs), key=str))
