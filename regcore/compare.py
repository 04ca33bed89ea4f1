"""Settings → Comparison: none, L1 and L2 trained side by side, without a page."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from regcore.comparison import PENALTIES, Comparison
from regcore.design.sheet import Sheet
from regcore.model.oracle import Tick
from regcore.model.penalties import Penalty
from regcore.problem import Problem, Source, pose
from regcore.settings import DesignError, L1Step, Settings
from regcore.solve import convergence
from regcore.solve.descent import (
    Progress,
    Schedule,
    descend,
    epoch_work,
    no_progress,
)
from regcore.solve.effort import Effort, Work, training_effort
from regcore.solve.threads import one_thread_inside

NONE = 0.25
"""Share of the exact answers' work that the one without a penalty takes."""


def penalties(settings: Settings, n: int) -> tuple[Penalty, ...]:
    """The penalties of the three models for n training rows."""
    textbook = settings.l1_step is L1Step.TEXTBOOK
    return (
        Penalty(),
        Penalty(l1=settings.lam / n, textbook=textbook),
        Penalty(l2=settings.l2_lam / n),
    )


def effort(problem: Problem, settings: Settings, features: int | None = None) -> Effort:
    """Estimate what `train` takes; see `regcore.solve.effort`.

    Parameters
    ----------
    features : if it were so many
    """
    p, k = features or problem.shape[1], problem.outputs
    oracle = problem.oracle if problem.passes is None else problem.rows
    size, shape = settings.batch_size, (len(PENALTIES), p, k)
    work = float(settings.epochs * epoch_work(oracle, shape, size, problem.validation))
    found = training_effort(oracle.n, p, k, work, quadratic=problem.loss.quadratic)
    if settings.seconds is None:
        return found
    return replace(found, descent=min(found.descent, settings.seconds))


def train(
    problem: Problem, settings: Settings, progress: Progress = no_progress
) -> Comparison:
    """Train the three models on a problem posed with the same settings.

    Parameters
    ----------
    progress : told the share done every few milliseconds; what it raises ends it
    """
    if settings.batch_size is not None and problem.sampled:
        raise DesignError(
            "Batches are drawn from rows in memory, and of this table there are only "
            "some; let every step take all rows."
        )
    chosen = penalties(settings, problem.n)
    curvature = problem.curvature
    if settings.batch_size is not None:
        curvature = problem.rows.batch_curvature(settings.batch_size)
    curvature += max(float(penalty.curvature) for penalty in chosen)
    rate = settings.learning_rate or 1.0 / curvature
    schedule = Schedule(
        rate=rate,
        epochs=settings.epochs,
        seconds=settings.seconds,
        tolerance=settings.tolerance,
        batch_size=settings.batch_size,
        seed=settings.seed,
    )
    # The answer without a penalty, the descents, the other answers.
    expected = effort(problem, settings)
    first = NONE * expected.exact / expected.seconds
    last = first + expected.descent / expected.seconds
    work = Work(progress)
    runs = descend(
        problem.oracle,
        chosen,
        problem.start,
        schedule,
        batches=problem.batches(settings),
        validation=problem.validation,
        settles=_settles(
            problem, chosen, schedule, work.paced(0.0, first, NONE * expected.exact)
        ),
        progress=lambda share: work(first + (last - first) * share),
    )
    tick = work.paced(last, 1.0, expected.exact)
    # Beyond the limit a run can end where all rows are so wrong that the loss is
    # straight, and a Newton step from there has no length.
    stable = rate * curvature < 2.0
    starts = [(run.W, run.b) if stable else problem.start for run in runs]
    optima = problem.optima(chosen, starts, tick)
    return Comparison(
        settings, problem, chosen, runs, optima, schedule, 2.0 / curvature
    )


def _settles(
    problem: Problem, chosen: tuple[Penalty, ...], schedule: Schedule, tick: Tick
) -> list[bool] | None:
    """Whether each run can converge; asked only where it is waited for."""
    if schedule.seconds is None:
        return None
    still = not schedule.hovers(problem.n)
    free = still and problem.optimum_without_penalty(tick).exists
    return [
        free if penalty.absent else still and not np.any(penalty.textbook)
        for penalty in chosen
    ]


@one_thread_inside()
def compare(
    table: pd.DataFrame | Source,
    settings: Settings,
    progress: Progress = no_progress,
    sheet: Sheet | None = None,
) -> Comparison:
    """Train none, L1 and L2 on a table, or on a source of one.

    Meanwhile matrix products take one thread: two on busy cores are many times slower.

    Parameters
    ----------
    sheet : what is known of this table, if that was looked at before

    Raises
    ------
    DesignError
        one sentence, if the table cannot be trained on

    Examples
    --------
    >>> import pandas as pd
    >>> sizes = [50, 61, 75, 90, 110, 45, 82, 67, 98, 120, 58, 71]
    >>> rooms = [2, 2, 3, 4, 4, 1, 3, 3, 5, 5, 2, 3]
    >>> prices = [3 * size + 10 * n for size, n in zip(sizes, rooms)]
    >>> table = pd.DataFrame({"size": sizes, "rooms": rooms, "price": prices})
    >>> result = compare(table, Settings(target="price", lam=1.0))
    >>> result.summary["nonzero"].tolist()
    [2, 2, 2]
    """
    problem = pose(table, settings, partial(progress, 0.0), sheet)
    return train(problem, settings, progress)


def epochs_to_converge(
    result: Comparison, progress: Progress = no_progress
) -> tuple[float, ...]:
    """Estimate the epochs after which each run would have converged, one a penalty.

    Infinite where a run settles nowhere; see `regcore.solve.convergence`.

    Parameters
    ----------
    progress : told the share done every few milliseconds; what it raises ends it
    """
    return tuple(
        convergence.epochs_to_converge(
            result.problem.oracle,
            model.penalty,
            model.run,
            model.optimum,
            result.schedule,
            partial(progress, i / len(PENALTIES)),
        )
        for i, model in enumerate(result.models)
    )
