"""How good the predictions are, in sentences."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from regcore.comparison import PENALTIES, Comparison
from regcore.model.losses import Array
from regcore.model.metrics import MAE, RMSE
from regcore.model.scores import ENOUGH
from regcore.questions.cards.scores import scores_shown
from regcore.questions.judgement import student
from regcore.questions.predictions.answer import (
    MOST_DOTS,
    SEED,
    Chances,
    Errors,
    Groups,
    Numbers,
    groups,
)
from regcore.trained import CALLED
from regcore.words import counted, figures, listed, named, one_or_many, share, signed

WITH = {"none": "with no penalty", "L1": "with L1", "L2": "with L2"}

NOTHING_HELD_OUT = (
    "No rows are held out, so there is nothing to hold the predictions against; hold "
    "out a share of the rows."
)

NONE_SOUND = (
    "All three runs have diverged, so there are no predictions to judge; choose a "
    "smaller learning rate."
)


def missing_models(models: Sequence[str]) -> tuple[str, ...]:
    """Name the models that are not drawn, and why."""
    missing = [CALLED[name] for name in PENALTIES if name not in models]
    if not missing:
        return ()
    are = one_or_many(len(missing), "is", "are")
    text = f"{listed(missing)} diverged and {are} not drawn."
    return (text[0].upper() + text[1:],)


def few_rows(n: int) -> tuple[str, ...]:
    """Say that so few rows tell little; nothing where they are enough."""
    if n >= ENOUGH:
        return ()
    are = one_or_many(n, "is", "are")
    return (f"Only {counted(n, 'row')} {are} held out, too few to judge by.",)


def sampled(n: int) -> tuple[str, ...]:
    """Say which rows are drawn where not all are."""
    if n <= MOST_DOTS:
        return ()
    return (
        f"The dots are a sample of {MOST_DOTS} of the {n:,} rows held out, drawn at "
        f"random with seed {SEED}; lines and figures are of all.",
    )


def of_numbers(result: Comparison, numbers: Numbers) -> tuple[str, ...]:
    """Size of the errors in units of the target, to which side, and how far they go."""
    n = len(numbers.actual)
    held_out = f"On the {counted(result.problem.n_held_out, 'row')} held out"
    rmse, mae = scores_shown(result, [RMSE, MAE])
    guess = [_guess(score.against[0]) for score in (rmse, mae)]
    # Sums do not tell it, and rows of a sample do.
    here = [figures(error) for error in np.abs(numbers.residuals).mean(axis=1)]
    absolute = _each(mae.values, PENALTIES) or _each(here, numbers.models)
    return (
        *few_rows(n),
        f"{held_out} RMSE is {_each(rmse.values, PENALTIES)}, in units of "
        f"{named(result.problem.design.target)}{guess[0]}.",
        f"The mean absolute error is {absolute}{guess[1]}.",
        *_leaning(numbers),
        *_deviations(numbers),
    )


def _guess(against: str) -> str:
    """The guess in brackets, if there is one: none where the first model diverged."""
    return f" ({against})" if ":" in against else ""


def _each(texts: Sequence[str], models: Sequence[str]) -> str:
    """Write "53.8 with no penalty, 53.6 with L1 and 53.7 with L2"."""
    pairs = zip(texts, models, strict=True)
    return listed([f"{text} {WITH[name]}" for text, name in pairs if text != "–"])


def _leaning(numbers: Numbers) -> Iterator[str]:
    """Say which models predict too high or too low on average, if any clearly does."""
    n = len(numbers.actual)
    if n < ENOUGH:
        return
    error = -numbers.residuals
    mean = error.mean(axis=1)
    margin = student(n - 1) * error.std(axis=1, ddof=1) / np.sqrt(n)
    clear = np.flatnonzero(np.abs(mean) > margin)
    if not len(clear):
        yield "On average none predicts clearly too high or too low."
        return
    parts = [
        f"{signed(mean[i])} ± {figures(margin[i], 2)} {WITH[numbers.models[i]]}"
        for i in clear
    ]
    yield (
        f"On average predictions are off to one side: {listed(parts)} (predicted less "
        "actual, ± the half-width of a 95 % interval)."
    )


def _deviations(numbers: Numbers) -> Iterator[str]:
    """How far predictions spread, beside the actual numbers."""
    if len(numbers.actual) < ENOUGH:
        return
    sizes = [figures(value, 3) for value in numbers.predicted.std(axis=1)]
    deviations = _each(sizes, numbers.models)
    yield (
        f"The standard deviation of the predictions is {deviations}; that of the "
        f"actual values is {figures(numbers.actual.std(), 3)}."
    )


def of_one_kind(chances: Chances) -> str:
    """Why no curve can be drawn."""
    n = len(chances.true)
    what = named(chances.name)
    if not chances.true.any():
        what = named(chances.others) if chances.others else ""
    if not what:
        return (
            f"None of the {counted(n, 'row')} held out is {named(chances.name)}, so no "
            "curve can tell this class from the others; hold out other rows, or more."
        )
    rows = f"All {n:,} rows held out are"
    if n == 1:
        rows = "The only row held out is"
    return (
        f"{rows} {what}, so no curve can tell the classes apart; hold out other rows, "
        "or more."
    )


def of_residuals(found: Numbers) -> str:
    """Tell the largest residual on either side of zero."""
    ends = [
        f"{signed(row.min(), 3)} to {signed(row.max(), 3)}" for row in found.residuals
    ]
    return f"Actual less predicted is from {_each(ends, found.models)}."


def of_ranking(chances: Chances) -> tuple[str, ...]:
    """ROC-AUC and average precision, and what they mean."""
    n, total, name = len(chances.true), int(chances.true.sum()), named(chances.name)
    curves = chances.thresholds
    areas = [f"{curve.roc_auc:.3f}" for curve in curves]
    precisions = [f"{curve.average_precision:.3f}" for curve in curves]
    are = one_or_many(total, "is", "are")
    return (
        *few_rows(n),
        f"Of the {counted(n, 'row')} held out {total:,} {are} {name}.",
        f"ROC-AUC, the chance that one of them is given a higher probability of {name} "
        f"than another row, is {_each(areas, chances.models)}; guessing has 0.5.",
        f"Average precision is {_each(precisions, chances.models)}; guessing has "
        f"{total / n:.3f}, their share.",
    )


def of_calibration(chances: Chances) -> tuple[str, ...]:
    """Mean probability beside the share, and the group that is farthest off."""
    name, true = named(chances.name), share(chances.true.mean(), 1)
    means = [share(value, 1) for value in chances.probability.mean(axis=1)]
    text = (
        f"The mean probability of {name} is {_each(means, chances.models)}; {true} of "
        "the rows are."
    )
    found = [groups(row, chances.true) for row in chances.probability]
    known = [
        (model, group)
        for model, group in zip(chances.models, found, strict=True)
        if group is not None
    ]
    if not known:
        return (text, "For groups of like probability there are too few rows.")
    return (text, _farthest(known, name))


def _farthest(found: Sequence[tuple[str, Groups]], name: str) -> str:
    gaps = [float(_gap(group).max()) for _, group in found]
    model, group = found[int(np.argmax(gaps))]
    at = int(np.argmax(_gap(group)))
    rows = counted(int(group.rows[at]), "row")
    return (
        f"Of all groups of like probability the farthest off is one {WITH[model]}: "
        f"{rows} with {share(group.predicted[at], 1)} on average, of which "
        f"{share(group.actual[at], 1)} are {name}."
    )


def _gap(group: Groups) -> Array:
    return np.abs(group.predicted - group.actual)


def of_errors(chances: Chances, errors: Errors) -> tuple[str, ...]:
    """Misses and false alarms of every model at one threshold."""
    name, total = named(chances.name), int(chances.true.sum())
    others = len(chances.true) - total
    parts = [
        f"{missed:,} missed and {counted(alarms, 'false alarm')} {WITH[model]}"
        for model, missed, alarms in zip(
            chances.models, errors.missed.tolist(), errors.alarms.tolist(), strict=True
        )
    ]
    return (
        f"A row is classed as {name} where its probability is above "
        f"{figures(errors.threshold, 3)}.",
        f"Of {total:,} {name} and {others:,} other rows this leaves {listed(parts)}.",
    )


def of_costs(
    chances: Chances, errors: Errors, of_a_miss: float, of_an_alarm: float
) -> str:
    """What the errors cost in all, and what two rules without a model would."""
    costs = [figures(cost, 6) for cost in errors.cost(of_a_miss, of_an_alarm)]
    total = int(chances.true.sum())
    never = figures(of_a_miss * total, 6)
    always = figures(of_an_alarm * (len(chances.true) - total), 6)
    return (
        f"At these costs they come to {_each(costs, chances.models)}; to class no row "
        f"as {named(chances.name)} would cost {never}, every row {always}."
    )


def confusion(
    chances: Chances, errors: Errors, costs: tuple[float, float] | None = None
) -> pd.DataFrame:
    """The confusion table of each model as text, a column a penalty."""
    passed = errors.found + errors.alarms
    right = (errors.found + errors.left) / len(chances.true)
    rows = {
        "True positives": _whole(errors.found),
        "False negatives, missed": _whole(errors.missed),
        "False positives, false alarms": _whole(errors.alarms),
        "True negatives": _whole(errors.left),
        "Recall": _shares(errors.found, errors.found + errors.missed),
        "Precision": _shares(errors.found, passed),
        "Accuracy": [share(one, 1) for one in right],
    }
    if costs is not None:
        rows["Cost"] = [figures(cost, 6) for cost in errors.cost(*costs)]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(chances.models))
    return table.reindex(columns=list(PENALTIES), fill_value="–")


def _whole(counts: np.ndarray) -> list[str]:
    return [f"{count:,}" for count in counts]


def _shares(part: np.ndarray, whole: np.ndarray) -> list[str]:
    pairs = zip(part.tolist(), whole.tolist(), strict=True)
    return [share(a / b, 1) if b else "–" for a, b in pairs]
