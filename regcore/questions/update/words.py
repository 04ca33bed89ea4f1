"""One update in words and in numbers."""

import numpy as np
import pandas as pd

from regcore.comparison import PENALTIES, Comparison
from regcore.questions.cards.words import TITLES
from regcore.questions.update.answer import Update, steps_an_epoch
from regcore.words import counted, figures, named, number

FORM = ".4g"
"""Form of the numbers in a step."""

FORMULAS = {
    "none": "w − η·∂C0/∂w",
    "L1": "w − η·∂C0/∂w − ηλ/n towards 0",
    "L2": "w − η·∂C0/∂w − (ηλ/n)·w",
}


def in_words(result: Comparison, feature: str, updates: tuple[Update, ...]) -> str:
    """Say what each penalty took off this weight, and where the two would be equal."""
    _, l1, l2 = updates
    by_l1, by_l2 = result["L1"].step, result["L2"].step
    step, share = float(by_l1.constant), float(by_l2.share)
    took = f"takes the constant ηλ/n = {figures(step, 3)} off"
    if l1.clipped:
        took = (
            f"would take ηλ/n = {figures(step, 3)} off, but only "
            f"{figures(abs(l1.acts_on), 3)} is left, and so stops at zero"
        )
    elif l1.acts_on == 0.0:
        took = "takes nothing off, for it stands at zero"
    sentence = (
        f"For {named(feature)} L1 {took}; L2 takes {figures(100 * share, 3)} % of "
        f"{figures(abs(l2.before), 3)} off, which is "
        f"{figures(abs(l2.penalty_part), 3)}."
    )
    if not step or not share:
        return sentence
    if share >= 1.0 and by_l1.late > 0:
        # Clipped, L1 takes no more than all of a weight.
        return f"{sentence} L2 takes no less than L1 of any weight."
    return (
        f"{sentence} The two take equally much at |w| = {figures(step / share, 3)}: "
        "below it L1 takes more, above it L2."
    )


def formula(update: Update, result: Comparison) -> str:
    """Write the step with its numbers, "0.5 − 0.8 · 0.01 − 0.02 = 0.472"."""
    step, rate = result[update.penalty].step, result.rate
    before, after = number(update.before, FORM), number(update.after, FORM)
    text = f"{before} {_signed(-1, rate)} · {_factor(update.gradient)}"
    if step.share:
        text += f" {_signed(-1, float(step.share))} · {_factor(update.before)}"
    elif step.constant:
        sign = np.sign(update.penalty_part)
        text += f" {_signed(sign or -1, abs(update.penalty_part))}"
    return f"{text} = {after}"


def _factor(value: float) -> str:
    return f"({number(value, FORM)})" if value < 0 else number(value, FORM)


def _signed(sign: float, size: float) -> str:
    return f"{'+' if sign > 0 else '−'} {number(size, FORM)}"


def in_numbers(updates: tuple[Update, ...]) -> pd.DataFrame:
    """The four numbers of the three steps, as text, a column a penalty."""
    rows = {
        "Before": ([step.before for step in updates], ""),
        "Gradient": ([step.gradient_part for step in updates], "+"),
        "Penalty": ([step.penalty_part for step in updates], "+"),
        "After": ([step.after for step in updates], ""),
    }
    digits = _digits([value for values, _ in rows.values() for value in values])
    cells = {
        label: [_cell(value, f"{sign}.{digits}f") for value in values]
        for label, (values, sign) in rows.items()
    }
    return pd.DataFrame.from_dict(cells, orient="index", columns=list(PENALTIES))


def _cell(value: float, spec: str) -> str:
    return number(value, spec) if value else "0"


def _digits(values: list[float]) -> int:
    """Decimals that show three figures of the smallest part, so that columns add up."""
    parts = [abs(value) for value in values if value and np.isfinite(value)]
    smallest = min(parts, default=1.0)
    return int(np.clip(2 - np.floor(np.log10(smallest)), 3, 7))


def remarks(result: Comparison, updates: tuple[Update, ...]) -> list[str]:
    """What is shown if it is not simply the step that was asked for."""
    said = [f"Learning rate η = {figures(result.rate, 3)}."]
    steps = steps_an_epoch(result)
    if result.settings.batch_size is not None:
        # Runs of different lengths keep different epochs.
        going = {step.penalty: f"{step.epoch:,}" for step in updates if not step.ended}
        after = [f"{epoch} ({TITLES[name]})" for name, epoch in going.items()]
        if len(set(going.values())) == 1:
            after = list(going.values())[:1]
        said.append(
            f"An epoch has {counted(steps, 'step')}, one a batch; shown is the first "
            f"after epoch {', '.join(after)}."
        )
    said += [
        f"{TITLES[step.penalty]} ended at epoch {step.epoch:,}; shown is the step that "
        "would have followed."
        for step in updates
        if step.ended
    ]
    return said
