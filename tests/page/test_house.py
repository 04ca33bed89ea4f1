"""Tables of the house on the page: without a browser, and one visit with one."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import expect

import regcore
from regcore.files.saved import settings_to_json
from regcore.page import capacity
from regcore.page.leaving import about
from regcore.sources import source as sources
from regcore.sources import tables_of_the_house
from regcore.sources.allowed import VARIABLE
from regcore.sources.duck import DuckDB
from tests.conftest import ROOT, served
from tests.driving import PATIENCE, said, settle
from tests.visits import Visit, csv_of, plain


def houses(n: int = 400) -> pd.DataFrame:
    """Return houses, with a column that no visitor may see."""
    rng = np.random.default_rng(3)
    data = pd.DataFrame(
        {
            "size": rng.normal(100, 20, n).round(1),
            "kind": rng.choice(["flat", "house", "loft"], n),
            "owner": rng.integers(0, n, n),
        }
    )
    data["price"] = 3 * data["size"] + 20 * (data["kind"] == "loft")
    return data.assign(price=data["price"] + rng.normal(0, 10, n))


def operators_file(folder, address="houses.parquet") -> str:
    """Write the file that lists one table, «Houses»."""
    file = folder / "tables.toml"
    file.write_text(
        f'[[table]]\nname = "Houses"\naddress = "{folder / address}"\n'
        'columns = ["size", "kind", "price"]\n'
    )
    return str(file)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Let the operator offer «Houses», which a test writes."""
    tables_of_the_house.cache_clear()
    monkeypatch.setenv(VARIABLE, operators_file(tmp_path))
    yield tmp_path
    tables_of_the_house.cache_clear()


def captions(visit) -> str:
    return " ".join(plain(one.value) for one in visit.at.main.caption)


def errors(visit) -> list[str]:
    return [plain(one.value) for one in visit.at.main.error]


def labels(visit) -> list[str]:
    return [one.label for one in visit.at.button]


def test_a_table_is_read_once_and_lambda_moves_on_what_was_added_up(
    folder, monkeypatch
):
    houses().to_parquet(folder / "houses.parquet")
    read, summed = [], sources.summed
    monkeypatch.setattr(sources, "summed", lambda *a: read.append(1) or summed(*a))
    visit = Visit()
    assert visit.control("table of the house").options == ["Houses"]
    assert visit.control("table of the house").value is None
    visit.set("table of the house", "Houses")
    assert visit.described.startswith("Houses · 400 rows × 4 features · regression on")
    assert visit.control("sample").disabled
    assert visit.control("target").options == ["size", "kind", "price"]
    assert visit.address == {"table": "Houses"}
    assert "told from sums over them" in captions(visit)
    first = visit.comparison
    visit.set("share", 1.0)
    assert visit.nonzero[1] == "0 of 4"
    assert visit.comparison.problem is first.problem
    assert read == [1]
    visit.set("table of the house", None)
    assert visit.described.startswith("Diabetes")
    assert not visit.at.exception


def test_the_address_keeps_the_table_and_places_of_its_columns(folder):
    houses().to_parquet(folder / "houses.parquet")
    visit = Visit(table="Houses", target="0")
    assert visit.comparison.settings.target == "size"
    assert visit.address == {"table": "Houses", "target": "0"}
    assert errors(Visit(table="/etc/passwd")) == []
    (toast,) = Visit(table="/etc/passwd").at.toast
    assert "table=/etc/passwd" in plain(toast.value)


def test_what_needs_rows_says_of_how_many_it_is_drawn(folder):
    houses(30_000).to_parquet(folder / "houses.parquet")
    visit = Visit(table="Houses", **{"open-predictions": "on", "open-take": "on"})
    texts = [plain(one.value) for one in visit.at.main.markdown]
    first = next(i for i, text in enumerate(texts) if text.startswith("Drawn from"))
    # However many paragraphs they are.
    drawn = " ".join(texts[first : first + 2])
    rows = len(visit.comparison.problem.design.rows)
    assert 14_000 < rows < 16_000
    assert re.match(
        r"Drawn from a sample of (19|20),\d{3} of the 30,000 rows; losses, RMSE and R² "
        r"are of all\. On the 7,\d{3} rows held out RMSE is \d",
        drawn,
    )
    assert re.search(r"The mean absolute error is \d[\d.]* with no penalty", drawn)
    (lines,) = [c.value for c in visit.at.code if "regcore.connect(" in c.value]
    assert str(folder) not in lines


def test_settings_from_a_file_name_no_column_that_is_not_there(folder):
    houses().to_parquet(folder / "houses.parquet")
    visit = Visit(table="Houses", **{"open-take": "on"})
    dataset, result = visit.at.session_state["shown"]
    saved = json.loads(settings_to_json(about(result, dataset)))
    saved["settings"] |= {
        "target": 'price"; DROP TABLE files; --',
        "features": ["size", "a\0", "owner"],
        "types": [["'); ATTACH 'a.db'", "number"]],
        "key": "owner",
        "seed": 5,
    }
    (field,) = [f for f in visit.at.file_uploader if f.key.startswith("settings for")]
    raw = json.dumps(saved).encode()
    field.set_value(("settings.json", raw, "application/json")).run()
    (said,) = errors(visit)
    assert (
        "The page cannot show «target», «features», «task» and 2 more as saved" in said
    )
    settings = visit.comparison.settings
    assert (settings.target, settings.key, settings.seed) == ("price", None, 5)
    assert not visit.at.exception


