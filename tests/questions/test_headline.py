"""One sentence on what the penalties did, in each of its branches."""

from dataclasses import replace

import numpy as np
import pytest

from regcore import compare
from regcore.questions.cards import headline as headlines
from regcore.questions.cards.headline import headline, size_of_weights
from regcore.questions.judgement import Judgement
from regcore.settings import Settings
from regcore.solve.optimum import Status
from regcore.solve.runs import Outcome
from tests.sampled import CANCER, DIABETES, WINE, compare_sample
from tests.tables import table


@pytest.fixture(scope="module")
def converged():
    return compare_sample(DIABETES, 0.1, epochs=20_000)


@pytest.fixture(scope="module")
def plain():
    """Four features, of which two count; 100 rows are held out."""
    return compare(table(n=400, seed=1), Settings("y", lam=2.0, epochs=20_000))


def staged(result, **weights):
    """Put weights where a run ended and at its optimum, L1 and L2 by name."""
    runs, optima = list(result.runs), list(result.optima)
    for i, name in enumerate(("none", "L1", "L2")):
        if name in weights:
            W = np.asarray(weights[name]).reshape(runs[i].W.shape)
            runs[i] = replace(runs[i], W=W)
            optima[i] = replace(optima[i], W=W)
    return replace(result, runs=tuple(runs), optima=tuple(optima))


def test_the_first_page_says_its_lesson_in_one_sentence(converged):
    none, _, l2 = (np.sqrt((run.W**2).sum()) for run in converged.runs)
    kept = sum(weight != 0.0 for weight in converged.W[1].ravel())
    shrunk = round(100 * (1 - l2 / none))
    assert headline(converged) == (
        f"L1 keeps {kept} of 10 features and L2 shrinks the weights by {shrunk} %; "
        "neither predicts clearly better or worse than no penalty."
    )
    assert (kept, shrunk) == (6, 42)


@pytest.mark.parametrize(
    ("l1", "l2", "said"),
    [
        ("same", "same", "neither predicts clearly better or worse than no penalty"),
        ("good", "good", "both predict better than no penalty"),
        ("bad", "bad", "both predict worse than no penalty"),
        ("good", "bad", "L1 predicts better than no penalty, L2 worse"),
        ("bad", "good", "L1 predicts worse than no penalty, L2 better"),
        (
            "good",
            "same",
            "L1 predicts better than no penalty, L2 neither clearly better nor worse",
        ),
        (
            "same",
            "bad",
            "L1 predicts neither clearly better nor worse than no penalty, L2 worse",
        ),
    ],
)
def test_each_pair_of_judgements_has_its_words(plain, l1, l2, said):
    best = plain.optima[0].W
    of = {"good": best, "same": 0.5 * best, "bad": -best}
    result = staged(plain, none=0.5 * best, L1=of[l1], L2=of[l2])
    assert headline(result).split("; ")[1] == f"{said}."


def judgement(value, base, margin):
    """Of RMSE, with the margin of its difference to no penalty."""
    return Judgement("RMSE", value, base, value - base, margin)


CHANCE = "which may be chance)."

NEITHER = "neither predicts clearly better or worse than no penalty"


@pytest.mark.parametrize(
    ("l1", "l2", "said"),
    [
        ((101.9, 100, 5), (98.1, 100, 5), f"{NEITHER}."),
        ((104, 100, 5), (99, 100, 5), f"{NEITHER} (RMSE is 4 % larger with L1, "),
        ((99, 100, 5), (96, 100, 5), f"{NEITHER} (RMSE is 4 % smaller with L2, "),
        (
            (104, 100, 5),
            (97, 100, 5),
            f"{NEITHER} (RMSE is 4 % larger with L1 and 3 % smaller with L2, ",
        ),
        (
            (110, 100, 5),
            (104, 100, 5),
            "L1 predicts worse than no penalty, L2 neither clearly better nor worse "
            "(RMSE is 4 % larger with L2, ",
        ),
        ((110, 100, 5), (90, 100, 5), "L1 predicts worse than no penalty, L2 better."),
        ((110, 100, 5), (120, 100, 5), "both predict worse than no penalty."),
    ],
)
def test_a_large_difference_that_is_not_clear_is_told_with_its_size(
    plain, monkeypatch, l1, l2, said
):
    by_name = {"L1": judgement(*l1), "L2": judgement(*l2)}
    monkeypatch.setattr(headlines, "judged", lambda result, name: by_name[name])
    words = headline(plain).split("; ")[1]
    assert words == (said if said.endswith(".") else f"{said}{CHANCE}")


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ((1, 1, 1, 1), "L1 keeps all 4 features and "),
        ((1, 0, 0, 1), "L1 keeps 2 of 4 features and "),
        ((0, 0, 0, 0), "L1 keeps none of the 4 features and "),
    ],
)
def test_all_some_and_no_feature_kept_have_their_words(plain, kept, said):
    assert headline(staged(plain, L1=kept)).startswith(said)


