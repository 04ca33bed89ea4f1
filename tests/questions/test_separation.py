"""What separates classes is named, as linear programs and counting by hand show."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from regcore import DesignError, Settings
from regcore.design import build_design
from regcore.questions.cards.separated import separated_rows
from regcore.questions.cards.separation import find_separation, in_words
from regcore.solve.optimum import Status
from tests.cases import separated
from tests.design.test_copies import telco
from tests.tables import train

END = (
    " The larger the weights, the better these rows fit, so that no penalty has no "
    "optimum; L1 and L2 have one."
)


def overlapping(n=120, seed=0):
    """Two numbers and a category, of which none decides the class."""
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(rng.normal(size=(n, 2)).round(2), columns=["age", "height"])
    data["kind"] = rng.choice(["a", "b", "c"], n)
    z = data["age"] - 0.5 * data["height"] + rng.logistic(size=n)
    return data.assign(y=np.where(z > 0, "yes", "no"))


def found_in(data, **settings):
    return find_separation(train(data, **{"validation_share": 0, **settings}))


def said_of(data, **settings):
    return in_words(found_in(data, **settings))


def separable_rows(X, codes):
    """Rows that a linear program puts strictly on their side of a plane, or several.

    One row of the program a pair of a row and another class; a pair counts up to 1.
    """
    K = codes.max() + 1
    A = np.column_stack([X, np.ones(len(X))])
    margins, of = [], []
    for i, own in enumerate(codes):
        for other in set(range(K)) - {own}:
            line = np.zeros((K, A.shape[1]))
            line[own], line[other] = A[i], -A[i]
            margins.append(line.ravel())
            of.append(i)
    M = np.array(margins)
    d, m = M.shape[1], len(M)
    program = linprog(
        np.r_[np.zeros(d), -np.ones(m)],
        A_ub=np.hstack([-M, np.eye(m)]),
        b_ub=np.zeros(m),
        bounds=[(None, None)] * d + [(0, 1)] * m,
    )
    assert program.status == 0
    return len({i for i, t in zip(of, program.x[d:], strict=True) if t > 0.5})


def codes_of(design):
    Y = design.Y
    return Y.argmax(axis=1) if Y.shape[1] > 1 else Y[:, 0].astype(int)


# One feature alone


def test_where_there_is_an_optimum_there_is_no_culprit():
    assert found_in(overlapping()) is None


def test_a_mark_of_gaps_with_one_class_is_named():
    data = overlapping()
    rows = np.flatnonzero(data["y"] == "no")[:11]
    data.loc[rows, "height"] = np.nan
    assert said_of(data) == (
        "Quasi-complete separation: all 11 training rows with «height is missing» are "
        f"«no».{END}"
    )


def test_a_level_with_one_class_is_named_whichever_dummy_holds_it():
    data = overlapping()
    data["new"] = np.where(
        data.index.isin(data.index[data["y"] == "yes"][:7]), "a", "b"
    )
    assert "all 7 training rows without «new = b» are «yes»." in said_of(data)
    data["kind"] = data["kind"].where(data["new"] == "b", "d")
    found = found_in(data[["age", "height", "kind", "y"]])
    assert [culprit.name for culprit in found.culprits] == ["kind = d"]
    assert found.culprits[0].words == "all 7 training rows with «kind = d» are «yes»"


def test_one_row_is_told_in_the_singular():
    data = overlapping()
    data["kind"] = data["kind"].where(
        data.index != data.index[data["y"] == "no"][3], "d"
    )
    assert "the only training row with «kind = d» is «no»." in said_of(data)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_number_with_a_threshold_is_named_with_it_in_its_own_units(sign):
    data = overlapping()
    yes = data["y"] == "yes"
    rng = np.random.default_rng(1)
    data["dose"] = np.where(yes, 5.5 + rng.integers(0, 9, 120), 5.5)
    data.loc[data.index[yes][:4], "dose"] = 5.5
    data["dose"] = sign * data["dose"]
    above = int((data["dose"].abs() > 5.5).sum())
    where = "above 5.5" if sign == 1 else "below −5.5"
    assert f"all {above} training rows with «dose» {where} are «yes»." in said_of(data)


def test_a_number_that_parts_the_classes_is_complete_separation():
    data = overlapping()
    data["age"] += np.where(data["y"] == "yes", 50.0, 0.0)
    low, high = data["age"][data["y"] == "no"], data["age"][data["y"] == "yes"]
    assert said_of(data) == (
        f"Complete separation: all {len(high)} training rows with «age» from "
        f"{high.min():g} on are «yes», and all {len(low)} training rows with «age» up "
        f"to {low.max():g} are «no».{END}"
    )


def test_of_three_classes_the_ones_that_a_level_has_or_lacks_are_named():
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"x": rng.normal(size=150), "y": rng.choice(list("ABC"), 150)})
    at = {c: data.index[data["y"] == c] for c in "ABC"}
    lacks, has = [*at["A"][:5], *at["B"][:4]], at["C"][:6]
    data["kind"] = "often"
    data.loc[lacks, "kind"], data.loc[has, "kind"] = "lacks", "has"
    found = found_in(data)
    words = {culprit.name: culprit.words for culprit in found.culprits}
    assert words == {
        "kind = lacks": "none of the 9 training rows with «kind = lacks» is «C»",
        "kind = has": "all 6 training rows with «kind = has» are «C»",
    }
    data.loc[lacks[1:], "kind"] = "often"
    assert "the only training row with «kind = lacks» is «A»" in said_of(data)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("classes", [2, 3])
def test_the_culprits_are_the_features_that_separate_alone(seed, classes):
    rng = np.random.default_rng(seed)
    n = 60
    data = pd.DataFrame({"x": rng.normal(size=n)})
    data["y"] = np.array(list("abc"))[rng.integers(0, classes, n)]
    for j in range(4):
        data[f"k{j}"] = rng.choice(list("pqrstuvw"), n, p=[0.6, *[0.4 / 7] * 7])
    data["rank"] = np.where(data["y"] == "a", 3, 3 + rng.integers(0, 2, n))
    result = train(data, validation_share=0, epochs=5)
    design = result.problem.design
    codes = codes_of(design)
    alone = {}
    for j, name in enumerate(design.features):
        rows = separable_rows(design.X[:, [j]], codes)
        if rows:
            alone[name.split(", and")[0]] = rows
    found = find_separation(result)
    assert found is not None
    if classes == 2:
        assert {c.name: c.rows for c in found.culprits} == alone
        X, y = design.X, design.Y[:, 0]
        own = {n for j, n in enumerate(design.features) if separated(X[:, [j]], y)}
        assert {name.split(", and")[0] for name in own} == set(alone)
    else:
        assert {c.name for c in found.culprits} == set(alone)


def test_many_culprits_are_counted_beyond_three():
    data = overlapping(n=200)
    yes = data.index[data["y"] == "yes"]
    for j in range(5):
        chosen = data.index.isin(yes[10 * j : 10 * j + 5 + j])
        data[f"has{j}"] = np.where(chosen, 1.0, 0.0)
    said = said_of(data)
    assert "all 9 training rows with «has4» above 0 are «yes»; all 8" in said
    assert "are «yes»; and 2 features more." in said


# Only together


def only_together(n, seed):
    """Some rows that a sum of two numbers separates, and neither of them does."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, n)).round(1)
    part = rng.random(n) < 0.3
    b = np.where(part, b, -a)
    y = np.where(part, a + b > 0, rng.random(n) < 0.5)
    y = np.where(part & (a + b == 0), rng.random(n) < 0.5, y)
    return pd.DataFrame({"a": a, "b": b, "y": np.where(y, "yes", "no")})