def test_a_table_that_changes_while_it_is_read_is_refused_and_can_be_read_anew(
    folder, monkeypatch
):
    data = houses()
    data.to_parquet(folder / "houses.parquet")
    keep, later = DuckDB.keep, data.assign(kind=["flat", "loft"] * 200)

    def change(self, name, query, tick):
        if name.startswith("encoded"):
            later.to_parquet(folder / "houses.parquet")
        keep(self, name, query, tick)

    with monkeypatch.context() as patch:
        patch.setattr(DuckDB, "keep", change)
        visit = Visit(table="Houses")
    (refusal,) = errors(visit)
    assert refusal.startswith("The table has changed while it was read (the levels of ")
    assert "Read the table anew" in labels(visit)
    next(b for b in visit.at.button if b.key == "connect anew").click().run()
    assert errors(visit) == []
    assert visit.described.startswith("Houses · 400 rows × 2 features")


def test_a_refusal_of_settings_offers_no_reading_anew_which_would_not_help(folder):
    houses().assign(kind="flat").to_parquet(folder / "houses.parquet")
    visit = Visit(table="Houses")
    visit.set("features", ["kind"])
    (refusal,) = errors(visit)
    assert refusal.startswith("No feature can be used")
    assert "Read the table anew" not in labels(visit)


def test_sums_that_have_no_room_are_refused_until_there_is(folder, monkeypatch):
    houses().to_parquet(folder / "houses.parquet")
    monkeypatch.setattr(capacity, "ALWAYS", 0)
    monkeypatch.setenv(capacity.VARIABLE, "1K")
    visit = Visit(table="Houses")
    (refusal,) = errors(visit)
    said = (
        r"To add this table up takes about 0 MB of memory; of the 0 MB that this page "
    )
    assert re.match(said + r".* Choose fewer features, or try again when", refusal)
    monkeypatch.setenv(capacity.VARIABLE, "64G")
    next(b for b in visit.at.button if b.key == "connect anew").click().run()
    assert errors(visit) == []
    assert visit.described.startswith("Houses · 400 rows")


def test_sums_ask_for_what_they_take(folder):
    houses().to_parquet(folder / "houses.parquet")
    asked = []
    source = regcore.connect(folder / "houses.parquet", memory="500MB")
    settings = regcore.Settings("price", split="hash")
    width = source.pose(settings, room=asked.append).sums.S.shape[0]
    locked = regcore.Settings("price", split="hash", test_share=0.2)
    source.pose(locked, room=asked.append)
    # Three levels of one category; owner and size; 1 and the target.
    assert width == 6 + 1
    assert asked == [round(8 * 3.5 * 200 * sides * width**2) for sides in (2, 3)]


def test_sums_ask_for_what_a_piece_of_the_rows_takes_where_that_is_more(folder):
    houses(5_000).to_parquet(folder / "houses.parquet")
    asked = []
    source = regcore.connect(folder / "houses.parquet", memory="500MB")
    settings = regcore.Settings("price", split="hash", features=["size"])
    width = source.pose(settings, room=asked.append).sums.S.shape[0]
    assert width == 3
    assert asked == [8 * (200 * 2 * width**2 + 3.5 * 5_000 * width)]


def test_a_table_that_is_another_now_is_read_anew_by_itself(folder):
    houses().to_parquet(folder / "houses.parquet")
    visit = Visit(table="Houses")
    houses(500).to_parquet(folder / "houses.parquet")
    visit.at.run()
    assert visit.described.startswith("Houses · 500 rows")


def test_a_table_that_cannot_be_read_is_one_sentence_without_an_address(folder):
    (folder / "houses.parquet").write_bytes(b"no parquet")
    visit = Visit(table="Houses")
    assert errors(visit) == [
        "«Houses» cannot be read now; who runs the page finds the reason in its log."
    ]
    assert "Read the table anew" in labels(visit)
    visit.upload(csv_of(houses()))
    assert visit.described.startswith("own.csv")
    assert errors(visit) == []


def test_a_broken_list_leaves_the_page_as_it_is_without_one(folder):
    (folder / "tables.toml").write_text("[[table]\n")
    visit = Visit(table="Houses")
    assert not [c for c in visit.controls() if "house" in c.key]
    assert visit.described.startswith("Diabetes")
    assert not visit.at.exception


@pytest.mark.browser
def test_a_visitor_chooses_a_table_and_a_target_and_moves_lambda(visitor, tmp_path):
    houses(3_000).to_csv(tmp_path / "houses.csv", index=False)
    listed = {VARIABLE: operators_file(tmp_path, "houses.csv")}
    with served(ROOT / "app.py", **listed) as site:
        page = visitor(site)
        settle(page)
        bar = page.get_by_test_id("stSidebar")
        bar.get_by_role("combobox", name="or a table of this house").click()
        page.get_by_role("option", name="Houses").click()
        said(page, re.compile(r"^Houses · 3,000 rows × 4 features"))
        settle(page)
        bar.get_by_role("combobox", name="Target").click()
        page.get_by_role("option", name="size").click()
        said(page, re.compile(r"^Houses · .* on size"))
        settle(page)
        kept = page.get_by_test_id("stMetricValue").nth(1)
        slider = page.get_by_role("slider").first
        slider.press("End")
        expect(kept).to_have_text("0 of 4", timeout=PATIENCE)
        settle(page)
        page.reload()
        said(page, re.compile(r"^Houses · .* on size"))
        expect(kept).to_have_text("0 of 4", timeout=PATIENCE)
