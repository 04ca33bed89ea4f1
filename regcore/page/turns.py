"""Whose turn it is: a few places, given in the order of arrival, for a while each."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

SPARE = 1
"""How many may go on beside those that have the places: who has lost one and has not
noticed yet."""


@dataclass(eq=False)
class _Ticket:
    """A turn that was asked for.

    Attributes
    ----------
    since : when it was given the place that it has
    goes_on : whether it does not wait, be it that it has no place any more
    """

    owner: object
    since: float | None = None
    goes_on: bool = False


class Turns:
    """A fixed number of places and the queue for them, first come, first served.

    Nobody has two places: who is still busy when the next turn is asked for waits for
    oneself, and keeps nobody else from a place. While somebody waits, a place is had
    for a slice of time, and then again from the end of the queue. The next takes it
    over, even if the one before does not notice for a while.

    Parameters
    ----------
    places : how many may have their turn at once
    most : seconds of a slice; without it a place is kept until the turn is over
    """

    def __init__(self, places: int, most: float = math.inf) -> None:
        self._places, self.most = places, most
        # In the order of arrival, or of coming back: the first owners have the places,
        # the others wait.
        self._line: list[_Ticket] = []
        self._moved = threading.Condition()

    @contextmanager
    def turn(
        self, owner: object, wait: Callable[[int], None], every: float
    ) -> Iterator[Callable[[], None]]:
        """Have a place for the length of the block; wait for it first.

        However the waiting or the block ends, those behind move up.

        Parameters
        ----------
        owner : whose turn it is; known by identity
        wait : told the number in the queue, from 1, every so many seconds while there
            is no place; what it raises ends the waiting
        every : those seconds

        Yields
        ------
        what to call often within the block: where the place has become another's it
        waits for the next one, as at first
        """
        ticket = _Ticket(owner)

        def take() -> None:
            # Read without the lock: to notice a little later is as good.
            while ticket.since is None and (number := self._number(ticket, every)):
                wait(number)

        with self._moved:
            self._line.append(ticket)
        try:
            take()
            yield take
        finally:
            with self._moved:
                self._line.remove(ticket)
                self._moved.notify_all()

    def _number(self, ticket: _Ticket, patience: float) -> int:
        """Return the number in the queue after a while; 0 as soon as it has a place."""
        with self._moved:
            if ticket.goes_on:
                ticket.goes_on = False
                self._moved.notify_all()
            if self._moved.wait_for(lambda: self._takes(ticket), patience):
                return 0
            at = [known.owner for known in self._queue()].index(ticket.owner)
            return max(at - self._places + 1, 1)

    def _takes(self, ticket: _Ticket) -> bool:
        """Whether there is a place for it, which it then has."""
        self._take_over()
        room = sum(known.goes_on for known in self._line) < self._places + SPARE
        if not room or ticket not in self._queue()[: self._places]:
            return False
        ticket.since, ticket.goes_on = time.monotonic(), True
        return True

    def _take_over(self) -> None:
        """Send those whose slice is over to the end, for as many as wait."""
        queue, now = self._queue(), time.monotonic()
        waiting = len(queue) - self._places
        for holder in queue[: self._places]:
            if holder.since is None:
                # It may have come round without having noticed that it was overtaken.
                holder.since = now if holder.goes_on else None
            elif waiting > 0 and now - holder.since >= self.most:
                holder.since, waiting = None, waiting - 1
                own = [known for known in self._line if known.owner is holder.owner]
                others = [known for known in self._line if known not in own]
                self._line = others + own

    def _queue(self) -> list[_Ticket]:
        """The first ticket of every owner, in order."""
        first: dict[int, _Ticket] = {}
        for ticket in self._line:
            first.setdefault(id(ticket.owner), ticket)
        return list(first.values())
