"""Settings that were saved are shown again, and give the same numbers."""

import json
from contextlib import contextmanager
from dataclasses import fields
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest

import regcore
from regcore import Reading, Settings, Task
from regcore.files.saved import settings_from_json, settings_to_json
from regcore.files.source import Source
from regcore.page import dataset
from regcore.page.capacity import read_within
from regcore.page.columns import key_of
from regcore.page.loading import SHOWN
from regcore.page.turns import Turns
from regcore.questions.strength.answer import Match
from regcore.settings import ColumnType, Dates, First, Missing, Repeats, Split, Totals
from tests.visits import Visit, csv_of


def shop(n=90, seed=3):
    """A German export with dates that leave their order open, and a total below."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "size": rng.normal(80, 20, n).round(2),
            "rooms": rng.integers(1, 6, n),
            "kind": rng.choice(["flat", "house", "loft"], n),
            "sold": [f"{d:02d}.{m:02d}.24" for d, m in rng.integers(1, 13, (n, 2))],
            "customer": rng.integers(1, 12, n),
        }
    )
    table["price"] = (3 * table["size"] + 9 * table["rooms"]).round(2)
    table.loc[::17, "size"] = np.nan
    return table


RAW = shop().to_csv(index=False, sep=";", decimal=",").encode()

CHANGED = {
    "validation_share": 0.3,
    "test_share": 0.2,
    "seed": 7,
    "standardise": False,
    "missing": Missing.DROP,
    "dates": Dates.PARTS,
    "split": Split.GROUPS,
    "repeats": Repeats.TOGETHER,
    "l1_step": "textbook",
    "learning_rate": 0.0000123456789012,
    "epochs": 23,
    "batch_size": 20,
    "group": "customer",
    "key": None,
    "target": "price",
    "features": ("kind", "size", "sold"),
    "task": Task.REGRESSION,
    "types": (("rooms", ColumnType.CATEGORY),),
    "without": ("kind = loft",),
    "date_order": First.MONTH,
    "centuries": (("sold", 1926),),
    "totals": Totals.LEAVE_OUT,
    "lam": 1.2345678901234567,
    "lam_l2": 0.1,
    "seconds": None,
    "tolerance": 1e-6,
}
"""Another value of each setting; those of the last three lines have no other here."""


def visit_of(raw=RAW, name="own.csv", **address):
    visit = Visit(**address).upload(raw, name)
    visit.at.session_state["section: take"] = True
    visit.at.run()
    return visit


def saved(visit):
    """What the page would save now."""
    dataset, result = visit.at.session_state["shown"]
    one = Source(result, dataset.table, dataset.title, dataset.source, dataset.reading)
    return settings_to_json(one)


def written(visit, reading=None, **settings):
    """A file of settings of the table that is shown."""
    content = json.loads(saved(visit))
    content["settings"] |= settings
    content["reading"] |= reading or {}
    return json.dumps(content, default=str)


def load(visit, text):
    (key,) = [
        one.key for one in visit.at.file_uploader if one.key.startswith("settings for")
    ]
    uploader = visit.at.file_uploader(key=key)
    uploader.set_value(("settings.json", text.encode(), "application/json")).run()
    assert not visit.at.exception
    return visit


def same_numbers(visit, other):
    one, two = visit.comparison, other.comparison
    np.testing.assert_array_equal(one.W, two.W)
    for a, b in zip(one.runs, two.runs, strict=True):
        np.testing.assert_array_equal(a.b, b.b)


def test_every_setting_has_what_shows_it():
    assert set(SHOWN) == {field.name for field in fields(Settings)} == set(CHANGED)


def test_every_setting_is_shown_as_it_was_saved_and_is_trained_with():
    visit = load(visit_of(), written(visit_of(), **CHANGED))
    assert visit.comparison.settings == Settings(**CHANGED)
    assert any("the file that they are of" in text for text in visit.captions)
    dataset = visit.at.session_state["dataset"]
    assert visit.control("match").value is None
    assert visit.control(key_of(dataset, "date order")).value == First.MONTH
    # Again from the link, but for what names columns.
    again = Visit(**visit.address)
    again.upload(RAW, "own.csv")
    assert again.comparison.settings.lam == CHANGED["lam"]
    assert again.comparison.settings.lam_l2 == CHANGED["lam_l2"]


def test_a_split_by_the_hash_of_a_key_comes_back_with_its_key():
    chosen = {"target": "price", "split": "hash", "key": "customer", "seed": 1}
    visit = load(visit_of(), written(visit_of(), **chosen))
    settings = visit.comparison.settings
    assert (settings.split, settings.key) == (Split.HASH, "customer")
    assert "customer" not in visit.comparison.problem.design.sources


def test_settings_saved_on_one_page_give_the_same_numbers_on_another():
    first = visit_of().set("target", "kind").set("share", 0.01).set("seed", 4)
    text = saved(first)
    again = load(visit_of(), text)
    same_numbers(again, first)
    assert again.control("match").value == Match.SAME_LAM
    expected = first.values() | {"epochs": settings_from_json(text).settings.epochs}
    assert again.values() == expected


@pytest.mark.parametrize(
    "reading",
    [
        {"encoding": "cp1250"},
        {"decimal": ".", "missing": ("flat",)},
        {"header_row": 3, "header_rows": 1, "first_row": 6, "last_row": 80},
        {"values": ("flat",), "decimals": (("size", ","),)},
    ],
)
def test_how_the_file_was_read_comes_back(reading):
    visit = visit_of()
    text = json.loads(written(visit, reading=reading, epochs=5))
    table = regcore.read(RAW, reading=Reading(**reading)).table
    text["settings"] |= {"target": table.columns[1], "task": "auto"}
    load(visit, json.dumps(text))
    dataset = visit.at.session_state["dataset"]
    pd.testing.assert_frame_equal(dataset.table, table)
    for name, value in reading.items():
        assert getattr(dataset.reading, name) == value
    assert visit.comparison.settings.target == table.columns[1]


def test_the_slider_lets_go_of_a_lam_that_was_loaded_and_shows_it_until_then():
    visit = visit_of()
    top = visit.comparison.problem.lam_max
    load(visit, written(visit, lam=0.3333 * top))
    assert visit.comparison.settings.lam == 0.3333 * top
    slider = visit.control("share")
    assert slider.options[slider.options.index("33.3 %")] == "33.3 %"
    assert "33.3 %" not in Visit().control("share").options
    visit.set("share", 0.01)
    assert visit.comparison.settings.lam == 0.01 * top
    assert visit.control("match").value == Match.SAME_LAM
    assert "lambdas" not in visit.address


@pytest.mark.parametrize("times", [0.0, 1e-9, 4.0])
def test_a_lam_beyond_the_slider_is_taken_as_it_is(times):
    visit = visit_of()
    lam = times * visit.comparison.problem.lam_max
    load(visit, written(visit, lam=lam, epochs=3))
    assert visit.comparison.settings.lam == lam


def test_a_lam_that_was_loaded_goes_when_the_target_does():
    visit = visit_of()
    load(visit, written(visit, lam=1.2345, lam_l2=2.0))
    visit.set("target", "size")
    assert visit.comparison.settings.lam_l2 is None
    assert visit.control("match").value == Match.SAME_LAM


def test_of_settings_of_another_file_what_fits_is_set_and_the_rest_is_said():
    text = written(visit_of(), target="rooms", seed=5, types=(("kind", "id"),))
    other = shop(n=80, seed=9).drop(columns="kind")
    visit = load(visit_of(csv_of(other), "b.csv"), text)
    settings = visit.comparison.settings
    assert (settings.target, settings.seed, settings.types) == ("rooms", 5, ())
    (said,) = (text for text in visit.refusals if "saved" in text)
    assert said.startswith(
        "These settings were saved for «own.csv», and «b.csv» is another file, "
        "without «kind». The page cannot show «types» as saved"
    )

    visit = load(visit_of(csv_of(other), "b.csv"), written(visit_of(), target="kind"))
    assert visit.comparison.settings.target == "price"
    assert "«target» and «task»" in visit.refusals[0]


@pytest.mark.parametrize(
    "settings",
    [
        {"validation_share": 0.33},
        {"seed": 10**30},
        {"seed": True},
        {"epochs": 10**9},
        {"learning_rate": 1e-300},
        {"tolerance": 0.1},
        {"seconds": 2.0},
        {"standardise": "yes"},
        {"date_order": "year"},
        {"centuries": [["sold", 1950]]},
        {"group": 3, "split": "groups"},
        {"features": ["nothing"]},
        {"without": ["nothing"]},
        {"lam": float("nan")},
        {"lam": "<img src=x>"},
        {"split": "<img src=x>"},
        {"<img src=x>": 3},
        {"target": "<img src=x>"},
    ],
)
def test_what_the_page_cannot_show_is_said_and_not_trained_with(settings, page_shown):
    visit, text = page_shown
    content = json.loads(text)
    content["settings"] |= settings
    load(visit, json.dumps(content))
    (said,) = visit.refusals
    assert said.endswith(".")
    assert "<img" not in visit.at.error[0].value.replace("\\<", "")
    for name, value in settings.items():
        assert getattr(visit.comparison.settings, name, None) != value


@pytest.mark.parametrize(
    "reading",
    [
        {"encoding": "nonsense"},
        {"encoding": 3},
        {"delimiter": "ab"},
        {"delimiter": ""},
        {"delimiter": ["a"]},
        {"decimal": "x"},
        {"decimal": []},
        {"header_row": -1},
        {"header_row": 1e9},
        {"last_row": 0},
        {"missing": "flat"},
        {"missing": [3]},
        {"values": 3},
        {"decimals": [["size", "x"]]},
        {"decimals": [["size"]]},
    ],
)
def test_a_reading_that_cannot_be_is_refused_and_the_table_stays(reading, page_shown):
    visit, text = page_shown
    content = json.loads(text)
    content["reading"] |= reading
    before = visit.comparison
    load(visit, json.dumps(content))
    assert len(visit.refusals) == 1
    assert visit.comparison is before


def test_a_file_is_read_anew_for_settings_once_and_in_its_turn(monkeypatch):
    reads, within, turn = [], [], Turns.turn
    visit = visit_of()
    text = written(visit, reading={"header_row": 0})

    @contextmanager
    def watched(*given):
        with turn(*given) as give_way:
            within.append(give_way)
            yield give_way
            within.pop()

    def noted(raw, reading, tell):
        reads.append((reading.header_row, bool(within)))
        return read_within(raw, reading, tell)

    monkeypatch.setattr(Turns, "turn", watched)
    monkeypatch.setattr(dataset, "read_within", noted)
    load(visit, text)
    assert reads == [(0, True)]
    assert visit.at.session_state["dataset"].reading.header_row == 0


def test_who_cancels_that_a_file_is_read_anew_has_it_as_before_and_can_try_again():
    visit = visit_of()
    before = visit.comparison
    text = written(visit, reading={"last_row": 60}, epochs=5)
    asked = settings_from_json(text.encode()).reading
    source = visit.at.session_state["dataset"].source
    key = (source, visit.at.session_state["dataset"].title, asked)
    visit.at.session_state["cancelled"] = {"tables": key}
    load(visit, text)
    (said,) = visit.refusals
    assert "Its reading was cancelled." in said
    assert visit.comparison is before
    visit.at.run()
    assert visit.comparison is before
    (key,) = [
        one.key for one in visit.at.file_uploader if one.key.startswith("settings for")
    ]
    visit.at.file_uploader(key=key).clear().run()
    load(visit, text)
    assert visit.refusals == []
    assert visit.comparison.settings.epochs == 5
    assert visit.at.session_state["dataset"].reading.last_row == 60


@pytest.fixture(scope="module")
def page_shown():
    """One page, for files of settings that leave it as it is."""
    visit = visit_of().set("epochs", 3)
    return visit, saved(visit)


def test_the_link_opens_a_sample_with_the_same_settings():
    visit = Visit(sample="wine").set("seed", 3).set("share", 0.01)
    visit.at.session_state["section: take"] = True
    visit.at.session_state["log loss"] = True
    visit.at.run()
    (link,) = [one.value for one in visit.at.code if "&seed=3" in one.value]
    asked = {name: text for name, (text,) in parse_qs(urlsplit(link).query).items()}
    assert asked == {"sample": "wine", "seed": "3", "lambda": "0.01"}
    assert Visit(**asked).comparison.settings == visit.comparison.settings
