"""Any bytes give a table or a sentence, and the reading used gives it again."""

import random

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regcore.intake import Intake, IntakeError, quotes, read
from regcore.intake.arrow import parse
from regcore.intake.dialect import Dialect, split_lines, usual_width
from regcore.intake.records import Records, read_records

GAPS = ("stray", "blank", "empty")
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


def described(records: Records) -> dict[str, object]:
    """Return rows by line, with what else was met, in any order."""
    rows = dict(zip(records.lines, records.rows, strict=True))
    return {"rows": rows, **{k: sorted(vars(records)[k]) for k in GAPS}}


def quoted_at_random(seed: int) -> str:
    chance = random.Random(seed)
    marks = chance.choice([',"ab\n ', ',"a\n', ',;" ab\n', '",\n'])
    return "".join(chance.choices(marks, k=chance.choice([9, 60, 400])))


@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("piece", [8, 1 << 20])
@MODEST
@given(st.one_of(TEXTS, st.integers(0, 1 << 30).map(quoted_at_random)))
def test_arrow_cuts_any_text_as_the_reader_of_single_rows_does(
    monkeypatch, quote, piece, text
):
    monkeypatch.setattr(quotes, "PIECE", piece)
    text = text.replace("\r", "\n").replace("\0", "").replace('"', quote) + "\n"
    data = text.encode("utf-8", "replace")
    lines = split_lines(data.decode(), "\n")
    for spaced in (False, True):
        dialect = Dialect(",", quote=quote, skip_space=spaced)
        width = max(1, usual_width(lines, dialect))
        wanted = described(read_records(lines, dialect, width))
        parsed = parse(data, 0, 1, dialect, width)
        cells = [column.text.fill_null("").to_pylist() for column in parsed.columns]
        rows = [*map(list, zip(*cells, strict=True))]
        regular = Records(rows, parsed.lines.tolist())
        assert described(parsed.records.merge(regular)) == wanted


@pytest.mark.parametrize("seed", range(20))
def test_flipped_bits_give_a_table_or_a_sentence(seed):
    chance = random.Random(seed)
    rows = "".join(f'{i},"w {i}",{i / 4},é\n' for i in range(60))
    raw = bytearray(("n,t,x,k\n" + rows).encode())
    for _ in range(chance.randint(1, 30)):
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    check(bytes(raw))
