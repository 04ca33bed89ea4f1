"""Two visitors touch whatever there is, by seeded chance; the long form is by hand."""

from tests.conftest import ROOT
from tests.moves import drive, hostile
from tests.visitor import serving


def test_whatever_two_visitors_touch_the_page_stays_whole_true_and_their_own(tmp_path):
    with serving(ROOT / "app.py", tmp_path / "log") as server:
        assert drive(server, 10, 3, hostile()) == []
