"""A table behind an engine, and the problem that its sums pose."""

import threading
import weakref
from itertools import count

from regcore.design.build import check_names
from regcore.design.keys import FARTHEST
from regcore.design.sheet import Sheet
from regcore.model.blocks import Tick, no_tick
from regcore.problem import Problem
from regcore.settings import DesignError, Preparation, Split, Task
from regcore.sources.engine import Engine, held, identifier, real
from regcore.sources.posing import pose
from regcore.sources.preparing import Read, Room, any_room, summed, task_of
from regcore.sources.table import Table
from regcore.words import counted, named, one_or_many


class Source:
    """A table that need not fit into memory; `connect` makes one.

    It takes the place of a table in `compare` and, for a target that is a number, in
    `regularization_path`, with ``split="hash"``.

    Attributes
    ----------
    table : the table
    reading : which read is under way, None between two
    """

    def __init__(self, engine: Engine, tick: Tick = no_tick) -> None:
        self.table = Table.of(engine, tick)
        self.reading: Read | None = None
        self._one_at_a_time = threading.Lock()
        self._names = count()
        self._posed: weakref.WeakValueDictionary[Preparation, Problem]
        self._posed = weakref.WeakValueDictionary()

    @property
    def sheet(self) -> Sheet:
        """What is guessed of the table from a sample."""
        return self.table.sheet

    @property
    def length(self) -> int:
        """How many rows it had when it was connected."""
        return self.table.length

    def pose(
        self, settings: Preparation, tick: Tick = no_tick, room: Room = any_room
    ) -> Problem:
        """Read the table, sum it up, and pose the problem of the sums.

        It is posed once while it is held: a path beside a comparison reads nothing.

        Parameters
        ----------
        room : told the bytes that the sums will take, before they are asked for; what
            it raises ends the work

        Raises
        ------
        DesignError
            one sentence, if the table cannot be trained on or has changed meanwhile
        """
        with held(self._one_at_a_time, tick):
            try:
                known = self._posed.get(settings.preparation())
                return known or self._pose(settings, tick, room)
            finally:
                self.reading = None

    def _pose(self, settings: Preparation, tick: Tick, room: Room) -> Problem:
        engine, name = self.table.engine, f"encoded{next(self._names)}"
        self._tell(Read(1, "what its columns are"))
        sheet = self.table.look(tick)
        self._refuse_unread(settings)
        check_names(sheet.table, settings)
        self._refuse(settings)
        self._refuse_gaps(settings, tick)
        try:
            answer = summed(self.table, settings, name, tick, self._tell, room)
            problem = pose(self.table, settings, answer, tick)
        except BaseException:
            engine.drop(name)
            raise
        weakref.finalize(problem, engine.drop, name)
        self._posed[settings.preparation()] = problem
        return problem

    def _tell(self, read: Read) -> None:
        self.reading = read

    def _refuse_unread(self, settings: Preparation) -> None:
        """Refuse columns that are there, and of which nothing is read."""
        asked = (settings.target, settings.key, *(settings.features or ()))
        for name in (one for one in asked if one in self.table.unread):
            raise DesignError(
                f"Column {named(name)} holds no single number, text or date; choose "
                "another one."
            )

    def _refuse(self, settings: Preparation) -> None:
        """Refuse what sums do not answer."""
        target, cells = settings.target, self.table.columns[settings.target]
        if settings.split is not Split.HASH:
            raise DesignError(
                "The rows of a table behind an engine are held out by the hash of a "
                "key; choose the split «hash»."
            )
        task = task_of(self.table, settings)
        if task is Task.REGRESSION and cells.kind != "number":
            raise DesignError(
                f"The target {named(target)} is not a number, and a regression needs "
                "one; choose another target."
            )

    def _refuse_gaps(self, settings: Preparation, tick: Tick) -> None:
        """Refuse a key that does not name every row."""
        if settings.key is None:
            return
        cells, engine = self.table.columns[settings.key], self.table.engine
        number = cells.kind == "number"
        cell = cells.cell if number else f"t.{identifier(settings.key)}"
        far = f"ABS({cells.number()}) >= {real(FARTHEST)}" if number else "1 = 0"
        query = (
            f"SELECT COUNT(*) - COUNT({cell}) AS gaps, "
            f"COUNT(CASE WHEN {far} THEN 1 END) AS far FROM {engine.table} AS t"
        )
        found = engine.ask(query, tick)
        wrong = ("gaps", "empty cell", ""), ("far", "number", " beyond 2⁶³")
        for name, what, where in wrong:
            count = found[name][0].as_py()
            if count:
                raise DesignError(
                    f"Column {named(settings.key)} has {counted(count, what)}{where}, "
                    f"which {one_or_many(count, 'names', 'name')} no row; choose "
                    "another key."
                )
