"""What is of all rows and what of a sample, where the table is elsewhere."""

from regcore.comparison import Comparison
from regcore.model.metrics import ROC_AUC
from regcore.words import counted, figures, percent


def drawn_from(result: Comparison) -> str:
    """Say from how many rows something is drawn; nothing where it is all of them."""
    problem = result.problem
    design = problem.design
    drawn = len(design.rows) + len(design.validation_rows) + len(design.test_rows)
    every = problem.n + problem.n_held_out + problem.n_locked
    if drawn == every:
        return ""
    known = "losses" if design.classes else "losses, RMSE and R²"
    return (
        f"Drawn from a sample of {drawn:,} of the {every:,} rows; {known} are of all."
    )


def of_all_rows(result: Comparison) -> tuple[str, ...]:
    """Say what the models were told by; nothing where all rows are in memory."""
    problem = result.problem
    if not problem.sampled:
        return ()
    rows = counted(problem.n, "training row")
    if problem.passes is None:
        return (
            f"Curves, optima and losses are of all {rows}, told from sums over them, "
            "and so is all that λ changes: the table is not read again.",
        )
    passes = len(problem.passes.done)
    return (
        f"Optima and losses are of all {rows}, which were gone through "
        f"{counted(passes, 'time')} so far to solve and to certify. The curves are of "
        "a sample that all rows correct; at their ends they are off by "
        f"{percent(result.curves_off)} of the first loss."
        f"{_binned(result)}",
    )


def _binned(result: Comparison) -> str:
    """Say how far off ROC-AUC is; nothing where it is not defined."""
    (off,) = [one.off for one in result.measured if one.metric is ROC_AUC] or [0.0]
    if not off:
        return ""
    return (
        f" ROC-AUC is told from counts of all {result.problem.n_held_out:,} rows held "
        f"out by bins of their log odds, which leave it at most {figures(off)} off."
    )
