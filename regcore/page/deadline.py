"""A computation that may take only so long."""

from collections.abc import Callable
from typing import TypeVar

from regcore.solve.descent import Progress
from regcore.solve.effort import Work

T = TypeVar("T")


class LateError(Exception):
    """It would take longer than there is time for; in all, so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


def within(seconds: float, build: Callable[[Progress], T]) -> Callable[[Progress], T]:
    """Do it, but raise `LateError` as soon as it takes longer."""

    def run(tell: Progress) -> T:
        work = Work(tell)

        def watch(share: float) -> None:
            work(share)
            if work.seconds > seconds:
                raise LateError(work.seconds / max(share, 0.01))

        return build(watch)

    return run
