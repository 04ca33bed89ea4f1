"""Whole sentences of the questions, in each of their branches, from states by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from regcore.model.scores import Scores
from regcore.questions.cards.told import losses_told, weights_told
from regcore.questions.cards.words import (
    TITLES,
    in_words,
    rate_notice,
    strength_notice,
)
from regcore.questions.contours import words as contours_words
from regcore.questions.contours.answer import View
from regcore.questions.early_stopping import words as early_words
from regcore.questions.early_stopping.answer import COLUMNS, HiddenStrength
from regcore.questions.epochs import words as epochs_words
from regcore.questions.frontier import words as frontier_words
from regcore.questions.frontier.answer import optimism
from regcore.questions.path import words as path_words
from regcore.questions.update import words as update_words
from regcore.questions.update.answer import Update
from regcore.regularization_path import RegularizationPath
from regcore.settings import Split
from regcore.solve.optimum import Status
from regcore.solve.path import Curve
from regcore.solve.runs import Outcome
from regcore.words import figures
from tests.tables import PENALTIES, table, train


@pytest.fixture(scope="module")
def plain():
    """30 training rows: at λ = 3 and η = 0.5 L1 takes 0.05 off, and L2 5 %."""
    return train(table(n=40, p=3), lam=3.0, learning_rate=0.5, epochs=5)


@pytest.fixture(scope="module")
def classes():
    return train(table("binary", n=80), lam=2.0, epochs=5)


# The cards


def test_models_have_their_names_at_the_beginning_of_a_sentence():
    assert TITLES == {"none": "No penalty", "L1": "L1", "L2": "L2"}


def test_the_step_takes_a_constant_and_a_percentage(plain):
    assert in_words(plain)[-1] == (
        "Each step takes the constant ηλ/n = 0.05 off every L1 weight and 5 % off "
        "every L2 weight."
    )


@pytest.mark.parametrize(
    ("task", "measure"),
    [("regression", "RMSE"), ("binary", "log loss"), ("multiclass", "log loss")],
)
def test_the_losses_of_the_training_rows_have_their_unit(task, measure):
    result = train(table(task), epochs=5)
    losses = np.array([0.125, 0.5, 2.0])
    result.__dict__["train_scores"] = Scores(losses, losses, losses, losses)
    shown = ["0.125", "0.5", "2"]
    if task == "regression":
        data = table(task)["y"].iloc[result.problem.design.rows]
        shown = [f"{np.std(data) * size:.4g}" for size in (0.5, 1.0, 2.0)]
    assert in_words(result)[-2] == (
        f"On the training rows {measure} is {shown[0]} without a penalty, {shown[1]} "
        f"with L1 and {shown[2]} with L2."
    )


def test_the_accuracies_are_those_of_the_rows_classed_rightly():
    result = train(table("binary", n=200), lam=2.0, epochs=500)
    design = result.problem.design
    y = design.Y_validation[:, 0]
    right = [
        sum((z > 0) == (one == 1) for z, one in zip(Z, y, strict=True))
        for Z in (design.X_validation @ result.W + result.b)[..., 0]
    ]
    none, l1, l2 = (f"{100 * count / len(y):.1f} %" for count in right)
    assert len(set(right)) == 3
    assert in_words(result)[2] == (
        f"The log loss decides; accuracy is {none} without a penalty, {l1} with L1 and "
        f"{l2} with L2."
    )


def test_a_strength_that_removes_all_or_nothing_is_told_with_one_that_does_not():
    empty = train(table(), lam=1e6, epochs=50)
    design = empty.problem.design
    top = np.abs(design.X.T @ (design.Y - design.Y.mean())).max()
    assert strength_notice(empty) == (
        f"From λ = {top:.4g} on L1 removes every weight and predicts the same for "
        "every row; at any smaller λ it keeps at least one."
    )
    full = train(table(), lam=0.001, epochs=20_000)
    assert strength_notice(full, lambda result: 0.12345) == (
        "At λ = 0.001 L1 removes no weight; it removes the first at about λ = 0.123."
    )
    # Where either has a zero, or one weight has gone, nothing is said.
    for i in range(3):
        run = full.runs[1]
        W = np.where(np.arange(4)[:, np.newaxis] == i, 0.0, run.W)
        for changed in (
            {"runs": (full.runs[0], replace(run, W=W), full.runs[2])},
            {"optima": (full.optima[0], replace(full.optima[1], W=W), full.optima[2])},
        ):
            assert strength_notice(replace(full, **changed), lambda result: 1.0) == ""


def test_a_learning_rate_is_told_only_above_its_limit(plain):
    assert rate_notice(plain, plain.settings) == ""
    for rate, said in ((None, False), (0.25, False), (0.2501, True)):
        limited = replace(plain, rate_limit=0.25)
        words = rate_notice(limited, replace(plain.settings, learning_rate=rate))
        assert bool(words) is said
    assert words == (
        "The learning rate 0.5 is above 2/(L + λ/n) = 0.25: a run may diverge."
    )


def test_the_pictures_of_the_three_are_told_with_their_numbers():
    weights = pd.DataFrame(
        {"none": [0.5, -2.0, 1.0, 0.25], "L1": [0.0, -1.2344, 0, 0], "L2": 4 * [0.0]},
        index=["a", "b", "c", "d"],
    )
    assert weights_told(weights, "per SD") == (
        "Largest weights per SD: without a penalty «b» −2, «c» +1 and «a» +0.5, none "
        "of 4 exactly 0; with L1 «b» −1.23, 3 of 4 exactly 0; with L2 4 of 4 exactly "
        "0."
    )
    diverged = weights_told(weights.assign(none=np.nan), "in original units")
    assert diverged.startswith(
        "Largest weights in original units: without a penalty none, for training "
        "diverged; with L1 «b»"
    )


def test_the_losses_of_the_three_are_told_with_their_beginning_and_their_end(plain):
    ends = [
        [figures(losses[at]) for losses in (run.train_loss, run.validation_loss)]
        for run in plain.runs
        for at in (0, -1)
    ]
    first, none, _, l1, _, l2 = ends
    told = [
        f"from {first[0]} to {last[0]} on the training rows, from {first[1]} to "
        f"{last[1]} on those held out, in 5 epochs"
        for last in (none, l1, l2)
    ]
    assert losses_told(plain) == (
        f"Mean half squared error: without a penalty {told[0]}; with L1 {told[1]}; "
        f"with L2 {told[2]}."
    )
    whole = train(table(n=40, p=3), lam=3.0, epochs=5, validation_share=0.0)
    assert "held out" not in losses_told(whole)
    wild = train(table(n=40, p=3), lam=3.0, epochs=200, learning_rate=50.0)
    assert losses_told(wild) == (
        "Mean half squared error: without a penalty, with L1 and with L2 training "
        "diverged."
    )


# One update


def step(penalty, **changed):
    at = {"epoch": 7, "ended": False, "before": 2.0, "gradient": 0.4}
    parts = {"gradient_part": -0.2, "penalty_part": 0.0, "acts_on": 2.0, "after": 1.8}
    return Update(**{"penalty": penalty, "clipped": False, **at, **parts, **changed})


EQUAL = (
    " The two take equally much at |w| = 1: below it L1 takes more, above it L2."
)  # fmt: skip


@pytest.mark.parametrize(
    ("l1", "took"),
    [
        ({}, "takes the constant ηλ/n = 0.05 off"),
        (
            {"clipped": True, "acts_on": -0.02},
            "would take ηλ/n = 0.05 off, but only 0.02 is left, and so stops at zero",
        ),
        (
            {"clipped": True, "acts_on": 0.0},
            "would take ηλ/n = 0.05 off, but only 0 is left, and so stops at zero",
        ),
        ({"acts_on": 0.0}, "takes nothing off, for it stands at zero"),
    ],
)
def test_what_l1_took_is_told_beside_what_l2_took(plain, l1, took):
    updates = step("none"), step("L1", **l1), step("L2", before=-2, penalty_part=0.1)
    assert update_words.in_words(plain, "x0", updates) == (
        f"For «x0» L1 {took}; L2 takes 5 % of 2 off, which is 0.1.{EQUAL}"
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        # 30 training rows and η = 0.5: L2 takes the share λ/60.
        ({"lam_l2": 60.0}, " L2 takes no less than L1 of any weight."),
        (
            {"lam_l2": 60.0, "l1_step": "textbook"},
            EQUAL.replace("= 1", "= 0.05"),
        ),
        ({"lam_l2": 59.0}, EQUAL.replace("= 1", "= 0.0508")),
        ({"lam_l2": 0.0}, ""),
        ({"lam": 0.0, "lam_l2": 3.0}, ""),
    ],
)
def test_where_both_take_equally_much_follows_from_both_strengths(settings, said):
    chosen = {"lam": 3.0, "learning_rate": 0.5, "epochs": 1, **settings}
    result = train(table(n=40, p=3), **chosen)
    words = update_words.in_words(result, "x0", tuple(map(step, PENALTIES)))
    assert words.split(", which is 0.")[1] == said


@pytest.mark.parametrize(
    ("update", "formula"),
    [
        (step("none", gradient=-0.4, after=2.2), "2 − 0.5 · (−0.4) = 2.2"),
        (step("L1", penalty_part=-0.05, after=1.75), "2 − 0.5 · 0.4 − 0.05 = 1.75"),
        (
            step("L1", before=-2.0, penalty_part=0.05, after=-2.15),
            "−2 − 0.5 · 0.4 + 0.05 = −2.15",
        ),
        (step("L1", before=0.0, after=-0.2), "0 − 0.5 · 0.4 − 0 = −0.2"),
        (step("L2", after=1.7), "2 − 0.5 · 0.4 − 0.05 · 2 = 1.7"),
        (
            step("L2", before=-2.0, gradient=0.0, after=-1.9),
            "−2 − 0.5 · 0 − 0.05 · (−2) = −1.9",
        ),
    ],
)
def test_the_formula_has_the_numbers_of_its_step(plain, update, formula):
    assert update_words.formula(update, plain) == formula


@pytest.mark.parametrize(
    ("smallest", "shown"),
    [
        (-0.05, ("2.0000", "−0.2000", "−0.0500", "1.7500")),
        (-0.01, ("2.0000", "−0.2000", "−0.0100", "1.7500")),
        (-0.00099, ("2.000000", "−0.200000", "−0.000990", "1.750000")),
        (-1e-9, ("2.0000000", "−0.2000000", "−0.0000000", "1.7500000")),
        (0.0, ("2.000", "−0.200", "0", "1.750")),
    ],
)
def test_columns_of_a_step_have_three_figures_of_their_smallest_part(smallest, shown):
    one = step("none", penalty_part=smallest, after=1.75)
    frame = update_words.in_numbers((one, one, one))
    assert frame.index.tolist() == ["Before", "Gradient", "Penalty", "After"]
    assert frame.columns.tolist() == list(PENALTIES)
    assert tuple(frame["L2"]) == shown
    large = replace(one, before=20.0, gradient_part=-2.0, penalty_part=0.0, after=18.0)
    whole = update_words.in_numbers((large,) * 3)
    assert tuple(whole["L2"]) == ("20.000", "−2.000", "0", "18.000")
    nothing = update_words.in_numbers((replace(one, penalty_part=0.05),) * 3)
    assert nothing.loc["Penalty", "L1"] == "+0.0500"


def test_all_numbers_of_a_step_have_three_figures():
    chosen = {"lam": 2.9, "learning_rate": 0.70123, "epochs": 1}
    result = train(table(n=40, p=3), **chosen)
    assert in_words(result)[-1] == (
        "Each step takes the constant ηλ/n = 0.0678 off every L1 weight and 6.78 % off "
        "every L2 weight."
    )
    l2 = step("L2", before=-2.34567, penalty_part=0.123456)
    end = f"; L2 takes 6.78 % of 2.35 off, which is 0.123.{EQUAL}"
    clipped = step("L1", acts_on=-0.0123456, clipped=True)
    for l1, took in [
        (step("L1"), "takes the constant ηλ/n = 0.0678 off"),
        (
            clipped,
            "would take ηλ/n = 0.0678 off, but only 0.0123 is left, and so stops at "
            "zero",
        ),
    ]:
        updates = step("none"), l1, l2
        words = update_words.in_words(result, "x0", updates)
        assert words == f"For «x0» L1 {took}{end}"
    assert update_words.remarks(result, updates) == ["Learning rate η = 0.701."]


def test_a_step_beyond_all_numbers_is_written_all_the_same():
    beyond = dict.fromkeys(("before", "gradient_part", "penalty_part"), np.inf)
    frame = update_words.in_numbers((step("none", **beyond, after=np.nan),) * 3)
    assert tuple(frame["L1"]) == ("inf", "+inf", "+inf", "nan")


def test_what_is_shown_in_place_of_the_step_asked_for_is_said(plain):
    rate = "Learning rate η = 0.5."
    none, l1, l2 = (step(name, epoch=1200) for name in PENALTIES)
    assert update_words.remarks(plain, (none, l1, l2)) == [rate]
    ended = replace(none, ended=True, epoch=1100)
    gone = (
        "No penalty ended at epoch 1,100; shown is the step that would have followed."
    )
    assert update_words.remarks(plain, (ended, l1, l2)) == [rate, gone]
    # 30 rows in batches of 13 are three steps.
    batches = replace(plain, settings=replace(plain.settings, batch_size=13))
    epoch = "An epoch has 3 steps, one a batch; shown is the first after epoch"
    assert update_words.remarks(batches, (none, l1, l2)) == [rate, f"{epoch} 1,200."]
    assert update_words.remarks(batches, (ended, l1, l2)) == [
        rate,
        f"{epoch} 1,200.",
        gone,
    ]
    assert update_words.remarks(batches, (none, replace(l1, epoch=900), l2)) == [
        rate,
        f"{epoch} 1,200 (No penalty), 900 (L1), 1,200 (L2).",
    ]


# Over the epochs


def l1_run(result, **changed):
    """The same comparison with fields of the run of L1 put in place."""
    runs = list(result.runs)
    runs[1] = replace(runs[1], **changed)
    return replace(result, runs=tuple(runs))


def weights(*values):
    return np.array(values, dtype=float)[:, np.newaxis]


@pytest.mark.parametrize(
    ("last_nonzero", "activations", "said"),
    [
        ((-1, -1, -1), (0, 0, 0), "L1 leaves 3 of 3 weights at zero; they never left"
         " it."),
        ((-1, 1233, 5), (0, 1, 1),
         "L1 leaves 2 of 3 weights at zero; 1 never left it; the last to become zero is"
         " «x1», from epoch 1,234 on. None came back once it was zero."),
        ((3, 3, 5), (2, 1, 1),
         "L1 leaves 2 of 3 weights at zero; the last to become zero are «x0» and 1"
         " more, from epoch 4 on. «x0» came back after having been zero."),
        ((0, 5, 5), (2, 1, 3),
         "L1 leaves 1 of 3 weights at zero; the last to become zero is «x0», from epoch"
         " 1 on. «x2» and «x0» came back after having been zero."),
    ],
)  # fmt: skip
def test_zeros_are_told_with_when_they_came(plain, last_nonzero, activations, said):
    last, left = (np.array(one)[:, np.newaxis] for one in (last_nonzero, activations))
    W = np.where(last == 5, 1.0, 0.0)
    result = l1_run(plain, W=W, last_nonzero=last, activations=left)
    assert epochs_words.in_words(result) == said


def test_long_names_are_cut_where_zeros_are_told():
    frame = table(n=40, p=3).rename(columns={"x0": "x" * 50})
    last, left = np.array([[3], [5], [5]]), np.array([[2], [1], [1]])
    W = np.where(last == 5, 1.0, 0.0)
    result = train(frame, lam=3.0, epochs=5)
    result = l1_run(result, W=W, last_nonzero=last, activations=left)
    assert epochs_words.in_words(result).count(f"«{'x' * 39}…»") == 2


def test_of_two_classes_a_weight_is_of_neither(classes):
    last = np.array([[3], [5], [5], [5]])
    W = np.where(last == 5, 1.0, 0.0)
    result = l1_run(classes, W=W, last_nonzero=last, activations=np.ones((4, 1)))
    assert epochs_words.in_words(result) == (
        "L1 leaves 1 of 4 weights at zero; the last to become zero is «x0», from epoch "
        "4 on. None came back once it was zero."
    )


def test_a_run_without_zeros_or_an_end_is_told_too(plain):
    kept = l1_run(plain, W=weights(1, 2, 3), objective=np.ones(1235))
    said = "After 1,234 epochs L1 has set none of 3 weights to zero"
    assert epochs_words.in_words(kept) == f"{said}."
    gone = replace(kept.optima[1], W=weights(1, 0, 0))
    full = replace(kept.optima[1], W=weights(1, 2, 3))
    textbook = replace(kept.penalties[1], textbook=True)
    for penalty, optimum, why in (
        (textbook, gone, ": the textbook step jumps across zero instead of stopping "
         "there"),
        (textbook, full, ""),
        (kept.penalties[1], gone, ""),
    ):  # fmt: skip
        penalties = (kept.penalties[0], penalty, kept.penalties[2])
        optima = (kept.optima[0], optimum, kept.optima[2])
        changed = replace(kept, penalties=penalties, optima=optima)
        assert epochs_words.in_words(changed) == f"{said}{why}."
    assert epochs_words.in_words(l1_run(plain, outcome=Outcome.DIVERGED)) == (
        "L1 diverged, so that its weights never settle."
    )


@pytest.mark.parametrize("chosen", ["clipped", "textbook"])
def test_both_steps_of_l1_are_compared_whichever_was_chosen(chosen):
    result = train(
        table(n=40, p=3), lam=3.0, learning_rate=0.5, epochs=5, l1_step=chosen
    )
    ends = {
        "clipped": replace(result["L1"].run, W=weights(1, 0, 0)),
        "textbook": replace(result["L1"].run, W=weights(1, 2, 0), objective=np.ones(3)),
    }

    def said(**outcomes):
        runs = {
            name: replace(run, outcome=outcomes.get(name, Outcome.CONVERGED))
            for name, run in ends.items()
        }
        own = runs.pop(chosen)
        (other,) = runs.values()
        staged = replace(result, runs=(result.runs[0], own, result.runs[2]))
        return epochs_words.compare_steps(staged, other)

    assert said() == (
        "The clipped step ends with 1 of 3 weights, the textbook step with 2: it takes "
        "ηλ/n = 0.05 off at every step, even where less is left, and so jumps across "
        "zero and back."
    )
    assert said(textbook=Outcome.DIVERGED) == (
        "The clipped step ends with 1 of 3 weights; the textbook step diverged after 2 "
        "epochs."
    )
    assert said(clipped=Outcome.DIVERGED) == (
        "Both steps diverge at this learning rate; the limit is "
        f"{result.rate_limit:.3g}."
    )


# Early stopping


def hidden(*rows, lam_l2=10.0, outcome=Outcome.EPOCH_LIMIT, exists=True):
    """Rows of epoch, λ, distance and the distance to the optimum."""
    frame = pd.DataFrame([(*row, 1.0) for row in rows], columns=COLUMNS, dtype=float)
    return HiddenStrength(frame, lam_l2, outcome, exists)


PASSED = " It passed the L2 model's λ = 10 by epoch 2."

NOT_YET = " It has not yet come as far as the L2 model with λ = 10."


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            hidden((1, 50, 1, 1), outcome=Outcome.DIVERGED),
            "The run without a penalty diverged, so it is nowhere near any penalty.",
        ),
        (
            hidden(outcome=Outcome.DIVERGED),
            "The run without a penalty diverged at once, so it is nowhere near any "
            "penalty.",
        ),
        (
            hidden(outcome=Outcome.CONVERGED),
            "The run without a penalty had converged at its start, all weights 0, so "
            "there is no way to compare with penalties.",
        ),
        (
            hidden((1, 50, 1, 1), (2, 2, 0.1, 0.001)),
            "After 2 epochs the run without a penalty is 0.1 % from its optimum: none "
            f"is really none.{PASSED}",
        ),
        (
            hidden((1, 50, 1, 1), (2, 0, 0.1, 0.0011)),
            "After 2 epochs the run is nearer to its optimum than to any L2 penalty."
            f"{PASSED}",
        ),
        (
            hidden((1, np.inf, 1, 0.98)),
            "After 1 epoch the run without a penalty is nearer to no weights at all "
            "than to any L2 penalty, and still 98 % from its own optimum."
            f"{NOT_YET}",
        ),
        (
            hidden((1, 50, 1, 1), (2, 10, 0.032, 0.5)),
            "After 2 epochs the run without a penalty is nearest to L2 with λ = 10, "
            f"3.2 % away from it, and still 50 % from its own optimum.{PASSED}",
        ),
        (
            hidden((1, 12.345, 0.1, 0.5), lam_l2=0.0),
            "After 1 epoch the run without a penalty is nearest to L2 with λ = 12.3, "
            "10 % away from it, and still 50 % from its own optimum.",
        ),
        (
            hidden((1, 10.1, 0.0001, np.nan), exists=False),
            "After 1 epoch the run without a penalty is nearest to L2 with λ = 10.1, "
            f"0.01 % away from it, and it has no optimum to reach.{NOT_YET}",
        ),
        (
            replace(hidden((1, 10.1, 0.0001, np.nan), exists=False), stopped=True),
            "After 1 epoch the run without a penalty is nearest to L2 with λ = 10.1, "
            "0.01 % away from it; whether it has an optimum to reach is not known."
            f"{NOT_YET}",
        ),
        (
            hidden((1, 12, 0.00009, 0.5), lam_l2=0.0),
            "After 1 epoch the run without a penalty is nearest to L2 with λ = 12, "
            "less than 0.01 % away from it, and still 50 % from its own optimum.",
        ),
        (
            hidden((1, 9, 0.1, 0.5), (1200, 12, 0.1, 0.5)),
            "After 1,200 epochs the run without a penalty is nearest to L2 with "
            "λ = 12, 10 % away from it, and still 50 % from its own optimum. It had "
            "passed the L2 model's λ = 10 at epoch 1, but is above it again.",
        ),
    ],
)
def test_what_stopping_early_amounts_to_is_a_whole_sentence(found, said):
    assert early_words.in_words(found) == said


# Along λ, and what a percent of loss buys


FOLDS = 10

TO_AND_FRO = np.resize([0.02, -0.02], FOLDS)
"""Paired over ten folds: ± 2.262 · 0.02 · √(10/9) / √10 = 0.015."""


def curve(losses, lams, lam_max=8.0):
    """A path at which one more weight is there at each λ."""
    W = np.tri(len(losses), len(losses), -1)[..., np.newaxis]
    fold_loss = np.add.outer(TO_AND_FRO, np.array(losses, dtype=float))
    return Curve(np.array(lams), W, W[:, :1], np.array(losses), fold_loss)


def paths(result, l1, l2, none, lams=(8.0, 4.0, 2.0, 1.0)):
    curves = {"L1": curve(l1, lams), "L2": curve(l2, lams)}
    fold = np.arange(result.problem.n) % FOLDS
    design = result.problem.design
    return RegularizationPath(
        design, curves, 8.0, np.asarray(none), fold, (1.0, 0.0), 0.1
    )


BENT, FALLING = (0.69, 0.5, 0.53, 0.6), (0.69, 0.62, 0.6, 0.599)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (
            (4.0, 2.0),
            " Now the loss is above its smallest by 0 % for L1 and 0.17 % for L2.",
        ),
        (
            (2.0, 2.0),
            " Now the loss is above its smallest by 6 % for L1 and 0.17 % for L2.",
        ),
        ((8.0, 0.9), " Now the loss is above its smallest by 38 % for L1."),
        ((9.0, 4.0), " Now the loss is above its smallest by 3.5 % for L2."),
        ((9.0, 0.9), ""),
    ],
)
def test_where_each_predicts_best_is_told_beside_where_it_is_now(classes, now, said):
    found = paths(classes, BENT, FALLING, 0.7 + TO_AND_FRO)
    settings = replace(classes.settings, lam=now[0], lam_l2=now[1])
    assert path_words.in_words(found, replace(classes, settings=settings)) == (
        "In 10-fold cross-validation on the 60 training rows, L1 predicts best at "
        "λ = 4 (50 % of λₘₐₓ) with 1 of 4 weights; the largest λ within one standard "
        "error of that is 4, with 1. L2 predicts best at λ = 1, the weakest looked at "
        "(12 % of λₘₐₓ); the largest within one standard error is 2."
        f"{said}"
    )


@pytest.mark.parametrize(
    ("l1", "l2", "none", "said"),
    [
        (BENT, FALLING, 0.7, ""),
        (BENT, FALLING, 0.55, "8.2 % below L2's best"),
        (
            BENT,
            (0.6, 0.625, 0.64, 0.65),
            0.4,
            "20 % below L1's best and 33 % below L2's best",
        ),
        (BENT, BENT, 0.4, "20 % below L1's and L2's best"),
        (BENT, BENT, 0.4999, "less than 0.1 % below L1's and L2's best"),
        (FALLING, BENT, 0.4, "33 % below L1's best and 20 % below L2's best"),
    ],
)
def test_for_whom_no_penalty_is_better_is_told_once(classes, l1, l2, none, said):
    found = paths(classes, l1, l2, none + TO_AND_FRO)
    words = path_words.none_is_better(found, ("L1", "L2"))
    sentence = f"No penalty, where ever smaller λ end, has a loss {said}."
    assert words == (sentence if said else "")
    assert path_words.in_words(found, classes).count(sentence) == bool(said)


@pytest.mark.parametrize(
    ("split", "validation", "end"),
    [
        (Split.RANDOM, True, ""),
        (Split.GROUPS, True, " Rows of one group are never in two folds."),
        (Split.HASH, True, " Rows with the same key are never in two folds."),
        (
            Split.ORDER,
            True,
            " The folds are drawn at random, though the comparison holds out the last "
            "rows: later rows help to predict earlier ones, which flatters every λ.",
        ),
        (Split.ORDER, False, ""),
    ],
)
def test_folds_that_are_drawn_otherwise_than_the_comparison_are_told(
    split, validation, end
):
    share = 0.25 if validation else 0.0
    result = train(table("binary", n=80), lam=9.0, epochs=5, validation_share=share)
    settings = replace(result.settings, split=split, group="x0")
    found = paths(result, BENT, FALLING, 0.7 + TO_AND_FRO)
    words = path_words.in_words(found, replace(result, settings=settings))
    assert words.partition("the largest within one standard error is 2.")[2] == end


@pytest.mark.parametrize(
    ("l1", "none", "names"),
    [
        (BENT, 0.7, "L2"),
        (FALLING, 0.7, "L1 and L2"),
        (BENT, 0.4, "L1 and L2"),
    ],
)
def test_a_smaller_strength_that_may_be_better_is_told(classes, l1, none, names):
    found = paths(classes, l1, FALLING, none + TO_AND_FRO)
    assert path_words.caveat(found) == (
        f"A λ smaller than was looked at may predict better with {names}."
    )
    known = paths(classes, BENT, BENT, 0.7 + TO_AND_FRO)
    assert path_words.caveat(known) == ""


BOUGHT = "L1 predicts best with 1 of 4 weights; 5 % more loss saves none."

STEADY = 0.5 + TO_AND_FRO


@pytest.mark.parametrize(
    ("none", "said"),
    [
        (
            STEADY + 0.1 + TO_AND_FRO,
            " No penalty keeps all 4, and its loss is 20 % above L1's best: it "
            "predicts worse than L1: log loss 0.600 instead of 0.500 "
            "(+0.100 ± 0.015).",
        ),
        (
            STEADY + 0.01 + TO_AND_FRO,
            " No penalty keeps all 4, and its loss is 2 % above L1's best: it predicts "
            "neither clearly better nor worse than L1: log loss 0.510 instead of 0.500 "
            "(+0.010 ± 0.015).",
        ),
        (
            STEADY + 0.049 + TO_AND_FRO,
            " No penalty keeps all 4, and its loss is 9.8 % above L1's best: it "
            "predicts worse than L1: log loss 0.549 instead of 0.500 "
            "(+0.049 ± 0.015).",
        ),
        (
            STEADY + 0.00075 + TO_AND_FRO,
            " No penalty keeps all 4, and its loss is 0.15 % above L1's best: it "
            "predicts neither clearly better nor worse than L1: log loss 0.501 instead "
            "of 0.500 (+0.001 ± 0.015).",
        ),
        (
            STEADY,
            " No penalty keeps all 4, and its loss is less than 0.1 % above L1's best: "
            "it and L1 have the same log loss of 0.5.",
        ),
        (
            np.where(np.arange(FOLDS) < 3, np.nan, 0.6),
            " In 3 of the 10 folds no penalty has no optimum, or hardly one: the "
            "classes can be separated.",
        ),
        (np.full(FOLDS, np.nan), " No penalty has no optimum here."),
    ],
)
def test_what_keeping_all_weights_costs_is_told(classes, none, said):
    found = paths(classes, BENT, FALLING, none)
    assert frontier_words.in_words(found, classes) == f"{BOUGHT}{said}"


def test_a_number_whose_optimum_is_not_known_in_the_folds_says_so(plain):
    found = paths(plain, BENT, FALLING, np.full(FOLDS, np.nan))
    assert frontier_words.in_words(found, plain) == (
        f"{BOUGHT} In 10 of the 10 folds the optimum without a penalty is not known."
    )
    none = plain.optima[0]
    none = replace(none, b=np.nan * none.b, status=Status.SEPARABLE)
    lacks = replace(plain, optima=(none, *plain.optima[1:]))
    assert frontier_words.in_words(found, lacks).endswith(
        "5 % more loss saves none. No penalty has no optimum here."
    )


def test_that_no_penalty_is_better_than_all_of_the_path_is_told(classes):
    found = paths(classes, BENT, FALLING, 0.4 + 2 * TO_AND_FRO)
    assert frontier_words.in_words(found, classes) == (
        f"{BOUGHT} No penalty keeps all 4, and its loss is 20 % below L1's best: it "
        "predicts better than L1: log loss 0.400 instead of 0.500 (−0.100 ± 0.015)."
    )


def test_what_the_choice_of_the_best_strength_flatters_is_no_reason(classes):
    # Of two λ each is by 0.2 better in every other fold.
    chance = np.resize([0.1, -0.1], FOLDS)
    fold_loss = np.full((FOLDS, 4), 0.7)
    fold_loss[:, 1:3] = np.column_stack([0.5 + chance, 0.501 - chance])
    found = paths(classes, BENT, FALLING, fold_loss[:, 1] + 0.05 + TO_AND_FRO)
    l1 = replace(found.l1, fold_loss=fold_loss)
    lucky = replace(found, curves=found.curves | {"L1": l1})
    assert frontier_words.in_words(lucky, classes).endswith(
        ": it predicts neither clearly better nor worse than L1: log loss 0.55 instead "
        "of 0.50 (+0.05 ± 0.12)."
    )
    by_the_others = [
        fold_loss[f, np.delete(fold_loss, f, axis=0).mean(axis=0).argmin()]
        for f in range(FOLDS)
    ]
    assert optimism(fold_loss) == pytest.approx(np.mean(by_the_others) - 0.5)
    # Where all folds choose the same there is nothing that flatters.
    assert optimism(np.full((FOLDS, 4), BENT) + chance[:, np.newaxis]) == 0.0


@pytest.mark.parametrize(
    ("losses", "bought"),
    [
        ((0.6, 0.504, 0.502, 0.5), "for 1 % more loss 1 are enough"),
        (
            (0.52, 0.502, 0.502, 0.5),
            "for 1 % more loss 1 are enough, for 5 % more loss 0 are enough",
        ),
        ((0.6, 0.52, 0.51, 0.5), "for 5 % more loss 1 are enough"),
        ((0.6, 0.55, 0.53, 0.5), "5 % more loss saves none"),
    ],
)
def test_prices_that_buy_nothing_are_left_out(classes, losses, bought):
    found = paths(classes, losses, FALLING, np.full(FOLDS, np.nan))
    assert frontier_words.in_words(found, classes) == (
        "L1 predicts best with 3 of 4 weights, at the weakest λ looked at; "
        f"{bought}. No penalty has no optimum here."
    )


# Two weights seen from above


def view(*solution, exact=True):
    nothing = pd.DataFrame()
    solution = np.array(solution, dtype=float)
    return View("", exact, solution, nothing, nothing, nothing)


CIRCLE = "L2's lies on its circle, "


@pytest.mark.parametrize(
    ("l1", "place"),
    [
        ((1, -1), "lies on an edge of its diamond: both weights stay"),
        ((0, 1), "lies on a corner of its diamond: «x2» is exactly 0"),
        ((1, 0), "lies on a corner of its diamond: «x0» is exactly 0"),
        ((0, 0), "lies at the centre: both weights are exactly 0"),
    ],
)
@pytest.mark.parametrize(
    ("none", "l2", "where"),
    [
        (view(3, 4), view(3, 0), f"{CIRCLE}40 % nearer to zero than without a penalty"),
        (view(3, 4), view(6, 8), f"{CIRCLE}100 % farther from zero than without a "
         "penalty"),
        (view(3, 4), view(4, 3), "L2's lies as far from zero as without a penalty"),
        (view(3, 4), view(4.0015, 3.0015), "L2's lies as far from zero as without a "
         "penalty"),
        (view(3, 4), view(0, 4.9974), f"{CIRCLE}0.052 % nearer to zero than without a "
         "penalty"),
        (view(0, 0), view(0, 0), f"{CIRCLE}where both weights stay"),
        (view(3, 4), view(0, 4.4444), f"{CIRCLE}11 % nearer to zero than without a "
         "penalty"),
        (view(3, 4, exact=False), view(3, 0), f"{CIRCLE}where both weights stay"),
    ],
)  # fmt: skip
def test_the_places_on_both_shapes_are_told(plain, l1, place, none, l2, where):
    views = none, view(*l1), l2
    assert contours_words.in_words(plain, (2, 0), views) == (
        f"L1's solution {place}. {where}."
    )


def test_a_long_name_on_a_corner_is_cut():
    names = {"x0": "x" * 50}
    result = train(table(n=40, p=3).rename(columns=names), lam=3.0, epochs=5)
    words = contours_words.in_words(
        result, (0, 1), (view(1, 1), view(0, 2), view(1, 1))
    )
    assert f"«{'x' * 39}…» is exactly 0" in words


def of_unknown(result):
    """The same where solving for no penalty has stopped."""
    none = replace(result.optima[0], status=Status.STOPPED)
    return replace(result, optima=(none, *result.optima[1:]))


def test_what_is_held_is_told_and_where_it_has_no_optimum(plain):
    text = (
        "All other weights and the bias are held at the solution of each penalty; the "
        "ways down are projected, for there the others move too."
    )
    assert contours_words.held(plain, (view(1, 1), view(1, 0), view(1, 1))) == text
    views = view(1, 1, exact=False), view(1, 0), view(1, 1)
    assert contours_words.held(plain, views) == (
        f"{text} No penalty has no optimum here: its weights are held where it ended."
    )
    assert contours_words.held(of_unknown(plain), views) == (
        f"{text} The optimum without a penalty is not known here: its weights are held "
        "where it ended."
    )
