"""What cross-validation fits anew to the training rows of every fold."""

from collections.abc import Iterator

import numpy as np

from regcore.design.prepared import Prepared
from regcore.solve.folds import Fill, Refit


def refit(design: Prepared) -> Refit:
    """What every fold fits anew to its own training rows, beside the scale."""
    return Refit(tuple(_fills(design)), tuple(_levels(design)))


def _fills(design: Prepared) -> Iterator[Fill]:
    """Features whose gaps were filled, with the features that mark them."""
    first, copies, place = 0, design.copies, design.place
    for encoding in design.encodings:
        mark = first + len(encoding.names) - 1
        if getattr(encoding, "marked", False) and place[mark] >= 0:
            sign = -1.0 if copies.mirrored[mark] else 1.0
            for column in range(first, mark):
                if design.kept[column]:
                    yield Fill(int(place[column]), int(place[mark]), sign)
        first = mark + 1


def _levels(design: Prepared) -> Iterator[np.ndarray]:
    """Features of each category that has one for all of its levels."""
    first = 0
    for encoding in design.encodings:
        columns = design.place[first : first + len(encoding.names)]
        if len(getattr(encoding, "levels", ())) > 1:
            yield np.unique(columns[columns >= 0])
        first += len(encoding.names)
