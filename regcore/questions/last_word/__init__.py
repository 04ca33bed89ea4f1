"""The last word: what the models are worth on rows that nothing was chosen by."""

from collections.abc import Iterator

from regcore.comparison import PENALTIES
from regcore.questions.last_word.answer import diverged, last_word
from regcore.questions.last_word.chart import scores_apart
from regcore.questions.last_word.words import before, hint, in_words, wait
from regcore.questions.question import (
    Once,
    Panel,
    Paragraph,
    Part,
    Question,
    Reader,
    charted,
)

OPENED = Once("test rows", "Open the test rows, once", last_word)


def _parts(reader: Reader) -> Iterator[Part]:
    result, done = reader.result, reader.done(OPENED)
    if done is not None:
        word = done.answer
        drawn = charted(
            scores_apart(word),
            f"{word.scores[0].name} of the three models on the rows held out and on "
            "the test rows",
        )
        shown = tuple(
            Paragraph(tuple(zip(PENALTIES, lines, strict=True)), heading)
            for heading, lines in word.written
        )
        yield Part(
            words=in_words(done),
            panels=(drawn, Panel(paragraphs=shown)),
            widths=(3, 2),
            how_to_read=(
                "Hollow: on the rows held out, which λ was chosen by. Filled: on the "
                "test rows, which nothing was chosen by.",
            ),
        )
    elif not result.problem.n_locked:
        yield Part(words=hint(reader.looks()))
    elif diverged(result):
        yield Part(words=wait(diverged(result)))
    else:
        yield Part(words=before(result, reader.looks()))
        reader.offer(OPENED)


QUESTION = Question(
    "last_word", "The last word: what do the test rows say?", "Locked test set", _parts
)
