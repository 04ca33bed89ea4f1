"""Any table either trains with finite results or is refused with one sentence."""

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regcore import DesignError, Settings, compare
from regcore.design.leaks import find_leaks
from regcore.design.roles import assign_roles, roles_table
from regcore.design.sheet import Sheet

ROWS = st.integers(1, 40)

NUMBERS = st.one_of(
    st.integers(-3, 3),
    st.integers(-(2**63), 2**63 - 1).map(float),
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-10, 10),
)
TEXTS = st.one_of(
    st.sampled_from(["a", "b", "A", " a", "", "=1+1", "2024-01-31", "03/04/2024", "7"]),
    st.text(max_size=5),
    st.dates().map(str),
)
CELLS = st.one_of(NUMBERS, TEXTS, st.booleans(), st.none())


@st.composite
def columns(draw, rows):
    cells = draw(st.sampled_from([NUMBERS, TEXTS, st.booleans(), CELLS]))
    few = draw(st.booleans())
    if few:
        some = draw(st.lists(cells, min_size=1, max_size=4))
        cells = st.sampled_from(some)
    values = draw(st.lists(cells, min_size=rows, max_size=rows))
    if draw(st.booleans()):
        return pd.Series(values, dtype=object)
    return pd.Series(values, dtype=object).infer_objects()


@st.composite
def tables(draw):
    rows = draw(ROWS)
    names = draw(
        st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=5, unique=True)
    )
    return pd.DataFrame({name: draw(columns(rows)) for name in names})


@st.composite
def choices(draw, table):
    names = list(table.columns)
    kinds = ["number", "category", "date", "id", "text"]
    target = draw(st.sampled_from(names))
    group = draw(st.sampled_from(names))
    return {
        "target": target,
        "task": draw(
            st.sampled_from(["auto", "auto", "regression", "binary", "multiclass"])
        ),
        "missing": draw(st.sampled_from(["fill", "drop"])),
        "dates": draw(st.sampled_from(["days", "parts"])),
        "split": draw(st.sampled_from(["random", "order", "groups"])),
        "group": group,
        "types": draw(
            st.dictionaries(st.sampled_from(names), st.sampled_from(kinds), max_size=2)
        ),
        "features": draw(
            st.one_of(st.none(), st.lists(st.sampled_from(names), max_size=3))
        ),
        "validation_share": draw(st.sampled_from([0, 0.25, 0.9])),
        "standardise": draw(st.booleans()),
    }


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.data())
def test_any_table_trains_with_finite_results_or_is_refused_in_a_sentence(data):
    table = data.draw(tables())
    chosen = Settings(**data.draw(choices(table)), epochs=5)
    try:
        result = compare(table, chosen)
    except DesignError as refusal:
        sentence = str(refusal)
        assert sentence.endswith(".")
        assert "Error" not in sentence
        return
    design = result.problem.design
    assert np.isfinite(design.X).all()
    assert np.isfinite(result.coefficients.to_numpy()).all()
    assert np.isfinite(result.summary["train_loss"]).all()
    assert len(design.ledger) == table.shape[1]
    assert all(leak.sentence.endswith(".") for leak in find_leaks(design))


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(tables())
def test_any_table_gets_a_proposed_target_and_a_role_for_each_column(table):
    target, why = Sheet.of(table).target
    assert target in table.columns
    assert why
    roles = roles_table(table, assign_roles(Sheet.of(table), Settings(target)))
    assert roles["role"].isin(["feature", "target", "left out"]).all()
    assert (roles["role"] == "target").sum() == 1
    assert roles["reason"].str.len().min() > 0
