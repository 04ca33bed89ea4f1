"""How strong each penalty is, in words."""

import numpy as np
import pandas as pd

from regcore.comparison import Comparison
from regcore.questions.judgement import judge
from regcore.questions.strength.answer import Match
from regcore.words import figures


def in_words(result: Comparison, table: pd.DataFrame, folds: int) -> str:
    """Say how strong each is at the λ of L1 now, and which λ would make L2 as strong.

    Parameters
    ----------
    table : of `matches`
    folds : over which its losses were paired
    """
    rows = table.to_dict("index")
    same, fair = rows[Match.SAME_LAM], rows[Match.SAME_EFFECTIVE]
    lam, kept, left = same["λ", "L1"], same["effective", "L1"], same["effective", "L2"]
    of = result.W[0].size
    sentence = (
        f"At λ = {figures(lam)} the optimum of L1 has {kept:.0f} of {of} parameters "
        f"and that of L2 effectively {left:.1f}: the same λ is not the same strength."
    )
    if abs(kept - left) < 0.05:
        sentence = (
            f"At λ = {figures(lam)} the optima of both have {kept:.0f} of {of} "
            "parameters."
        )
    if lam == 0:
        return sentence
    if kept == 0:
        return f"{sentence} No λ of L2 leaves as little as L1 leaves here: nothing."
    if fair["λ", "L2"] == 0:
        return f"{sentence} L2 is as strong as L1 here without any penalty at all."
    if fair["effective", "L2"] < kept - 0.05:
        return (
            f"{sentence} L2 has no λ that matches: even at {figures(fair['λ', 'L2'])}, "
            f"the weakest looked at, it comes to {fair['effective', 'L2']:.1f}."
        )
    times = figures(fair["λ", "L2"] / lam, 2)
    much = "nearly the same" if times == "1" else f"{times} times as much"
    sentence += f" L2 is as strong with λ = {figures(fair['λ', 'L2'])}, {much}"
    losses = {name: fair["loss", name] for name in ("L1", "L2", "error")}
    if np.isnan([*losses.values()]).any():
        return f"{sentence}."
    difference = losses["L2"] - losses["L1"]
    judgement = judge(
        result.problem, losses["L2"], losses["L1"], difference, losses["error"], folds
    )
    return f"{sentence}. In cross-validation {judgement.clause('L2 so matched', 'L1')}."


def told_apart(result: Comparison, parameters: float) -> str:
    """Say how many weights L1 keeps, where its parameters are fewer; else empty."""
    kept = np.count_nonzero(result["L1"].optimum.W)
    if kept == round(parameters):
        return ""
    return (
        f"L1 keeps {kept:,} weights there, of which the data tell {parameters:.0f} "
        "apart."
    )


def in_numbers(match: pd.Series, penalty: str) -> str:
    """Write what one way to match gives L1 or L2: λ, parameters, loss.

    Parameters
    ----------
    match : row of `matches`
    """
    text = (
        f"λ = {figures(match['λ', penalty])} · "
        f"{figures(match['effective', penalty], 3)} parameters"
    )
    loss = match["loss", penalty]
    return text if np.isnan(loss) else f"{text} · loss {loss:.4f}"
