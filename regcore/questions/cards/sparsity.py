"""How sparse one model is: in weights, and in columns of the file."""

import numpy as np

from regcore.comparison import PENALTIES, Comparison
from regcore.words import counted, named


def weights_in_words(result: Comparison, penalty: str, output: str | None) -> str:
    """Say of what the non-zero weights of one model are, below their number.

    Empty where each weight is that of a column, so that there is no more to say.

    Parameters
    ----------
    output : the class whose weights are drawn, where there are three or more
    """
    design, at = result.problem.design, PENALTIES.index(penalty)
    used, total = result.summary["columns"].tolist()[at], len(design.encodings)
    features = len(design.features)
    if output is None and features == total:
        return ""
    of = f"{used or 'none'} of {counted(total, 'column')}"
    if output is None:
        return f"from {of}"
    own = int(np.count_nonzero(result.W[at, :, design.classes.index(output)]))
    return (
        f"{own or 'none'} of {features} for {named(output)}; "
        f"all {len(design.classes)} classes from {of}"
    )