@pytest.mark.parametrize("seed", range(6))
def test_rows_that_only_a_combination_separates_are_those_of_a_linear_program(seed):
    data = only_together(80, seed)
    result = train(data, validation_share=0, epochs=5)
    design = result.problem.design
    assert result["none"].optimum.status is Status.PARTLY_SEPARABLE
    rows = separable_rows(design.X, codes_of(design))
    assert 0 < rows < 80
    found = find_separation(result)
    assert (found.culprits, found.rows) == ((), rows)
    assert in_words(found) == (
        "Quasi-complete separation: no feature does it alone, but together they put "
        f"{rows} of the 80 training rows on the side of their class without a mistake "
        f"in the others.{END}"
    )


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_rows_separated_by_levels_are_those_of_a_linear_program(seed, classes):
    rng = np.random.default_rng(seed)
    n = 90
    data = pd.DataFrame({"x": rng.normal(size=n)})
    data["y"] = np.array(list("abc"))[rng.integers(0, classes, n)]
    for j in range(2):
        data[f"k{j}"] = rng.choice(list("pqrstuvw"), n)
    problem = train(data, validation_share=0, epochs=5).problem
    rows = separable_rows(problem.design.X, codes_of(problem.design))
    assert separated_rows(problem) == rows


def test_classes_that_only_a_plane_parts_are_told_so():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 100))
    data = pd.DataFrame({"a": a, "b": b, "y": np.where(a + b > 0, "yes", "no")})
    assert said_of(data) == (
        "Complete separation: no feature does it alone, but together they put all 100 "
        f"training rows on the side of their class.{END}"
    )
    data["kind"] = np.where(data["y"] == "yes", rng.choice(["p", "q"], 100), "q")
    count = int((data["kind"] == "p").sum())
    assert said_of(data) == (
        "Complete separation: the features together put all 100 training rows on the "
        f"side of their class. Alone: all {count} training rows without «kind = q» are "
        f"«yes».{END}"
    )


