"""A computation that may take only so long."""

import time
from collections.abc import Callable
from typing import TypeVar

from regcore.solve.descent import Progress

T = TypeVar("T")


class LateError(Exception):
    """It would take longer than there is time for; in all, so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


def within(seconds: float, build: Callable[[Progress], T]) -> Callable[[Progress], T]:
    """Do it, but raise `LateError` as soon as it takes longer."""

    def run(tell: Progress) -> T:
        start = time.monotonic()

        def watch(share: float) -> None:
            tell(share)
            passed = time.monotonic() - start
            if passed > seconds:
                raise LateError(passed / max(share, 0.01))

        return build(watch)

    return run
