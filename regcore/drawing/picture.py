"""A chart in two parts: what stays while the numbers move, and the numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from regcore.model.losses import Array

Specification = Mapping[str, object]

Table = Mapping[str, Array]
"""Columns of one length; an array is in the browser sooner than a data frame."""


@dataclass(frozen=True)
class Picture:
    """A specification that names its tables, and the tables.

    A browser that is sent the same specification again moves the marks it has drawn;
    another one, and be it in one end of an axis, makes it build the whole chart anew.

    Attributes
    ----------
    specification : holds no number that the training decides
    tables : by the names that the specification knows them by
    """

    specification: Specification
    tables: Mapping[str, Table]

    def to_dict(self, *, validate: bool = False) -> dict[str, object]:
        """Return the specification with its tables; there is none to hold it to."""
        tables = {
            name: pd.DataFrame(columns).to_dict("records")
            for name, columns in self.tables.items()
        }
        return {**self.specification, "datasets": tables}
