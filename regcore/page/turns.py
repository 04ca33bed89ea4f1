"""Whose turn it is: a few places, given in the order of arrival."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Turns:
    """A fixed number of places and the queue for them, first come, first served.

    Parameters
    ----------
    places : how many may have their turn at once
    """

    def __init__(self, places: int) -> None:
        self._places = places
        # In the order of arrival: the first have the places, the others wait.
        self._line: list[object] = []
        self._moved = threading.Condition()

    @contextmanager
    def turn(self, wait: Callable[[int], None], every: float) -> Iterator[None]:
        """Have a place for the length of the block; wait for it first.

        However the waiting or the block ends, those behind move up.

        Parameters
        ----------
        wait : told the number in the queue, from 1, every so many seconds while there
            is no place; what it raises ends the waiting
        every : those seconds
        """
        ticket = object()
        with self._moved:
            self._line.append(ticket)
        try:
            while number := self._number(ticket, every):
                wait(number)
            yield
        finally:
            with self._moved:
                self._line.remove(ticket)
                self._moved.notify_all()

    def _number(self, ticket: object, patience: float) -> int:
        """Return the number in the queue after a while; 0 as soon as it has a place."""

        def number() -> int:
            return max(self._line.index(ticket) - self._places + 1, 0)

        with self._moved:
            self._moved.wait_for(lambda: number() == 0, patience)
            return number()
