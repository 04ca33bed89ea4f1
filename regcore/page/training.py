"""From controls to a comparison: posed and trained once, and remembered."""

from functools import partial

import numpy as np
from streamlit.delta_generator import DeltaGenerator

from regcore.compare import effort, train
from regcore.comparison import Comparison
from regcore.design.leaks import Leak, find_leaks
from regcore.page.capacity import SUMS, promised, room_for
from regcore.page.computing import Heartbeat, computed
from regcore.page.dataset import Dataset
from regcore.page.house import follow
from regcore.page.memory import keep, prune, recall, remembered, values
from regcore.problem import Problem, pose
from regcore.questions.cards.words import first_zero, strength_notice
from regcore.settings import Settings
from regcore.solve.effort import Work, preparing_seconds
from regcore.solve.passes import heard

PROBLEMS_KEPT = 2
COMPARISONS_KEPT = 20


def prepare(
    dataset: Dataset, settings: Settings, slot: DeltaGenerator
) -> Problem | None:
    """Return the problem of these settings, built now if it is new.

    Returns
    -------
    None if the user has cancelled just this preparation

    Raises
    ------
    DesignError
        one sentence, if the table cannot be trained on
    """
    # The key is all that is given away, so that it cannot be short of what decides.
    preparation = settings.preparation()

    def build(heartbeat: Heartbeat) -> Problem:
        source = dataset.elsewhere
        if source is not None:
            with room_for(SUMS) as room:
                return source.pose(
                    preparation, partial(follow, source, heartbeat), room
                )
        expected = preparing_seconds(*dataset.table.shape)
        tick = Work(heartbeat).paced(0.0, 1.0, expected)
        return pose(dataset.table, preparation, tick, dataset.sheet)

    key = (dataset.digest, preparation)
    return computed("problems", key, build, Heartbeat(slot, "Preparing"), PROBLEMS_KEPT)


def obtain(
    dataset: Dataset, problem: Problem, settings: Settings, slot: DeltaGenerator
) -> Comparison | None:
    """Return the comparison of these settings, trained now if it is new.

    Returns
    -------
    None if the user has cancelled just this training
    """
    # A comparison holds its problem: one whose problem is gone would keep it in memory.
    # Problems hold arrays, which have no single answer to "equal": ask for identity.
    problems = {id(kept) for kept in values("problems")}
    prune("comparisons", lambda comparison: id(comparison.problem) in problems)

    expected = effort(problem, settings)

    def build(heartbeat: Heartbeat) -> Comparison:
        with promised(expected.memory):
            comparison = train(problem, settings, heartbeat)
        # What the page shows of each of them and takes a pass over the rows.
        with heard(problem.passes, partial(heartbeat, 1.0)):
            _ = comparison.summary, comparison.l1_has_many_optima
        return comparison

    key = (dataset.digest, settings)
    heartbeat = Heartbeat(slot, "Training", expected.seconds)
    return computed("comparisons", key, build, heartbeat, COMPARISONS_KEPT)


def trained(dataset: Dataset, settings: Settings) -> bool:
    """Whether `obtain` has this comparison already."""
    return recall("comparisons", (dataset.digest, settings)) is not None


def warn_of_leaks(dataset: Dataset, result: Comparison) -> tuple[Leak, ...]:
    """Return what gives the target away, looked for once for each problem."""
    key = (dataset.digest, result.settings.preparation())
    return remembered(
        "leaks",
        key,
        lambda: find_leaks(result.problem.design),
        PROBLEMS_KEPT,
    )


def notice_strength(dataset: Dataset, result: Comparison, slot: DeltaGenerator) -> str:
    """Return what is to be said of λ, found once for each comparison."""
    preparation = (dataset.digest, result.settings.preparation())

    def build(heartbeat: Heartbeat) -> str:
        def search(result: Comparison) -> float:
            signs = np.sign(result["L1"].optimum.W)
            of, first = recall("first zeros", preparation) or (0.0 * signs, 0.0)
            # With the same signs no weight has been zero in between: see `first_zero`.
            if result.settings.lam >= first or not np.array_equal(signs, of):
                of, first = signs, first_zero(result, heartbeat)
                keep("first zeros", preparation, (of, first), PROBLEMS_KEPT)
            return first

        return strength_notice(result, search)

    # Not the comparison's own key: to cancel this does not cancel the training.
    key = (dataset.digest, result.settings, "strength")
    heartbeat = Heartbeat(slot, "Looking for the λ that removes a weight")
    return computed("notices", key, build, heartbeat, COMPARISONS_KEPT) or ""
