"""How strong is strong? Effective parameters, and what makes L2 as strong as L1."""

from collections.abc import Iterator
from functools import partial

import pandas as pd

from regcore.questions.path import PATHS
from regcore.questions.path.words import caveat
from regcore.questions.question import (
    Computation,
    Panel,
    Paragraph,
    Part,
    Question,
    Reader,
    charted,
)
from regcore.questions.strength.answer import Match, Strengths, strengths
from regcore.questions.strength.chart import effective_curves, strength_marks
from regcore.questions.strength.words import in_numbers, in_words, told_apart
from regcore.regularization_path import RegularizationPath


def _strengths(paths: RegularizationPath) -> Computation[Strengths]:
    return Computation(
        "strengths",
        doing="Counting effective parameters",
        again="Count effective parameters",
        decided_by=lambda settings: settings,
        compute=lambda result, told: strengths(result, paths, partial(told, 0.5)),
        kept=5,
    )


def _parts(reader: Reader) -> Iterator[Part]:
    result = reader.result
    paths = reader.obtain(PATHS)
    found = reader.obtain(_strengths(paths))
    marks = strength_marks(
        (result.settings.lam, result.settings.l2_lam),
        found.now,
        float(found.matches["λ", "L2"][Match.SAME_EFFECTIVE]),
        result.problem.lam_max,
    )
    said = (
        in_words(result, found.matches, paths.folds),
        told_apart(result, found.now[0]),
        caveat(paths),
    )
    drawn = charted(
        effective_curves(found.along, marks),
        "Effective parameters of L1 and L2 along λ",
    )
    yield Part(
        words=tuple(filter(None, said)),
        panels=(drawn, Panel(paragraphs=_paragraphs(found.matches))),
        how_to_read=(
            "L1 counts the weights it keeps, as far as the data tell them apart; L2 "
            "keeps all, each in part: Σ h/(h + λ/n) over the curvatures h of the loss, "
            "which is Σ d²/(d² + λ) over the singular values d of the design for "
            "squared error.",
            "Circles: now. Diamond: where L2 is as strong as L1. «How to set λ» makes "
            "one of the four matches for everything above; the losses are "
            "cross-validated.",
        ),
    )


def _paragraphs(matches: pd.DataFrame) -> tuple[Paragraph, ...]:
    """L1 and L2 on a line each: a table would be too wide for a phone."""
    return tuple(
        Paragraph(
            tuple((name, in_numbers(row, name)) for name in ("L1", "L2")),
            heading=str(match),
        )
        for match, row in matches.iterrows()
    )


QUESTION = Question(
    "strength",
    "How strong is strong?",
    "Effective degrees of freedom",
    _parts,
    judges=("L1", "L2"),
)
