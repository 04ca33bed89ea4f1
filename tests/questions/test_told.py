"""What a chart tells those who do not see it: whole sentences, from numbers by hand."""

from types import SimpleNamespace as Known

import numpy as np
import pandas as pd
import pytest

from regcore.questions.contours.words import solution
from regcore.questions.early_stopping.words import distances_told
from regcore.questions.epochs.words import ends_told, flicker_told
from regcore.questions.predictions.words import of_residuals
from regcore.questions.trust.words import medians, middles


@pytest.mark.parametrize(
    ("exact", "whose"),
    [
        (True, "The solution with L1"),
        (False, "The weights where training with L1 ended"),
    ],
)
def test_seen_from_above_the_two_weights_are_told_and_whether_they_are_solved(
    exact, whose
):
    design = Known(features=("age", "size", "a*b"))
    view = Known(penalty="L1", solution=np.array([-0.12345, 0.0]), exact=exact)
    said = solution(Known(problem=Known(design=design)), (2, 0), view)
    assert said == f"{whose}: «a*b» −0.123 and «age» exactly 0."


@pytest.mark.parametrize(
    ("exists", "own"), [(True, ", from its own 70 % and 3.4 %"), (False, "")]
)
def test_the_first_and_the_last_distance_of_a_run_are_told(exists, own):
    table = pd.DataFrame(
        {"distance": [0.5, 0.9, 0.012], "to_optimum": [0.7, 0.1, 0.034]}
    )
    near = "From the nearest L2 optimum the run is 50 % at first and 1.2 % at the end"
    assert distances_told(Known(table=table, exists=exists)) == f"{near}{own}."


def test_the_weights_of_the_last_epoch_are_told():
    weights = pd.DataFrame(
        {
            "epoch": [0, 0, 7, 7],
            "feature": ["a", "b", "a", "b"],
            "weight": [9.0, 8.0, 0.25, -0.5],
        }
    )
    assert ends_told(Known(epochs=7), weights) == (
        "After 7 epochs: «b» −0.5 and «a» +0.25, none of 2 exactly 0."
    )
    none = weights.assign(weight=0.0)
    assert ends_told(Known(epochs=1), none) == "After 1 epoch: 2 of 2 exactly 0."


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("proximal", "With the proximal step 2 weights stay exactly 0."),
        (
            "textbook",
            "With the textbook step 2 weights come as far from zero as 0.023.",
        ),
    ],
)
def test_how_far_from_zero_a_step_leaves_weights_is_told_on_either_side(step, said):
    found = pd.DataFrame(
        {
            "step": np.repeat(["proximal", "textbook"], 2),
            "feature": ["a", "b", "a", "b"],
            "weight": [0.0, 0.0, 0.001, -0.0234],
        }
    )
    assert flicker_told(found, step) == said


def test_the_largest_residuals_of_each_model_are_told():
    residuals = np.array([[-1.5432, 2.2567, 0.0], [-3.0, 1.0, 0.5], [-1.0, 4.0, 0.0]])
    found = Known(residuals=residuals, models=("none", "L1", "L2"))
    assert of_residuals(found) == (
        "Actual less predicted is from −1.54 to +2.26 with no penalty, −3 to +1 with "
        "L1 and −1 to +4 with L2."
    )


def test_medians_of_weights_are_told_of_each_model_that_has_them_and_of_one_class():
    table = pd.DataFrame(
        {
            "feature": ["a", "b"] * 3,
            "penalty": np.repeat(["none", "L1", "L2"], 2),
            "median": [np.nan, 1.0, 0.5, 0.0, -0.25, 0.125],
        }
    )
    ranked = {"A": table, "B": table.fillna(2.0)}
    of_two = (
        "with L1 «a» +0.5, 1 of 2 exactly 0; "
        "with L2 «a» −0.25 and «b» +0.125, none of 2 exactly 0."
    )
    first = "Medians of the weights over the half-samples: "
    stability = Known(ranked=ranked.get)
    assert middles(stability, "A") == first + of_two
    third = "without a penalty «a» +2 and «b» +1, none of 2 exactly 0; "
    assert middles(stability, "B") == first + third + of_two


def test_the_middle_loss_is_told_of_each_model_that_has_one_in_every_split():
    loss = [[1.0, 2.0, 9.0], [3.0, 4.0, np.nan], [0.5, 0.25, 0.75], [5.0, 6.1234, 7.0]]
    assert medians(Known(loss=np.array(loss))) == (
        "Median held-out loss: the constant 2, L1 0.5 and L2 6.12."
    )
