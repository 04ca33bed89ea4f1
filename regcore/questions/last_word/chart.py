"""Scores on the rows held out and on the test rows → Altair."""

import altair as alt
import pandas as pd

from regcore.comparison import PENALTIES
from regcore.drawing import NUMBER, layered, penalty_colour, tooltip
from regcore.questions.last_word.answer import LastWord

ROW = 44
"""Pixels a model."""

ROWS = ("held out", "test")


def scores_apart(word: LastWord) -> alt.LayerChart:
    """The first metric of each model, hollow where held out, filled on test rows."""
    held_out, test = word.measured_before[0].values, word.measured[0].values
    frame = pd.DataFrame(
        {
            "penalty": [*PENALTIES, *PENALTIES],
            "model": ["No penalty", "L1", "L2"] * 2,
            "rows": [rows for rows in ROWS for _ in PENALTIES],
            "value": [*held_out, *test],
        }
    ).dropna()
    base = alt.Chart(frame).encode(
        x=alt.X("value:Q", title=word.scores[0].name, scale=alt.Scale(zero=False)),
        y=alt.Y("model:N", sort=None, title=None),
        color=penalty_colour(legend=False),
        tooltip=[
            tooltip("model", "Model"),
            tooltip("rows", "Rows"),
            tooltip("value", word.scores[0].name, NUMBER),
        ],
    )
    line = base.mark_line(strokeWidth=1.5).encode(detail=alt.Detail("model:N"))
    points = [
        base.transform_filter(f"datum.rows === '{rows}'").mark_point(
            filled=rows == "test", size=130, strokeWidth=2, opacity=1
        )
        for rows in ROWS
        if (frame["rows"] == rows).any()
    ]
    return layered(line, *points, height=ROW * len(PENALTIES))
