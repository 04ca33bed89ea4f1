"""Whose turn it is: a few places, given in the order of arrival."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Turns:
    """A fixed number of places and the queue for them, first come, first served.

    Nobody has two places: who is still busy when the next turn is asked for waits for
    oneself, and keeps nobody else from a place.

    Parameters
    ----------
    places : how many may have their turn at once
    """

    def __init__(self, places: int) -> None:
        self._places = places
        # Owners and their tickets in the order of arrival: the first owners have the
        # places, the others wait.
        self._line: list[tuple[object, object]] = []
        self._moved = threading.Condition()

    @contextmanager
    def turn(
        self, owner: object, wait: Callable[[int], None], every: float
    ) -> Iterator[None]:
        """Have a place for the length of the block; wait for it first.

        However the waiting or the block ends, those behind move up.

        Parameters
        ----------
        owner : whose turn it is; known by identity
        wait : told the number in the queue, from 1, every so many seconds while there
            is no place; what it raises ends the waiting
        every : those seconds
        """
        ticket = owner, object()
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

    def _number(self, ticket: tuple[object, object], patience: float) -> int:
        """Return the number in the queue after a while; 0 as soon as it has a place."""
        with self._moved:
            self._moved.wait_for(lambda: self._ahead(ticket) == 0, patience)
            return self._ahead(ticket)

    def _ahead(self, ticket: tuple[object, object]) -> int:
        first: dict[int, tuple[object, object]] = {}
        for known in self._line:
            first.setdefault(id(known[0]), known)
        at = list(first).index(id(ticket[0]))
        waits_for_itself = first[id(ticket[0])] is not ticket
        return max(at - self._places + 1, int(waits_for_itself))
