"""How many threads NumPy's matrix products take."""

from threadpoolctl import threadpool_limits


def one_thread_a_product() -> None:
    """Let every matrix product of this process run in the thread that asks for it.

    Two threads on two cores that are busy with something else were measured 10 to 50
    times slower than one (XᵀX of 100,000 × 100: 2,000 ms instead of 40), and on idle
    cores hardly faster for products as thin as these. Several users of one server are
    threads already. To be called once, when the program starts.
    """
    threadpool_limits(limits=1, user_api="blas")
