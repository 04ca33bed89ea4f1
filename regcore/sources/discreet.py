"""An engine whose failures are for the log alone: they can hold an address."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pyarrow as pa

from regcore.model.blocks import Tick, no_tick
from regcore.settings import DesignError, NotNowError
from regcore.sources.engine import Engine
from regcore.words import named

_log = logging.getLogger(__name__)


def hidden(name: str, error: Exception) -> NotNowError:
    """Log why a table cannot be read, and return what its visitor is told."""
    _log.error("The table %s: %s", named(name), error)
    return NotNowError(
        f"{named(name)} cannot be read now; who runs the page finds the reason in its "
        "log."
    )


class Discreet:
    """Asks another engine, and says of what fails there no more than a name.

    Parameters
    ----------
    name : of the table, as visitors know it
    """

    table: str
    types: Mapping[str, str]
    row: str
    unique: bool
    most_summed: int

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine, self._name = engine, name
        self.table, self.types = engine.table, engine.types
        self.row, self.unique = engine.row, engine.unique
        self.most_summed = engine.most_summed

    def ask(self, query: str, tick: Tick = no_tick) -> pa.Table:
        """See `Engine.ask`."""
        with self._quiet():
            return self._engine.ask(query, tick)

    def pieces(self, query: str, tick: Tick = no_tick) -> Iterator[pa.RecordBatch]:
        """See `Engine.pieces`."""
        with self._quiet():
            yield from self._engine.pieces(query, tick)

    def keep(self, name: str, query: str, tick: Tick = no_tick) -> None:
        """See `Engine.keep`."""
        with self._quiet():
            self._engine.keep(name, query, tick)

    def put(self, name: str, table: pa.Table) -> None:
        """See `Engine.put`."""
        with self._quiet():
            self._engine.put(name, table)

    def drop(self, name: str) -> None:
        """See `Engine.drop`."""
        self._engine.drop(name)

    def changed(self) -> bool:
        """See `Engine.changed`."""
        return self._engine.changed()

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        try:
            yield
        except DesignError as error:
            raise hidden(self._name, error) from None