@pytest.mark.parametrize(("weight", "said"), [(1, "keeps"), (0, "drops")])
def test_the_only_feature_is_kept_or_dropped(weight, said):
    one = compare(table(p=1), Settings("y", lam=0.1, epochs=5000))
    words = headline(staged(one, L1=[weight]))
    assert words.startswith(f"L1 {said} the only feature and ")


@pytest.mark.parametrize(
    ("factor", "sentence", "clause"),
    [
        (0.58, "shrinks the weights by 42 %", "42 % smaller than"),
        (0.997, "shrinks the weights by 0.3 %", "0.3 % smaller than"),
        (1.0, "leaves the weights as large as they are", "as large as"),
        (1.0003, "leaves the weights as large as they are", "as large as"),
        (2.0, "makes the weights 100 % larger", "100 % larger than"),
        (0.001, "shrinks the weights by more than 99 %", "more than 99 % smaller than"),
        (0.005, "shrinks the weights by more than 99 %", "more than 99 % smaller than"),
        (0.0051, "shrinks the weights by 99 %", "99 % smaller than"),
    ],
)
def test_each_change_of_size_has_its_words(plain, factor, sentence, clause):
    result = staged(plain, L2=(factor, 0, 0, 0), none=(1.0, 0, 0, 0))
    assert f" and L2 {sentence}; " in headline(result)
    assert size_of_weights(result, "L2") == f"weights {clause} without a penalty"


def test_weights_that_are_all_0_are_said_to_be(plain):
    result = staged(plain, L2=[0] * 4)
    assert " and L2 leaves all weights at 0; " in headline(result)
    assert size_of_weights(result, "L2") == "all weights are 0"


def test_no_penalty_is_said_not_to_shrink(plain):
    assert size_of_weights(plain, "none") == "weights not shrunk"
    assert size_of_weights(staged(plain, none=[0] * 4), "L2") == "all weights are 0"
    assert "L2 leaves all weights at 0;" in headline(staged(plain, none=[0] * 4))


def test_a_run_under_way_is_told_with_where_it_ends():
    result = compare_sample(DIABETES, 0.1, epochs=500)
    end = np.array([np.linalg.norm(one.W) for one in result.optima])
    now = np.array([np.linalg.norm(run.W) for run in result.runs])
    so_far, at_end = (round(100 * (1 - size[2] / size[0])) for size in (now, end))
    assert (so_far, at_end) == (28, 42)
    assert f"by {so_far} % so far ({at_end} % at the optimum);" in headline(result)
    assert size_of_weights(result, "L2") == (
        "weights 28 % smaller than without a penalty so far (42 % at the optimum)"
    )


@pytest.mark.parametrize(
    ("now", "end", "said"),
    [
        (1.2, 0.5, "makes the weights 20 % larger so far (50 % smaller"),
        (0.8, 1.5, "shrinks the weights by 20 % so far (50 % larger"),
        (0.8, 1.0, "shrinks the weights by 20 % so far (not at all"),
        (1.0, 0.5, "leaves the weights as large as they are so far (50 % smaller"),
        (0.8, 1.005, "shrinks the weights by 20 % so far (0.5 % larger"),
        (1.005, 1.2, "makes the weights 0.5 % larger so far (20 %"),
        (0.8, 0.0, "shrinks the weights by 20 % so far (100 %"),
    ],
)
def test_a_size_that_turns_on_the_way_is_told_with_its_side(plain, now, end, said):
    result = staged(plain, L2=now * plain.W[0], none=plain.W[0])
    optima = [replace(one, W=result.W[0]) for one in result.optima]
    optima[2] = replace(optima[2], W=end * result.W[0])
    words = headline(replace(result, optima=tuple(optima)))
    assert f" and L2 {said} at the optimum); " in words


