"""How steady the weights are and whether the difference is real, in words."""

import numpy as np

from regcore.comparison import PENALTIES
from regcore.questions.cards.told import largest
from regcore.questions.judgement import Answer
from regcore.questions.trust.half_samples import TRUSTED, Stability
from regcore.questions.trust.repeated_splits import MODELS, Splits
from regcore.questions.trust.resample import FEW
from regcore.settings import Split
from regcore.trained import CALLED, WITH
from regcore.words import counted, figures, listed, named, one_or_many, percent, share

WHOLE = {Split.GROUPS: "whole groups", Split.HASH: "rows with the same key together"}
"""What stays whole in the splits."""

NOTICED = 1.05
"""A bar stretched by less than this looks as it was."""


def steadiness(stability: Stability, output: str = "") -> tuple[str, ...]:
    """Sentences on what the half-samples show, for one class of several."""
    whole = stability.whole_groups
    if not stability.halved:
        what = "Kept whole, the groups" if whole else "The rows"
        return (
            f"{what} cannot be halved: most draws have less than a quarter or more "
            "than three quarters of the training rows, and do not show what is steady.",
        )
    count = stability.count
    if count < FEW:
        keeping = " that keep the groups whole" if whole else ""
        sentences = [
            f"Only {counted(count, 'different draw')} of the training rows{keeping} "
            "came up, too few to call a feature steady."
        ]
    else:
        sentences = _steadily(stability, output)
    if not stability.solved[0]:
        sentences.append(f"{_lacking(stability.stopped)}, so no spread is drawn.")
    elif unsolved := int(count - stability.solved[0]):
        what = "no known optimum" if stability.stopped else "no optimum"
        have = one_or_many(unsolved, f"has {what} and is", f"have {what} and are")
        sentences.append(
            f"Without a penalty {unsolved} of the halves {have} left out of its spread."
        )
    return tuple(sentences)


def middles(stability: Stability, output: str = "") -> str:
    """Tell the largest of the weights in the middle of the half-samples."""
    table = stability.ranked(output).set_index("feature")
    told = [
        f"{WITH[name]} {largest(middle)}"
        for name in PENALTIES
        if (middle := table.loc[table["penalty"] == name, "median"]).notna().all()
    ]
    return f"Medians of the weights over the half-samples: {'; '.join(told)}."


def medians(splits: Splits) -> str:
    """Tell the loss of each model in the middle of the splits."""
    told = [
        f"{CALLED.get(name, 'the constant')} {figures(float(np.median(loss)), 3)}"
        for name, loss in zip(MODELS, splits.loss, strict=True)
        if np.isfinite(loss).all()
    ]
    return f"Median held-out loss: {listed(told)}."


def _lacking(stopped: bool) -> str:
    """Say that nothing can be shown without a penalty, and whether that is certain."""
    if stopped:
        return "The optimum without a penalty is not known"
    return "Without a penalty there is no optimum"


def _steadily(stability: Stability, output: str) -> list[str]:
    """Say how many features L1 keeps steadily, and on which it is unstable."""
    table = stability.ranked(output)
    l1 = table[table["penalty"] == "L1"]
    steady = l1[l1["one_sign"] >= TRUSTED]
    never = int((l1["kept"] == 0).sum())
    wavering = len(l1) - len(steady) - never
    drawn = f"{stability.count} random halves of the training rows"
    if stability.whole_groups:
        drawn = (
            f"{stability.count} different draws of whole groups, the middle one with "
            f"{share(stability.rows / stability.training_rows)} of the training rows,"
        )
    of_class = f" for {named(output)}" if output else ""
    rest = f", never keeps {never} and is unstable" if never else " and is unstable"
    sentences = [
        f"In {drawn} the exact optimum of L1 steadily keeps "
        f"{len(steady)} of {counted(len(l1), 'feature')}{of_class} (the same sign in "
        f"at least {share(TRUSTED)} of them){rest} on {wavering or 'none'}."
    ]
    doubtful = l1[(l1["all_rows"] != 0) & ~l1.index.isin(steady.index)]
    if len(doubtful):
        last = doubtful.iloc[::-1]
        kept = [
            f"{named(feature)} ({share(kept)})"
            for feature, kept in zip(last["feature"], last["kept"], strict=True)
        ]
        sentences.append(
            f"Of those it keeps on all rows, {len(doubtful)} "
            f"{one_or_many(len(doubtful), 'is', 'are')} not steady: {listed(kept)}."
        )
    elif (l1["all_rows"] != 0).any():
        sentences.append("Every feature that it keeps on all rows is steady.")
    return sentences


FLATTERS = (
    "Here rows are drawn at random, though the comparison holds out the last ones: "
    "later rows help to predict earlier ones, which flatters every model."
)
"""What to know where the comparison holds out rows in order."""


