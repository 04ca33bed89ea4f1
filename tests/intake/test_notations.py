"""Known tables in random notations come back, or a note names the column."""

import pytest

from tests.notations import differing, table


@pytest.mark.parametrize("part", range(4))
def test_a_table_in_any_notation_comes_back_or_a_note_names_what_differs(part):
    said = total = 0
    for seed in range(50 * part, 50 * part + 50):
        raw, columns = table(seed)
        silent, noted = differing(raw, columns)
        assert silent == [], seed
        said, total = said + len(noted), total + len(columns)
    assert said < 0.1 * total
