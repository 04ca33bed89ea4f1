import gc
import threading
import weakref
from threading import Thread

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController, threadpool_info, threadpool_limits

from regcore import Settings, compare, regularization_path
from regcore.solve.threads import one_thread_a_product, one_thread_inside
from tests.tables import table


def test_products_take_one_thread_from_then_on():
    before = threadpool_info()
    try:
        one_thread_a_product()
        np.eye(2) @ np.eye(2)
        pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
        assert all(pool["num_threads"] == 1 for pool in pools)
    finally:
        threadpool_limits(
            limits={pool["prefix"]: pool["num_threads"] for pool in before}
        )


def threads():
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return {pool["num_threads"] for pool in pools}


@pytest.fixture
def two():
    with threadpool_limits(limits=2, user_api="blas"):
        # A machine with a single core gives one thread whatever is asked for.
        yield threads()


@pytest.mark.parametrize("work", [compare, regularization_path])
def test_a_notebook_takes_one_thread_while_it_computes_and_keeps_its_setting(two, work):
    seen, pools = set(), ThreadpoolController().select(user_api="blas")
    work(
        table(n=60, p=3),
        Settings(target="y"),
        progress=lambda _: seen.update(pool["num_threads"] for pool in pools.info()),
    )
    assert seen == {1}
    assert threads() == two


def test_a_refusal_sets_the_threads_back(two):
    with pytest.raises(ValueError, match="no column"):
        compare(table(n=60, p=3), Settings(target="nowhere"))
    assert threads() == two


@pytest.mark.parametrize("first_ends_first", [True, False])
def test_of_two_that_overlap_none_leaves_another_setting_behind(two, first_ends_first):
    begun, end = threading.Event(), threading.Event()

    def second():
        with one_thread_inside():
            begun.set()
            end.wait(10)

    other = threading.Thread(target=second)
    with one_thread_inside():
        other.start()
        begun.wait(10)
        assert threads() == {1}
        if not first_ends_first:
            end.set()
            other.join()
            assert threads() == {1}
    assert threads() == two
    end.set()
    other.join()
    assert threads() == two


def test_the_thread_that_asks_is_not_kept_with_what_is_tied_to_it():
    asks = Thread(target=one_thread_a_product)
    gone = weakref.ref(asks)
    with threadpool_limits():
        asks.start()
        asks.join()
        del asks
        gc.collect()
        assert gone() is None
