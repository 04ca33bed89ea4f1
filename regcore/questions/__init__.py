"""The questions, in the order in which the page asks them."""

from regcore.questions import (
    contours,
    dropped,
    early_stopping,
    epochs,
    frontier,
    last_word,
    path,
    predictions,
    refit,
    strength,
    trust,
    update,
)

QUESTIONS = (
    strength.QUESTION,
    path.QUESTION,
    frontier.QUESTION,
    trust.QUESTION,
    predictions.QUESTION,
    last_word.QUESTION,
    dropped.QUESTION,
    epochs.QUESTION,
    update.QUESTION,
    contours.QUESTION,
    early_stopping.QUESTION,
    refit.QUESTION,
)
