"""What a reading tells while it goes on: how far it is, what memory it needs."""

import gzip
from io import BytesIO

import pytest

from regcore.intake import Watch, read
from regcore.intake.watch import CELL, CELL_OF_COLUMNS, CELL_ONE_BY_ONE
from tests.tables import table

LINES = 20_000
NUMBERS = b"a,b,y\n" + b"0.25,1.75,3.5\n" * LINES
DIGITS = b"a,b,c,d,e,f,y\n" + b"1,2,3,4,5,6,7\n" * LINES
# Arrow does not know where such lines are cut.
SPACED = NUMBERS.replace(b",", b" ")


@pytest.mark.parametrize(
    ("raw", "needs"),
    [
        (NUMBERS, [(CELL, 3)]),
        (DIGITS, [(CELL, 7)]),
        (SPACED, [(CELL, 1), (CELL_ONE_BY_ONE, 3)]),
        (gzip.compress(NUMBERS), [(CELL, 3)]),
    ],
)
def test_a_file_needs_room_by_its_bytes_and_cells_and_more_where_read_one_by_one(
    raw, needs
):
    asked: list[int] = []
    read(raw, watch=Watch(room=asked.append))
    text = gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
    lines = text.count(b"\n")
    assert asked == [2 * len(text) + cell * width * lines for cell, width in needs]


@pytest.mark.parametrize("form", ["to_parquet", "to_feather"])
def test_columns_with_types_ask_before_they_are_written_as_text(form):
    frame, sink = table("regression", n=60), BytesIO()
    getattr(frame, form)(sink)
    asked: list[int] = []
    read(sink.getvalue(), watch=Watch(room=asked.append))
    assert asked[-1] > CELL_OF_COLUMNS * frame.size


@pytest.mark.parametrize("raw", [NUMBERS * 5, SPACED])
def test_a_reading_tells_how_far_it_is_and_ends_where_that_raises(raw):
    shares: list[float] = []
    read(raw, watch=Watch(shares.append))
    assert shares
    assert 0.0 <= min(shares) < 0.6 < max(shares) <= 1.0

    def end(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read(raw, watch=Watch(end))