def test_features_that_are_still_to_go_are_told(plain):
    result = staged(plain, L1=[1, 1, 1, 0])
    fewer = replace(result.optima[1], W=np.array([[1.0], [0.0], [0.0], [0.0]]))
    optima = (result.optima[0], fewer, result.optima[2])
    assert headline(replace(result, optima=optima)).startswith(
        "L1 keeps 3 of 4 features so far (1 at the optimum) and "
    )


@pytest.mark.parametrize(
    ("outcome", "said"), [(Outcome.TIME_LIMIT, " so far;"), (Outcome.CONVERGED, " %;")]
)
def test_nothing_is_said_of_an_optimum_that_is_not_known(plain, outcome, said):
    unknown = replace(plain.optima[0], status=Status.STOPPED)
    result = staged(plain, L2=0.5 * plain.W[0])
    runs = (replace(plain.runs[0], outcome=outcome), *result.runs[1:])
    result = replace(result, optima=(unknown, *result.optima[1:]), runs=runs)
    assert said in headline(result)
    assert "optimum" not in headline(result)


def test_without_an_optimum_of_none_no_percentage_is_told():
    result = compare_sample(WINE, epochs=2000)
    kept = int((result.W[1] != 0).any(axis=1).sum())
    words = headline(result)
    assert words.startswith(
        f"L1 keeps {kept} of 13 features and L2 keeps the weights finite, which "
        "without a penalty grow without end; "
    )
    assert words.endswith("than no penalty as far as it was trained.")
    assert "%" not in words
    assert size_of_weights(result, "L2") == "weights of a finite size"
    # Of three classes every feature has three weights.
    assert kept < np.count_nonzero(result.W[1]) <= 39


def test_nothing_held_out_and_too_few_rows_leave_the_better_one_open():
    none = compare(table(), Settings("y", validation_share=0.0, epochs=5000))
    assert headline(none).endswith(
        "; no rows are held out, so which predicts better is not known."
    )
    few = compare(table(), Settings("y", validation_share=0.1, epochs=5000))
    assert headline(few).endswith(
        "; with only 6 rows held out, which predicts better is not known."
    )


def test_at_no_strength_the_three_are_said_to_be_one_model():
    result = compare(table(), Settings("y", lam=0.0, epochs=50))
    assert headline(result) == (
        "At λ = 0 nothing is penalised: the three are the same model."
    )
    one = compare(table(), Settings("y", lam=0.0, lam_l2=3.0, epochs=5000))
    assert headline(one).startswith("L1 keeps all 4 features and L2 shrinks ")


def test_a_divergence_takes_the_place_of_all_that_would_be_said():
    result = compare_sample(DIABETES, learning_rate=5.0)
    assert headline(result) == (
        "Training diverged for no penalty, L1 and L2, so the three cannot be "
        f"compared; a learning rate of {result.rate_limit / 2:.3g} would be safe."
    )
    assert [size_of_weights(result, name) for name in ("none", "L1", "L2")] == [""] * 3


def test_where_the_textbook_step_is_too_long_the_clipped_one_is_named():
    result = compare_sample(DIABETES, 0.1, epochs=50)
    runs = (
        result.runs[0],
        replace(result.runs[1], outcome=Outcome.DIVERGED),
        result.runs[2],
    )
    result = replace(result, runs=runs)
    assert headline(result) == (
        "Training diverged for L1, so the three cannot be compared; the clipped step "
        "would be safe."
    )
    assert size_of_weights(result, "L1") == ""
    assert size_of_weights(result, "L2") != ""


def test_two_classes_are_judged_too():
    result = compare_sample(CANCER, 0.05, epochs=2000)
    assert result.separable
    loss = result.validation_scores.loss
    more, less = (f"{100 * abs(loss[i] / loss[0] - 1):.0f} %" for i in (1, 2))
    assert headline(result).endswith(
        "than no penalty as far as it was trained (log loss is "
        f"{more} larger with L1 and {less} smaller with L2, which may be chance)."
    )
