"""How many threads NumPy's matrix products take."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock, Thread

from threadpoolctl import ThreadpoolController, threadpool_limits


def one_thread_a_product() -> None:
    """Let every matrix product of this process run in the thread that asks for it.

    Two threads on two cores that are busy with something else were measured 10 to 50
    times slower than one (XᵀX of 100,000 × 100: 2,000 ms instead of 40), and on idle
    cores hardly faster for products as thin as these. Several users of one server are
    threads already. To be called once, when the program starts.
    """
    # The library keeps the thread that asks for ever, and with it what is tied to it:
    # in a server the session of the first visitor.
    asks = Thread(target=threadpool_limits, kwargs={"limits": 1, "user_api": "blas"})
    asks.start()
    asks.join()


_taken = Lock()


@contextmanager
def one_thread_inside() -> Iterator[None]:
    """Do as `one_thread_a_product` for a while, and then set the threads back.

    The setting is one for the whole process. Of several calls at a time, in threads of
    their own, only the first one changes it, so that none takes it for what it was.
    """
    if not _taken.acquire(blocking=False):
        yield
        return
    try:
        with _libraries(len(sys.modules)).limit(limits=1, user_api="blas"):
            yield
    finally:
        _taken.release()


@lru_cache(maxsize=1)
def _libraries(modules: int) -> ThreadpoolController:
    """Look through what is loaded, and once more where modules have come to it.

    Each time would be 3 ms, half of what a small table takes.
    """
    return ThreadpoolController()
