"""Any bytes give a table or a sentence, and the reading used gives it again."""

import random

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regcore.intake import Intake, IntakeError, read, scan
from regcore.intake import reader as intake

CELLS = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=True).map(str),
    st.sampled_from(
        ["", " ", "NA", "-", "1,5", "1.234,5", "$3", "7%", "007", "#", '"']
    ),
    st.text(max_size=8),
)
TEXTS = st.builds(
    lambda rows, mark, end: end.join(mark.join(row) for row in rows),
    st.lists(st.lists(CELLS, min_size=1, max_size=6), max_size=30),
    st.sampled_from([",", ";", "\t", "|", " ", "^"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
MODEST = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def check(raw: bytes) -> Intake | None:
    try:
        done = read(raw)
    except IntakeError as refusal:
        sentence = str(refusal)
        assert sentence.endswith(".")
        assert "\n" not in sentence
        return None
    assert done.table.columns.is_unique
    assert all(isinstance(name, str) for name in done.table)
    assert isinstance(done.table.index, pd.RangeIndex)
    assert {str(kind) for kind in done.table.dtypes} <= {"int64", "float64", "str"}
    assert not done.table.isin([float("inf"), float("-inf")]).to_numpy().any()
    again = read(raw, reading=done.reading)
    pd.testing.assert_frame_equal(again.table, done.table)
    return done


@MODEST
@given(st.binary(max_size=400))
def test_any_bytes_give_a_table_or_a_sentence(raw):
    check(raw)


@MODEST
@given(TEXTS, st.sampled_from(["utf-8", "utf-16", "gb18030"]))
def test_any_cells_give_a_table_or_a_sentence(text, encoding):
    check(text.encode(encoding, "replace"))


@MODEST
@given(TEXTS)
def test_the_fast_way_and_the_slow_way_agree_on_any_cells(monkeypatch, text):
    raw = text.encode("utf-8", "replace")
    monkeypatch.setattr(intake, "BULK_BYTES", 1 << 30)
    slow = check(raw)
    monkeypatch.setattr(intake, "BULK_BYTES", 0)
    monkeypatch.setattr(scan, "CHUNK", 16)
    fast = check(raw)
    assert (slow is None) == (fast is None)
    if slow is not None:
        pd.testing.assert_frame_equal(fast.table, slow.table)


@pytest.mark.parametrize("seed", range(20))
def test_flipped_bits_give_a_table_or_a_sentence(seed):
    chance = random.Random(seed)
    rows = "".join(f'{i},"w {i}",{i / 4},é\n' for i in range(60))
    raw = bytearray(("n,t,x,k\n" + rows).encode())
    for _ in range(chance.randint(1, 30)):
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    check(bytes(raw))
