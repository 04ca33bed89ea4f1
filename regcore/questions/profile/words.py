"""What the cost curves of one weight show, in a few sentences."""

from regcore.comparison import Comparison
from regcore.questions.optima import lacking
from regcore.questions.profile.answer import CostCurves
from regcore.words import figures, named


def in_words(result: Comparison, curves: CostCurves, feature: str) -> tuple[str, ...]:
    """Say what is drawn, where L1 sticks at 0, and that L2 does not."""
    drawn = (
        f"What every value of the weight of {named(feature)} costs, loss and penalty, "
        "with all other weights at their best for it."
    )
    if "none" not in curves.costs:
        drawn = f"{drawn} {lacking(result)}."
    elif not curves.values[0] <= (own := curves.best["none"][0]) <= curves.values[-1]:
        drawn += f" Without a penalty it costs least at {figures(own, 3)}, not drawn."
    i = curves.sticks
    if i is None:
        return (drawn, "L1's curve breaks at 0, but its minimum is never there.")
    share, left = 100 * 10 ** float(curves.powers[i]), float(curves.best["L2"][i])
    since = f"from λ = {figures(share, 2)} % of λₘₐₓ on" if i else "at every λ here"
    return (
        drawn,
        f"L1's curve breaks at 0, and {since} its minimum sticks there.",
        f"L2's minimum does not stick: at {figures(share, 2)} % it is at "
        f"{figures(left, 2)}.",
    )
