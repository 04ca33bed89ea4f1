"""What was looked at before the test rows were opened, and what they say, in words."""

from collections.abc import Sequence

import numpy as np

from regcore.comparison import PENALTIES, Comparison
from regcore.questions.last_word.answer import LastWord
from regcore.questions.question import Done, Looks
from regcore.trained import CALLED
from regcore.words import counted, figures, listed, one_or_many


def hint(looks: Looks) -> tuple[str, ...]:
    """Say that no rows are locked away, and why and how to do so."""
    return (
        "No rows are locked away.",
        _looked("So far", looks, "have been looked at"),
        "The best of many looks is better than it will be on new rows. To have rows "
        "that judge the choice at the end, lock a share of them away: on the left, "
        "under «More».",
    )


def wait(names: Sequence[str]) -> tuple[str, ...]:
    """Say that nothing can be opened for models that diverged."""
    return (
        f"Training diverged for {listed([CALLED[name] for name in names])}, so there "
        "is nothing to judge yet; the test rows stay locked away.",
    )


def before(result: Comparison, looks: Looks) -> tuple[str, ...]:
    """Say what is locked away, and how much was looked at so far."""
    rows = result.problem.n_locked
    return (
        f"{counted(rows, 'row')} are locked away: no model was trained on them, and no "
        "score is of them. When λ and all else is chosen, open them: they say what the "
        "three models are worth on rows that nothing was chosen by. It can be done "
        "once.",
        _looked("So far", looks, "have been looked at"),
    )


def in_words(done: Done[LastWord]) -> tuple[str, ...]:
    """Say what the rows say, after how many looks, and that they will not say more."""
    return (
        *_judged(done.answer),
        _looked("Before that", done.answer.looks, "had been looked at"),
        _since(done.since),
    )


def _judged(word: LastWord) -> tuple[str, ...]:
    name, *_ = word.scores
    values = [
        f"{value} with {CALLED[penalty]}"
        for penalty, value in zip(PENALTIES, name.values, strict=True)
    ]
    judged = [
        f"{judgement.clause(penalty, 'no penalty')}."
        for penalty, judgement in zip(PENALTIES[1:], word.judgements, strict=True)
    ]
    return (
        f"At {_strength(word)} the {word.rows:,} test rows say: {name.name} "
        f"{listed(values)}.",
        *judged,
        *_before(word),
    )


def _strength(word: LastWord) -> str:
    lam, lam_l2 = word.settings.lam, word.settings.lam_l2
    if lam_l2 is None:
        return f"λ = {figures(lam)}"
    return f"λ = {figures(lam)} for L1 and {figures(lam_l2)} for L2"


def _before(word: LastWord) -> tuple[str, ...]:
    """Set the best of the scores looked at beside what it is worth here."""
    values = word.measured_before[0].values
    if np.isnan(values).any():
        return ()
    best = int(np.argmax(values if word.measured[0].metric.larger else -values))
    model = CALLED[PENALTIES[best]]
    then, now = word.scores_before[0].values[best], word.scores[0].values[best]
    return (
        f"On the rows held out the best of the three was {model} with {then}; here it "
        f"has {now}.",
    )


def _looked(when: str, looks: Looks, how: str) -> str:
    """Say how many settings had shown their scores."""
    total = looks.locked + looks.exposed
    if not total:
        return f"{when} no scores on rows held out {how}."
    sentence = f"{when} the scores of {counted(total, 'setting')} on the rows held out"
    if not looks.exposed:
        return f"{sentence} {how}."
    some = "" if looks.exposed == total else f"{looks.exposed:,} of them "
    return f"{sentence} {how}, {some}before all of these rows were locked away."


def _since(since: int) -> str:
    spoken = "The last word has been spoken"
    if not since:
        return f"{spoken}: what you choose from here on, these rows cannot judge."
    return (
        f"{spoken}: {counted(since, 'other setting')} "
        f"{one_or_many(since, 'has', 'have')} shown "
        f"{one_or_many(since, 'its score', 'their scores')} since, and these rows "
        "cannot judge a choice that was made after they had been seen."
    )
