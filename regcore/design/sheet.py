"""What is known of a table, whatever the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from regcore.design.columns import plain, refuse_unclear_names
from regcore.design.guesses import Guess, guess_types
from regcore.design.target import propose_target, propose_task
from regcore.design.totals import totals_below
from regcore.model.blocks import Tick, no_tick
from regcore.settings import Task


@dataclass(frozen=True, eq=False)
class Sheet:
    """A table and what is guessed of it, made once and used under any settings.

    Attributes
    ----------
    table : the rows numbered from 0, each column numbers or text
    types : the type that each column's cells suggest
    totals : positions of the last rows that sum up the others

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"size": [50, 61, 75, 90], "price": [120, 155, 170, 230]})
    >>> sheet = Sheet.of(table)
    >>> str(sheet.types["size"].type), sheet.target[0]
    ('number', 'price')
    """

    table: pd.DataFrame
    types: Mapping[str, Guess]
    totals: tuple[int, ...]
    _tasks: dict[str, tuple[Task, str]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, table: pd.DataFrame, tick: Tick = no_tick) -> "Sheet":
        """Look at a table.

        Parameters
        ----------
        tick : called at every column; what it raises ends the work

        Raises
        ------
        DesignError
            if a name does not stand for one column
        """
        refuse_unclear_names(table)
        table = plain(table)
        guesses = guess_types(table, tick)
        return cls(table, guesses, tuple(totals_below(table).tolist()))

    @cached_property
    def target(self) -> tuple[str, str]:
        """The column that is likely to be predicted, and why, as a clause."""
        return propose_target(self.table, self.types)

    def task(self, target: str) -> tuple[Task, str]:
        """Return the likely task of a target, and why, as a clause."""
        if target not in self._tasks:
            self._tasks[target] = propose_task(self.table[target])
        return self._tasks[target]
