import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from regcore.solve.threads import one_thread_a_product


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
