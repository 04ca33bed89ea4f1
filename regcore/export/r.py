"""A fitted model as an R script: the same numbers, and fitted anew by glmnet or lm."""

from regcore.export.fitted import FittedModel
from regcore.export.python import distance_in_words, script_values
from regcore.export.rendering import render
from regcore.settings import DesignError

ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def to_r(model: FittedModel) -> str:
    """Return a script that predicts in R, and fits the model anew on the same rows.

    Run as ``Rscript script.R table.csv`` on the table that `FittedModel.cleaned` gives
    of the one it was trained on, it prints the weights of both: glmnet's with
    ``lambda = λ/n``, or without a penalty those of lm, glm or nnet's multinom; sourced,
    ``predictions(table)`` are the model's.

    Raises
    ------
    DesignError
        if a name or a level has the character 0, which no text in R has

    Examples
    --------
    >>> "alpha = 1, lambda = lam / n" in to_r(result.fitted("L1"))
    True
    """
    return render(
        "refit.R.j2",
        model,
        {
            "text": text,
            "number": repr,
            "truth": lambda value: "TRUE" if value else "FALSE",
        },
        distance=distance_in_words(model),
        **script_values(model),
    )


def text(value: object) -> str:
    """Quote a text, in ASCII, so that no locale changes it."""
    value = str(value)
    if "\0" in value:
        raise DesignError(
            f"R knows no text with the character 0, as {value!r} has it; rename it and "
            "train again."
        )
    return '"' + "".join(map(_sign, value)) + '"'


def _sign(sign: str) -> str:
    if sign in ESCAPES:
        return ESCAPES[sign]
    if " " <= sign <= "~":
        return sign
    code = ord(sign)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
