"""How long work takes, before and while it is done."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from regcore import Settings, compare
from regcore.compare import effort as effort_of
from regcore.compare import train
from regcore.model.rows import Rows
from regcore.problem import pose
from regcore.solve import curvature, effort, systems
from regcore.solve.effort import EXACT, Work, preparing_seconds, training_effort
from tests.tables import table

PASSES = 8
"""Times that a training goes over the rows and the unknowns for second derivatives:
`EXACT` is so many times the seconds of one."""


@pytest.fixture
def counted(monkeypatch):
    """Count what second derivatives and their inverses take: multiplications."""
    count = [0.0]

    def counting(module, name, work):
        made = getattr(module, name)

        def noted(*args):
            count[0] += work(*args)
            return made(*args)

        monkeypatch.setattr(module, name, noted)

    counting(Rows, "hessian", lambda rows, W, b, *_: rows.n * (W.size + b.size) ** 2)
    counting(systems, "_in_own_units", lambda H: len(H) ** 3)
    counting(curvature, "minimise", lambda H, *_: H.shape[-1] ** 3)
    return count


def classes(n, p, k, levels):
    """Numbers or categories, and as many classes, which they tell something of."""
    rng = np.random.default_rng(n + p + k)
    X = rng.integers(0, levels, (n, p)) if levels else rng.standard_normal((n, p))
    Z = (X - X.mean()) @ rng.standard_normal((p, k)) / np.sqrt(p) + rng.gumbel(
        size=(n, k)
    )
    cells = pd.DataFrame(X).add_prefix("x")
    cells = "l" + cells.astype(str) if levels else cells
    return cells.assign(y="k" + pd.Series(Z.argmax(axis=1)).astype(str))


@pytest.mark.parametrize(
    ("n", "p", "k", "levels"),
    [
        (400, 10, 3, 0),
        (400, 2, 3, 12),
        (1_600, 40, 3, 0),
        (400, 30, 8, 0),
        (800, 100, 2, 0),
        (3_000, 20, 2, 0),
        (3_000, 2, 6, 10),
        (100, 150, 3, 0),
    ],
)
def test_the_work_of_exact_answers_is_within_three_times_of_what_was_estimated(
    n, p, k, levels, counted
):
    settings = Settings("y", epochs=3)
    problem = pose(classes(n, p, k, levels), settings)
    settings = replace(settings, lam=0.1 * problem.lam_max)
    train(problem, settings)
    units = PASSES * effort_of(problem, settings).exact / EXACT
    assert units / 3 <= counted[0] <= 3 * units


def test_more_of_anything_takes_longer():
    base = {"n": 1_000, "p": 50, "k": 5, "work": 1e9}
    for quadratic in (False, True):
        least = training_effort(**base, quadratic=quadratic)
        for what in ("p", "k", "work"):
            more = training_effort(**base | {what: 2 * base[what]}, quadratic=quadratic)
            assert more.seconds > least.seconds
            assert more.memory >= least.memory
    longer = training_effort(**base | {"n": 2_000}, quadratic=False)
    assert longer.seconds > training_effort(**base, quadratic=False).seconds


def test_more_cells_take_longer_to_prepare_and_more_columns_longer_still():
    assert preparing_seconds(2_000, 50) == pytest.approx(
        2 * preparing_seconds(1_000, 50)
    )
    assert preparing_seconds(1_000, 100) > 2 * preparing_seconds(1_000, 50)


@pytest.mark.parametrize("batch_size", [None, 1])
def test_epochs_count_up_to_the_seconds_that_they_may_take(batch_size):
    settings = Settings("y", epochs=10, batch_size=batch_size)
    problem = pose(table("regression"), settings)
    once = effort_of(problem, settings)
    twice = effort_of(problem, replace(settings, epochs=20))
    assert twice.descent == pytest.approx(2 * once.descent)
    many = replace(settings, epochs=10**9, seconds=1.0)
    assert effort_of(problem, many).descent == 1.0
    assert twice.exact == once.exact


@pytest.mark.parametrize("seconds", [None, 1.0])
def test_a_training_tells_a_share_that_rises_and_moves_with_the_exact_answers_too(
    seconds, monkeypatch
):
    monkeypatch.setattr(effort, "EXACT", 1e3 * EXACT)
    shares = []
    settings = Settings("y", epochs=5, seconds=seconds)
    compare(table("multiclass"), settings, shares.append)
    assert (np.diff(shares) >= 0.0).all()
    # The exact answers are expected to take nearly all of it.
    assert len(set(shares[len(shares) // 2 :])) > 5
    assert shares[-1] < 1.0


def test_work_by_the_clock_is_six_tenths_on_when_it_was_expected_to_end(monkeypatch):
    now, told = [0.0], []
    monkeypatch.setattr(effort.time, "perf_counter", lambda: now[0])
    tick = Work(told.append).paced(0.5, 1.0, 10.0)
    for now[0] in (0.0, 10.0, 20.0, 1e6):
        tick()
    assert told == pytest.approx([0.5, 0.816, 0.932, 1.0], abs=1e-3)


def test_what_a_listener_takes_is_no_work(monkeypatch):
    now, told = [0.0], []
    monkeypatch.setattr(effort.time, "perf_counter", lambda: now[0])

    def tell(share):
        told.append(share)
        now[0] += 100.0

    work = Work(tell)
    for share in (0.25, 0.5):
        now[0] += 1.5
        work(share)
    assert told == [0.25, 0.5]
    assert work.seconds == 3.0
