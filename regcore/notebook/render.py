"""Comparisons, paths and tables read from a file, as a few lines and as HTML."""

import pandas as pd

from regcore.comparison import Comparison
from regcore.export.rendering import environment
from regcore.files.cards import described
from regcore.intake import Intake
from regcore.questions.cards.heads import Head, heads
from regcore.regularization_path import RegularizationPath
from regcore.words import counted, figures, named, number

TEMPLATES = environment("regcore.notebook", escaped=True)

FIRST = 5
"""Rows of a table that are shown."""


def comparison_text(result: Comparison) -> str:
    """Of what, and a line for each of the three models."""
    lines = {head.name: _cells(head) for head in heads(result)}
    return f"{described(result)}\n{pd.DataFrame(lines).T.to_string()}"


def _cells(head: Head) -> dict[str, str]:
    scores = {score.name: score.value for score in head.scores}
    return {"non-zero weights": head.nonzero, **scores, "run": head.outcome}


def path_text(path: RegularizationPath) -> str:
    """Of what, and the two λ of cross-validation for each penalty."""
    return f"{_followed(path)}\n{_chosen(path).to_string()}"


def path_html(path: RegularizationPath) -> str:
    """The same as a table."""
    return TEMPLATES.get_template("table.html").render(
        title=_followed(path), table=_chosen(path), notes=()
    )


def _followed(path: RegularizationPath) -> str:
    design, points = path.design, len(path.l1.lams)
    return (
        f"{named(design.target)} from {counted(len(design.features), 'feature')} along "
        f"{points} λ · {counted(path.n, 'training row')} in {path.folds} folds · "
        f"λ_max = {figures(path.lam_max)}"
    )


def _chosen(path: RegularizationPath) -> pd.DataFrame:
    """λ, loss and non-zero weights where the loss is smallest, and within one error."""
    rows = {}
    for name, curve in path.curves.items():
        for mark, lam in (("best", curve.lam_min), ("1 SE", curve.lam_1se)):
            at = int((curve.lams == lam).argmax())
            loss, error = curve.mean[at], curve.standard_error[at]
            rows[f"{name}, {mark}"] = {
                "λ": figures(lam),
                "held-out loss": f"{number(loss, '.4g')} ± {number(error, '.2g')}",
                "non-zero weights": f"{curve.nonzero[at]} of {curve.W[at].size}",
            }
            if mark == "best" and curve.falls_on(path.none):
                rows[f"{name}, {mark}"]["λ"] += " or less"
    return pd.DataFrame(rows).T


def intake_text(intake: Intake) -> str:
    """How large the table is, and what was guessed or changed."""
    return "\n".join([_size(intake), *(f"- {note}" for note in intake.notes)])


def intake_html(intake: Intake) -> str:
    """The same with the first rows."""
    return TEMPLATES.get_template("table.html").render(
        title=_size(intake), table=intake.table.head(FIRST), notes=intake.notes
    )


def _size(intake: Intake) -> str:
    rows, columns = intake.table.shape
    return f"{counted(rows, 'row')} × {counted(columns, 'column')}"
