"""Half-samples and repeated splits against brute force and planted weights."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import Lasso, LogisticRegression, Ridge
from streamlit.testing.v1 import AppTest

import regcore
from regcore.compare import train
from regcore.model.losses import CROSS_ENTROPY, HALF_SQUARED_ERROR, LOG_LOSS
from regcore.questions.judgement import Answer
from regcore.questions.trust import chart as stability_charts
from regcore.questions.trust import half_samples as stability
from regcore.questions.trust import pool, repeated_splits
from regcore.questions.trust.half_samples import Stability
from regcore.questions.trust.repeated_splits import Splits
from regcore.questions.trust.resample import FEWEST, affordable, draw, part
from regcore.questions.trust.words import (
    halves_to_read,
    splits_to_read,
    steadiness,
    verdicts,
)
from regcore.regularization_path import strata
from regcore.samples import PLANTED_WEIGHTS, planted
from regcore.settings import Split, Task
from regcore.solve.optimum import solve
from tests.sections import (
    CANCER,
    DIABETES,
    PLANTED,
    WINE,
    compared,
    draw_section,
    texts,
)


@pytest.fixture(scope="module")
def diabetes():
    return compared(DIABETES, 30.0)


@pytest.fixture(scope="module")
def halves(diabetes):
    return stability.half_samples(diabetes, count=20)


def standardised(V):
    return (V - V.mean(axis=0)) / V.std(axis=0)


def test_a_half_sample_is_what_scikit_learn_gives_with_half_of_lambda(diabetes, halves):
    design = diabetes.problem.design
    drawn = draw(np.zeros(len(design.X)), 0.5, diabetes.settings.seed, 20)
    for r in (0, 7, 19):
        rows = drawn[r][0]
        X, y = standardised(design.X[rows]), standardised(design.Y[rows])[:, 0]
        m = len(rows)
        share = m / diabetes.problem.n
        assert share == 0.5
        lasso = Lasso(alpha=share * 30.0 / m, tol=1e-12, max_iter=100_000).fit(X, y)
        ridge = Ridge(alpha=share * 30.0).fit(X, y)
        least = np.linalg.lstsq(X, y, rcond=None)[0]
        for i, W in enumerate([least, lasso.coef_, ridge.coef_]):
            assert halves.weights[i, r, :, 0] == pytest.approx(W, abs=1e-7)


def test_with_features_in_their_own_units_the_target_is_divided_all_the_same():
    result = compared(DIABETES, 30.0, standardise=False)
    design = result.problem.design
    found = stability.half_samples(result, count=2)
    rows = draw(np.zeros(len(design.X)), 0.5, result.settings.seed, 2)[1][0]
    X, y = design.X[rows], standardised(design.Y[rows])[:, 0]
    lasso = Lasso(alpha=30.0 / result.problem.n, tol=1e-12, max_iter=10**6).fit(X, y)
    assert (lasso.coef_ != 0).any()
    assert found.weights[1, 1, :, 0] == pytest.approx(lasso.coef_, rel=1e-6, abs=1e-9)


def test_the_table_counts_zeros_signs_and_quantiles(halves):
    table = halves.table[halves.table["penalty"] == "L1"]
    for j, row in enumerate(table.itertuples()):
        W = halves.weights[1, :, j, 0]
        assert row.kept == np.mean(W != 0)
        if (W != 0).any():
            signs = np.sign(W[W != 0])
            assert row.same_sign == max(np.mean(signs > 0), np.mean(signs < 0))
        else:
            assert np.isnan(row.same_sign)
        assert row.low == np.quantile(W, 0.1)
        assert row.median == np.median(W)
        assert row.high == np.quantile(W, 0.9)


@pytest.mark.parametrize("kept", range(90, 101))
@pytest.mark.parametrize(("agree", "steady"), [(90, 1), (89, 0)])
def test_90_of_100_with_one_sign_are_steady_and_89_are_not(kept, agree, steady):
    W = np.zeros((3, 100, 1, 1))
    W[:, :agree] = 1.0
    W[:, agree:kept] = -1.0
    found = Stability(W, np.ones((3, 1, 1)), np.full(100, 50), 100, ("x",), ())
    assert f"steadily keeps {steady} of 1 feature" in steadiness(found)[0]


STEADY = (
    "In 20 random halves of the training rows the exact optimum of L1 steadily keeps"
)

WHOLE = (
    "In 20 different draws of whole groups, the middle one with 50 % of the training "
    "rows, the exact optimum of L1 steadily keeps"
)

SAME_SIGN = "(the same sign in at least 90 % of them)"


@pytest.mark.parametrize(
    ("kept", "reference", "whole", "sentences"),
    [
        # In how many of 20 each feature is kept; its weight on all rows.
        (
            (20, 20),
            (1.0, 1.0),
            False,
            (
                f"{STEADY} 2 of 2 features {SAME_SIGN} and is unstable on none.",
                "Every feature that it keeps on all rows is steady.",
            ),
        ),
        (
            (20, 5, 9, 0),
            (1.0, 1.0, 1.0, 0.0),
            False,
            (
                f"{STEADY} 1 of 4 features {SAME_SIGN}, never keeps 1 and is unstable "
                "on 2.",
                "Of those it keeps on all rows, 2 are not steady: «1» (25 %) and «2» "
                "(45 %).",
            ),
        ),
        (
            (5,),
            (1.0,),
            True,
            (
                f"{WHOLE} 0 of 1 feature {SAME_SIGN} and is unstable on 1.",
                "Of those it keeps on all rows, 1 is not steady: «0» (25 %).",
            ),
        ),
        (
            (5, 0),
            (0.0, 0.0),
            False,
            (
                f"{STEADY} 0 of 2 features {SAME_SIGN}, never keeps 1 and is unstable "
                "on 1.",
            ),
        ),
    ],
)
def test_the_sentences_say_which_features_the_exact_optimum_keeps(
    kept, reference, whole, sentences
):
    W = np.zeros((3, 20, len(kept), 1))
    for j, count in enumerate(kept):
        W[:, :count, j] = 1.0
    weights = np.array([reference] * 3)[:, :, np.newaxis]
    names = tuple(map(str, range(len(kept))))
    found = Stability(W, weights, np.full(20, 50), 100, names, (), whole)
    assert steadiness(found) == sentences


def test_the_true_features_rank_above_the_noise_on_enough_rows():
    table = regcore.read(planted(1000), filename="planted.csv").table
    lam = (
        0.2
        * regcore.compare(
            table, regcore.Settings(target="yield", epochs=1)
        ).problem.lam_max
    )
    result = regcore.compare(table, regcore.Settings(target="yield", lam=lam))
    found = stability.half_samples(result)
    assert found.count == 100
    ranked = found.ranked()
    ranked = ranked[ranked["penalty"] == "L1"]
    true = set(PLANTED_WEIGHTS[PLANTED_WEIGHTS != 0].index)
    assert set(ranked["feature"][: len(true)]) == true
    kept = ranked.set_index("feature")["kept"]
    noise = [name for name in kept.index if name.startswith("noise")]
    assert kept[list(true)].min() > 2 * kept[noise].max()


def test_the_same_seed_draws_the_same_halves(diabetes, halves):
    again = stability.half_samples(diabetes, count=20)
    assert np.array_equal(halves.weights, again.weights)


def test_halves_of_classes_are_what_scikit_learn_gives():
    result = compared(CANCER, 10.0)
    design = result.problem.design
    found = stability.half_samples(result, count=2)
    codes = strata(design, design.Y)
    rows = draw(codes, 0.5, result.settings.seed, 2)[1][0]
    X, y = standardised(design.X[rows]), codes[rows]
    lam = 10.0 * len(rows) / result.problem.n
    ridge = LogisticRegression(C=1 / lam, solver="newton-cholesky", tol=1e-10)
    ridge.fit(X, y)
    assert found.weights[2, 1, :, 0] == pytest.approx(ridge.coef_[0], abs=1e-5)
    assert np.isnan(found.weights[0]).all()
    assert "no optimum" in " ".join(steadiness(found))


def test_three_classes_have_weights_for_every_class():
    result = compared(WINE, 5.0)
    found = stability.half_samples(result, count=20)
    assert found.weights.shape == (3, 20, 13, 3)
    for output in found.classes:
        ranked = found.ranked(output)
        assert len(ranked) == 3 * 13
        assert "13 features" in steadiness(found, output)[0]


def test_a_level_that_a_half_lacks_gets_no_weight():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 2))
    X[:, 1] = 0.3
    Y = rng.standard_normal((40, 1))
    for loss, target in [
        (HALF_SQUARED_ERROR, Y),
        (LOG_LOSS, (Y > 0).astype(float)),
    ]:
        posed = part(X, target, loss, divide=True)
        assert posed.x_scale.deviation[1] == 1.0
        assert posed.oracle.covariance[1] == pytest.approx(0.0, abs=1e-12)


def test_the_number_of_draws_follows_from_the_sizes():
    assert affordable(100, HALF_SQUARED_ERROR, (15_480, 14), 1) == 100
    assert affordable(100, LOG_LOSS, (15_480, 14), 1) == 100
    assert FEWEST <= affordable(100, CROSS_ENTROPY, (15_480, 14), 5) < 100
    assert affordable(100, CROSS_ENTROPY, (10**6, 50), 10) == FEWEST
    assert affordable(5, CROSS_ENTROPY, (10**6, 50), 10) == 5


def test_progress_rises_and_what_it_raises_ends_the_work(diabetes):
    shares = []
    stability.half_samples(diabetes, count=5, progress=shares.append)
    repeated_splits.repeated_splits(diabetes, count=5, progress=shares.append)
    assert min(shares) == 0.0
    assert max(shares) < 1.0

    def stop(share):
        if share > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stability.half_samples(diabetes, count=5, progress=stop)
    with pytest.raises(KeyboardInterrupt):
        repeated_splits.repeated_splits(diabetes, count=5, progress=stop)


def test_held_out_losses_are_what_scikit_learn_gives(diabetes):
    found = repeated_splits.repeated_splits(diabetes, count=3)
    design = diabetes.problem.design
    X = np.concatenate([design.X, design.X_validation])
    Y = np.concatenate([design.Y, design.Y_validation])[:, 0]
    pairs = draw(np.zeros(len(X)), 0.25, diabetes.settings.seed, 3)
    for r, (training, held_out) in enumerate(pairs):
        mean, deviation = X[training].mean(axis=0), X[training].std(axis=0)
        Z = (X - mean) / deviation
        m, s = Y[training].mean(), Y[training].std()
        y = (Y[training] - m) / s
        lam = 30.0 / diabetes.problem.n * len(training)
        models = [
            lambda V: np.zeros(len(V)),
            lambda V, y=y, Z=Z, t=training: V @ np.linalg.lstsq(Z[t], y, rcond=None)[0],
            Lasso(alpha=lam / len(training), tol=1e-12, max_iter=10**5)
            .fit(Z[training], y)
            .predict,
            Ridge(alpha=lam).fit(Z[training], y).predict,
        ]
        for i, predict in enumerate(models):
            error = Y[held_out] - (m + s * predict(Z[held_out]))
            assert found.loss[i, r] == pytest.approx(0.5 * np.mean(error**2), rel=1e-7)


def test_the_verdict_counts_wins_and_takes_the_middle_of_the_splits():
    rng = np.random.default_rng(0)
    none = 1.0 + 0.1 * rng.random(20)
    better, same = 0.9 * none, none * (1 + 0.01 * rng.standard_normal(20))
    losses = np.array([2.0 * none, none, better, same])
    splits = Splits(losses, np.zeros((4, 20)), Task.REGRESSION)
    l1, l2 = splits.paired("L1", "none"), splits.paired("L2", "none")
    assert (l1.wins, l1.splits) == (20, 20)
    assert l1.median == pytest.approx(-10.0)
    assert l1.answer is Answer.BETTER
    assert l2.wins == (same < none).sum()
    assert l2.low <= l2.median <= l2.high
    assert l2.answer is Answer.UNCLEAR
    words = verdicts(splits)
    assert "L1 predicts better than no penalty" in words[0]
    assert "L2 predicts neither clearly better nor worse than no penalty" in words[1]
    assert "−50 %" in words[2]


def test_a_circle_names_its_split_where_some_splits_have_no_optimum():
    losses = 1.0 + np.random.default_rng(2).random((4, 20))
    losses[1, [0, 5, 6]] = np.nan
    splits = Splits(losses, losses, Task.REGRESSION)
    chart = stability_charts.split_differences(splits).to_dict()
    circles = [
        row
        for table in chart["datasets"].values()
        for row in table
        if row.get("model") == "L1" and "split" in row
    ]
    expected = 100 * (losses[2] - losses[1]) / losses[1]
    assert len(circles) == splits.paired("L1", "none").splits == 17
    for row in circles:
        assert row["value"] == pytest.approx(expected[int(row["split"]) - 1])


def test_a_constant_that_is_as_good_is_said_to_be():
    losses = 1.0 + 0.1 * np.random.default_rng(1).random((4, 20))
    words = verdicts(Splits(losses, np.zeros((4, 20)), Task.REGRESSION))
    assert "no penalty predicts neither clearly better nor worse" in words[-1]
    assert words[-1].endswith(
        " L1 and L2 predict neither clearly better nor worse than the constant."
    )


WIDE = np.linspace(-0.5, 0.5, 20)

NEITHER = "neither clearly better nor worse than the constant"

AGAINST_MEAN = "The constant predicts the mean for every row; no penalty"

SMALLER = "its held-out loss is smaller in"

CONSTANTS = [
    # losses of none, L1 and L2, where that of the constant is 1; the sentence
    (
        (1.5 + 0.1 * WIDE, 2.0 + 0.1 * WIDE, 3.0 + 0.1 * WIDE),
        f" predicts worse than the constant: {SMALLER} 0 of 20 splits, +50 % (+46 % to "
        "+54 %). L1 and L2 predict worse than the constant.",
    ),
    (
        (1.5 + 0.1 * WIDE, 0.5 + 0.1 * WIDE, 1.1 + WIDE),
        f" predicts worse than the constant: {SMALLER} 0 of 20 splits, +50 % (+46 % to "
        f"+54 %). L2 predicts {NEITHER}.",
    ),
    (
        (0.5 + 0.1 * WIDE, 0.5 + 0.1 * WIDE, 0.5 + 0.1 * WIDE),
        f" predicts better than the constant: {SMALLER} 20 of 20 splits, −50 % (−54 % "
        "to −46 %).",
    ),
    (
        (0.5 + 0.1 * WIDE, 1.5 + 0.1 * WIDE, 0.5 + 0.1 * WIDE),
        f" predicts better than the constant: {SMALLER} 20 of 20 splits, −50 % (−54 % "
        "to −46 %). L1 predicts worse than the constant.",
    ),
    (
        (0.5 + 0.1 * WIDE, 1.5 + 0.1 * WIDE, 0.8 + WIDE),
        f" predicts better than the constant: {SMALLER} 20 of 20 splits, −50 % (−54 % "
        f"to −46 %). L1 predicts worse than the constant. L2 predicts {NEITHER}.",
    ),
    (
        (1.2 + WIDE, 0.8 + WIDE, 0.5 + 0.1 * WIDE),
        f" predicts {NEITHER}: {SMALLER} 6 of 20 splits, +20 % (−20 % to +60 %). L1 "
        f"predicts {NEITHER}.",
    ),
    (
        (0.8 + WIDE, np.full(20, 1.0), 0.8 + WIDE),
        f" predicts {NEITHER}: {SMALLER} 14 of 20 splits, −20 % (−60 % to +20 %). L1 "
        f"and L2 predict {NEITHER}.",
    ),
    (
        (np.full(20, 1.0), np.full(20, 0.5), np.full(20, 0.5)),
        " and the constant have the same held-out loss in every split.",
    ),
    (
        (np.full(5, 2.0), np.full(5, 2.0), np.full(5, 0.5)),
        f" against the constant: {SMALLER} 0 of 5 splits, +100 % (+100 % to +100 %; "
        "too few splits to judge).",
    ),
]


@pytest.mark.parametrize(("losses", "end"), CONSTANTS)
def test_a_constant_is_called_better_as_good_or_nothing_as_the_splits_say(losses, end):
    losses = np.array([np.ones(len(losses[0])), *losses])
    splits = Splits(losses, np.zeros_like(losses), Task.REGRESSION)
    assert verdicts(splits)[2] == AGAINST_MEAN + end


def test_the_shares_classed_rightly_stand_beside_the_loss_of_the_constant():
    losses = np.array([np.ones(20), 0.5 + 0.1 * WIDE, np.ones(20), 2.0 + 0.1 * WIDE])
    scores = np.repeat([[0.6], [0.8], [0.6], [0.4]], 20, axis=1)
    words = verdicts(Splits(losses, scores, Task.BINARY))
    assert words == (
        f"At the exact optima L1 predicts worse than no penalty: {SMALLER} 0 of 20 "
        "splits, +100 % (+85 % to +118 %).",
        f"L2 predicts worse than no penalty: {SMALLER} 0 of 20 splits, +300 % (+278 % "
        "to +326 %).",
        "The constant predicts the shares of the classes for every row; no penalty "
        f"predicts better than the constant: {SMALLER} 20 of 20 splits, −50 % "
        "(−54 % to −46 %). Without a penalty 80.0 % of the rows are classed rightly, "
        "by the commonest class alone 60.0 %. L2 predicts worse than the constant. L1 "
        f"predicts {NEITHER}.",
    )


def test_the_shares_classed_rightly_are_of_the_splits_that_have_an_optimum():
    losses, scores = np.ones((4, 20)), np.full((4, 20), 0.1)
    losses[1, :10] = scores[1, :10] = np.nan
    scores[0, 10:], scores[1, 10:] = 0.6, 0.8
    assert verdicts(Splits(losses, scores, Task.BINARY))[2].endswith(
        " Without a penalty 80.0 % of the rows are classed rightly, by the commonest "
        "class alone 60.0 %. L1 and L2 predict neither clearly better nor worse than "
        "the constant."
    )


def test_without_an_optimum_of_none_the_other_two_are_set_against_each_other():
    nothing, half = np.full(20, np.nan), 0.5 + 0.1 * WIDE
    losses = np.array([np.ones(20), nothing, half, np.ones(20)])
    assert verdicts(Splits(losses, losses, Task.REGRESSION)) == (
        "Without a penalty there is no optimum, so the exact optima of L1 and L2 are "
        "set against each other and against predicting the mean for every row.",
        f"L1 predicts better than L2: {SMALLER} 20 of 20 splits, −50 % (−54 % to "
        "−46 %).",
        f"L1 predicts better than the constant: {SMALLER} 20 of 20 splits, −50 % "
        "(−54 % to −46 %).",
        "L2 and the constant have the same held-out loss in every split.",
    )
    unknown = Splits(losses, losses, Task.REGRESSION, stopped=True)
    assert verdicts(unknown)[0] == (
        "The optimum without a penalty is not known, so the exact optima of L1 and L2 "
        "are set against each other and against predicting the mean for every row."
    )


def test_splits_that_flatter_are_said_to_when_the_comparison_holds_out_otherwise():
    ordered = repeated_splits.repeated_splits(compared(DIABETES, split="order"), 20)
    plain = Splits(ordered.loss, ordered.score, ordered.task)
    assert "flatters" not in " ".join(verdicts(plain))
    assert "the last ones" in verdicts(ordered)[-1]


def halves_of(count=20, rows=50, solved=None, whole=False):
    """One feature that is always kept; without a penalty solved as often as said."""
    W = np.ones((3, count, 1, 1))
    W[0, count if solved is None else solved :] = np.nan
    sizes = np.full(count, rows)
    return Stability(W, np.ones((3, 1, 1)), sizes, 1000, ("x",), (), whole)


CANNOT = (
    "cannot be halved: most draws have less than a quarter or more than three quarters "
    "of the training rows, and do not show what is steady."
)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (halves_of(rows=249), [f"The rows {CANNOT}"]),
        (halves_of(rows=751), [f"The rows {CANNOT}"]),
        (halves_of(rows=249, whole=True), [f"Kept whole, the groups {CANNOT}"]),
        (
            halves_of(9, 250),
            [
                "Only 9 different draws of the training rows came up, too few to call "
                "a feature steady."
            ],
        ),
        (
            halves_of(1, 500, solved=0, whole=True),
            [
                "Only 1 different draw of the training rows that keep the groups whole "
                "came up, too few to call a feature steady.",
                "Without a penalty there is no optimum, so no spread is drawn.",
            ],
        ),
        (
            halves_of(9, 750, solved=7),
            [
                "Only 9 different draws of the training rows came up, too few to call "
                "a feature steady.",
                "Without a penalty 2 of the halves have no optimum and are left out of "
                "its spread.",
            ],
        ),
        (
            replace(halves_of(1, 500, solved=0), stopped=True),
            [
                "Only 1 different draw of the training rows came up, too few to call a "
                "feature steady.",
                "The optimum without a penalty is not known, so no spread is drawn.",
            ],
        ),
        (
            replace(halves_of(9, 750, solved=7), stopped=True),
            [
                "Only 9 different draws of the training rows came up, too few to call "
                "a feature steady.",
                "Without a penalty 2 of the halves have no known optimum and are left "
                "out of its spread.",
            ],
        ),
        (
            halves_of(10, 500, solved=9),
            [
                "In 10 random halves of the training rows the exact optimum of L1 "
                f"steadily keeps 1 of 1 feature {SAME_SIGN} and is unstable on none.",
                "Every feature that it keeps on all rows is steady.",
                "Without a penalty 1 of the halves has no optimum and is left out of "
                "its spread.",
            ],
        ),
    ],
)
def test_draws_that_show_little_are_said_to(found, said):
    assert steadiness(found) == tuple(said)


TRUST = (
    "Trust what is kept beyond the dashed line with one sign, and whose bar stays away "
    "from 0. A feature that comes and goes may be standing in for another."
)


@pytest.mark.parametrize(
    ("found", "part", "trust"),
    [
        (halves_of(10, 500), "half of the training rows (500 of 1,000)", (TRUST,)),
        (halves_of(9, 500), "half of the training rows (500 of 1,000)", ()),
        (
            halves_of(10, 300, whole=True),
            "whole groups, some 30 % of the training rows (300 of 1,000)",
            (TRUST,),
        ),
    ],
)
def test_the_charts_of_the_halves_are_read_as_they_were_drawn(found, part, trust):
    assert halves_to_read(found) == (
        f"{found.count} times, {part} were drawn and solved exactly. λ shrinks with "
        "them, so that λ/n, the entry threshold, stays the same.",
        *trust,
    )


def splits_of(count, split=Split.RANDOM, held_out=0.25):
    losses = np.ones((4, count))
    return Splits(losses, losses, Task.REGRESSION, split, held_out)


@pytest.mark.parametrize(
    ("splits", "parts", "wide"),
    [
        # 2.262·√(1/10 + 1/3)/1.28, and less than 1.05 with little held out.
        (splits_of(10), None, "1.2 times as wide as the middle 80 %"),
        (splits_of(100, held_out=0.2), None, "as the middle 80 % here is"),
        (splits_of(9), None, ""),
        (
            splits_of(10, Split.GROUPS, 0.3),
            "whole groups, some 70 % of the rows to train on, 30 % to score",
            "1.3 times as wide as the middle 80 %",
        ),
    ],
)
def test_the_charts_of_the_splits_are_read_as_they_were_drawn(splits, parts, wide):
    parts = parts or "three quarters to train on and one to score"
    drawn, *rest = splits_to_read(splits)
    assert drawn == (
        f"Each circle is one of {splits.count} different random splits, {parts}; the "
        "tick is the median. Left: losses, the bar holds the middle 80 % of them."
    )
    assert rest == (
        [
            "Right: differences, the bar is a 95 % interval that allows for the rows "
            f"which the splits share, {wide}. Left of 0 is better; over 0 is unclear."
        ]
        if wide
        else []
    )


FLATTERS = (
    "Here rows are drawn at random, though the comparison holds out the last ones: "
    "later rows help to predict earlier ones, which flatters every model."
)


@pytest.mark.parametrize(
    ("splits", "remarks"),
    [
        (splits_of(10), []),
        (splits_of(10, Split.ORDER), [FLATTERS]),
        (splits_of(9), ["Only 9 different splits came up."]),
        (splits_of(1, Split.ORDER), [FLATTERS, "Only 1 different split came up."]),
        (
            splits_of(2, Split.GROUPS),
            ["Only 2 different splits that keep the groups whole came up."],
        ),
    ],
)
def test_remarks_on_the_splits_follow_the_verdicts(splits, remarks):
    assert verdicts(splits)[3:] == tuple(remarks)


@pytest.mark.parametrize(
    ("sample", "features", "parts"),
    [(DIABETES, None, 0), (CANCER, ("mean radius", "mean texture"), 7)],
    ids=["numbers", "classes"],
)
def test_what_no_lambda_changes_of_a_draw_is_made_once(
    sample, features, parts, monkeypatch
):
    first = compared(sample, 30.0, features=features)
    settings = replace(first.settings, lam=20.0)
    made, solved = [], []
    monkeypatch.setattr(pool, "part", lambda *a, **k: made.append(a) or part(*a, **k))
    monkeypatch.setattr(
        pool, "solve", lambda *a, **k: solved.append(a) or solve(*a, **k)
    )

    def resampled(result):
        halves = stability.half_samples(result, count=4)
        return halves.weights, repeated_splits.repeated_splits(result, count=3).loss

    resampled(first)
    assert (len(made), len(solved)) == (7, 21)
    moved = resampled(train(first.problem, settings))
    assert (len(made), len(solved)) == (7 + parts, 21 + 14)
    fresh = resampled(compared(sample, 20.0, features=features))
    for again, anew in zip(moved, fresh, strict=True):
        np.testing.assert_array_equal(again, anew)


def test_the_rows_of_the_bars_are_placed_as_the_features_are_ranked(halves):
    placed = stability_charts.kept_bars(halves).layer[0].data.groupby("place")
    ranked = dict.fromkeys(halves.ranked()["feature"])
    assert [set(row) for _, row in placed["feature"]] == [{name} for name in ranked]


def test_charts_hold_names_as_values_only(halves, diabetes):
    splits = repeated_splits.repeated_splits(diabetes, count=20)
    for chart in (
        stability_charts.kept_bars(halves),
        stability_charts.weight_spread(halves),
        stability_charts.split_losses(splits),
        stability_charts.split_differences(splits),
    ):
        fields = str(chart.to_dict()["layer"])
        assert "body mass index" not in fields


@pytest.mark.parametrize(
    "sample",
    [DIABETES, PLANTED, CANCER, WINE],
    ids=lambda sample: sample.title.split()[0],
)
def test_the_section_draws_four_charts_and_says_what_they_show(sample):
    app = AppTest.from_function(
        draw_section, args=("trust", sample.title, 5.0, {}), default_timeout=60
    ).run()
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == 4
    said = texts(app)
    assert "random halves" in said
    assert "of 30 splits" in said
    assert (
        "Right: differences, the bar is a 95 % interval that allows for the rows "
        "which the splits share" in said
    )