def test_with_as_many_features_as_rows_that_is_said_and_no_feature_is_blamed():
    rng = np.random.default_rng(0)
    data = pd.DataFrame(rng.normal(size=(40, 39))).add_prefix("x")
    data["y"] = np.tile(["yes", "no"], 20)
    assert said_of(data) == (
        "Complete separation: with 39 features for 40 training rows any classes can be "
        f"told apart.{END}"
    )
    found = found_in(data.drop(columns=[f"x{j}" for j in range(8)]))
    assert (found.complete, found.always) == (True, False)


# Leaving it out


def test_without_the_culprit_there_is_an_optimum():
    data = overlapping()
    rows = np.flatnonzero(data["y"] == "no")[:11]
    data.loc[rows, "height"] = np.nan
    (culprit,) = found_in(data).culprits
    result = train(data, validation_share=0, without=[culprit.name])
    design = result.problem.design
    assert result["none"].optimum.status is Status.NOT_UNIQUE
    assert not separated(design.X, design.Y[:, 0])
    assert design.features == ("age", "height", "kind = a", "kind = b", "kind = c")
    # The gaps stay filled, with nothing to tell them apart.
    filled = data["height"].fillna(data["height"].median())
    np.testing.assert_allclose(
        design.X[:, 1], (filled - filled.mean()) / filled.std(ddof=0), atol=1e-12
    )
    (note,) = [note for note in design.notes if "left out" in note]
    assert note.endswith("; «height is missing» left out, as chosen.")
    np.testing.assert_array_equal(design.encode(data), design.X)


def test_a_feature_that_is_left_out_takes_its_copies_with_it():
    ours = build_design(telco(), Settings("y", without="TV = No internet"))
    assert not any("No internet" in name for name in ours.features)
    assert "Internet = No, and 3 copies" not in ours.features
    assert len(ours.features) == 14
    assert ours.encode(telco()).shape == (120, 14)
    assert list(ours.copies_apart(telco()).index) == [
        "Phone = Yes, and 1 mirror",
        "months, and 1 copy, 1 mirror",
        "bills is missing, and 1 copy",
    ]


def test_a_name_that_is_none_is_told():
    ours = build_design(overlapping(), Settings("y", without=("kind = x",)))
    assert ours.dropped == (
        "No feature is called «kind = x», so that there is none to leave out.",
    )


def test_all_features_cannot_be_left_out():
    data = overlapping()[["age", "y"]].assign(old=lambda t: -t["age"])
    with pytest.raises(DesignError, match=r"^Every feature is left out; take one"):
        build_design(data, Settings("y", without=("old",)))