def verdicts(splits: Splits) -> tuple[str, ...]:
    """Sentences: each penalty against none, and none against a constant."""
    remarks = [FLATTERS] if splits.split is Split.ORDER else []
    if splits.count < FEW:
        whole = " that keep the groups whole" if splits.split is Split.GROUPS else ""
        number = counted(splits.count, "different split")
        remarks.append(f"Only {number}{whole} came up.")
    return (*_compared(splits), *remarks)


def _compared(splits: Splits) -> tuple[str, ...]:
    if splits.paired("none", "constant") is not None:
        first, second = (_against(splits, model, "none") for model in PENALTIES[1:])
        return (f"At the exact optima {first}", second, _baseline(splits))
    return (
        f"{_lacking(splits.stopped)}, so the exact optima of L1 and L2 are set against "
        f"each other and against predicting {_constant(splits)} for every row.",
        _against(splits, "L1", "L2"),
        _against(splits, "L1", "constant"),
        _against(splits, "L2", "constant"),
    )


def _against(splits: Splits, model: str, base: str) -> str:
    paired = splits.paired(model, base)
    who, other = CALLED[model], CALLED.get(base, "the constant")
    if paired is None:
        known = "known " if splits.stopped else ""
        return f"{who} has no {known}optimum in any split."
    if paired.median == paired.low == paired.high == 0:
        return f"{who} and {other} have the same held-out loss in every split."
    judged = f"{who} predicts {paired.answer} than {other}"
    few = ""
    if paired.answer is Answer.UNKNOWN:
        judged, few = f"{who} against {other}", "; too few splits to judge"
    return (
        f"{judged}: its held-out loss is smaller in {paired.wins} of "
        f"{paired.splits} splits, {percent(paired.median)} ({percent(paired.low)} to "
        f"{percent(paired.high)}{few})."
    )


def _baseline(splits: Splits) -> str:
    """None next to the constant, and who is no better than that."""
    text = (
        f"The constant predicts {_constant(splits)} for every row; "
        f"{_against(splits, 'none', 'constant')}"
    )
    if splits.task.loss.classes:
        known = np.isfinite(splits.loss[1])
        constant, none = np.median(splits.score[:2][:, known], axis=1)
        text += (
            f" Without a penalty {100 * none:.1f} % of the rows are classed rightly, "
            f"by the commonest class alone {100 * constant:.1f} %."
        )
    return f"{text}{_no_better(splits)}"


def _no_better(splits: Splits) -> str:
    """Name the penalties that the constant beats, or that are not clearly better."""
    named: dict[Answer, list[str]] = {Answer.WORSE: [], Answer.UNCLEAR: []}
    for name in PENALTIES[1:]:
        paired = splits.paired(name, "constant")
        if paired is not None and paired.answer in named:
            named[paired.answer].append(name)
    return "".join(
        f" {listed(names)} {one_or_many(len(names), 'predicts', 'predict')} {answer} "
        "than the constant."
        for answer, names in named.items()
        if names
    )


def _constant(splits: Splits) -> str:
    return f"the {splits.task.constant}"


def splits_to_read(splits: Splits) -> tuple[str, ...]:
    """How to read the charts of the splits, a line each."""
    parts = "three quarters to train on and one to score"
    whole = WHOLE.get(splits.split)
    if whole is not None:
        trained, held_out = share(1 - splits.held_out), share(splits.held_out)
        parts = f"{whole}, some {trained} of the rows to train on, {held_out} to score"
    drawn = (
        f"Each circle is one of {splits.count} different random splits, {parts}; the "
        "tick is the median. Left: losses, the bar holds the middle 80 % of them."
    )
    if splits.count < FEW:
        return (drawn,)
    stretch, as_wide = splits.stretch(splits.count), "as the middle 80 % here is"
    if stretch >= NOTICED:
        as_wide = f"{figures(stretch, 2)} times as wide as the middle 80 %"
    return (
        drawn,
        "Right: differences, the bar is a 95 % interval that allows for the rows which "
        f"the splits share, {as_wide}. Left of 0 is better; over 0 is unclear.",
    )


def halves_to_read(stability: Stability) -> tuple[str, ...]:
    """How to read the charts of the half-samples, a line each."""
    part = "half"
    if stability.whole_groups:
        rows = stability.rows / stability.training_rows
        part = f"whole groups, some {share(rows)}"
    drawn = (
        f"{stability.count} times, {part} of the training rows ({stability.rows:,} of "
        f"{stability.training_rows:,}) were drawn and solved exactly. λ shrinks with "
        "them, so that λ/n, the entry threshold, stays the same."
    )
    if stability.count < FEW:
        return (drawn,)
    return (
        drawn,
        "Trust what is kept beyond the dashed line with one sign, and whose bar stays "
        "away from 0. A feature that comes and goes may be standing in for another.",
    )
