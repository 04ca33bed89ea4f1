"""The editable table of the columns, the controls of reading, leaks and convergence."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from altair.utils import schemapi

from regcore.design.roles import assign_roles
from regcore.page import columns, convergence
from regcore.page.text import literal
from regcore.samples import SAMPLES
from regcore.solve.runs import Outcome
from tests.tables import table
from tests.visits import Visit, csv_of

N = 80


@pytest.fixture(scope="module", autouse=True)
def _charts_are_validated_elsewhere():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schemapi, "validate_jsonschema", lambda *_, **__: None)
        yield


def shops() -> pd.DataFrame:
    """A running id, a number, a code that is a number, a customer and a target."""
    rng = np.random.default_rng(3)
    size = rng.normal(100, 20, N).round(2)
    return pd.DataFrame(
        {
            "id": range(1, N + 1),
            "size": size,
            "code": rng.integers(1, 5, N),
            "customer": [f"c{i // 8}" for i in range(N)],
            "price": (3 * size + rng.normal(0, 10, N)).round(2),
        }
    )


def edit(visit: Visit, column: str, **changes: str) -> Visit:
    """Change the table of the columns; the test kit has no editor to type into."""
    dataset = visit.at.session_state["dataset"]
    settings = visit.comparison.settings
    roles = assign_roles(dataset.sheet, settings)
    row = list(dataset.table.columns).index(column)
    state = {"editor": {"edited_rows": {row: changes}}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "st", SimpleNamespace(session_state=state))
        columns._apply(dataset, settings, roles, "editor")
    for key in state.keys() - {"editor"}:
        visit.at.session_state[key] = state[key]
    visit.at.run()
    assert visit.usable()
    return visit


def sources(visit: Visit) -> set[str]:
    return set(visit.comparison.problem.design.sources)


@pytest.fixture
def visit():
    return Visit().upload(csv_of(shops()), "shops.csv").set("target", "price")


def test_an_id_can_be_made_a_feature_and_left_out_again(visit):
    assert "id" not in sources(visit)
    assert "id" in sources(edit(visit, "id", role="feature"))
    assert "id" not in sources(edit(visit, "id", role="left out"))
    assert visit.control("features").value == []


def test_a_code_can_be_made_a_category(visit):
    before = len(visit.comparison.problem.design.features)
    edit(visit, "code", type="category")
    features = visit.comparison.problem.design.features
    assert len(features) > before
    assert "code = 1" in features


def test_the_month_can_come_first_where_no_date_decides():
    day = [f"{i % 12 + 1:02}/{i % 7 + 1:02}/2024" for i in range(N)]
    visit = Visit().upload(csv_of(shops().assign(day=day))).set("target", "price")

    def note():
        (entry,) = [
            entry
            for entry in visit.comparison.problem.design.ledger
            if entry.column == "day"
        ]
        return entry.note

    assert "the day before the month, which no cell decides" in note()
    assert visit.control("date order").value == "day"
    visit.set("date order", "month")
    assert "the month before the day, which no cell decides" in note()
    assert visit.usable()
    visit.upload(csv_of(shops()), "shops.csv")
    assert not any(c.key.startswith("date order") for c in visit.controls())


def test_a_column_can_be_made_the_target(visit):
    edit(visit, "size", role="target")
    assert visit.comparison.problem.design.target == "size"
    assert visit.control("target").value == "size"


def test_the_table_of_the_columns_is_drawn_with_its_download(visit):
    visit.at.session_state["section: columns"] = True
    visit.at.run()
    assert not visit.at.exception
    assert len(visit.at.get("data_editor")) == 1
    assert [button.key for button in visit.at.get("download_button")] == [
        "download columns"
    ]


def test_rows_are_held_out_by_order_or_by_whole_groups(visit):
    visit.set("split", "order")
    held = visit.comparison.problem.design.validation_rows
    assert min(held) == N - len(held)
    visit.set("split", "groups").set("group of", "customer")
    design = visit.comparison.problem.design
    customers = shops()["customer"].to_numpy()
    assert not set(customers[design.rows]) & set(customers[design.validation_rows])


def test_a_feature_that_gives_the_target_away_is_warned_of():
    frame = table()
    visit = Visit().upload(csv_of(frame.assign(copy=2 * frame["y"])))
    visit.set("target", "y")
    assert any("copy" in warning.value for warning in visit.at.warning)
    visit.set("features", ["x0", "x1"])
    assert not visit.at.warning


def test_each_guess_of_the_reading_is_corrected_in_one_step():
    rows = b"".join(b"%d;1,%d\n" % (i, 100 + i * i % 17) for i in range(30))
    visit = Visit().upload("größe;y\n".encode("cp1252") + rows)
    shown = visit.at.session_state
    assert list(shown["dataset"].table.columns) == ["größe", "y"]
    visit.set("encoding", "cp1251")
    assert shown["dataset"].table.columns[0] != "größe"
    visit.set("encoding", "cp1252").set("last_row", 21)
    assert len(shown["dataset"].table) == 20
    visit.set("first_row", 3)
    assert len(shown["dataset"].table) == 19
    visit.set("header_row", 0)
    assert len(shown["dataset"].table) == 21
    visit.at.button(key="guess again").click().run()
    before = shown["dataset"].table["y"].mean()
    guessed = visit.control("decimal").value
    visit.set("decimal", "." if guessed == "," else ",")
    after = shown["dataset"].table["y"].mean()
    assert max(before, after) == pytest.approx(1000 * min(before, after))
    visit.at.button(key="guess again").click().run()
    visit.set("delimiter", ",")
    assert list(shown["dataset"].table.columns) != ["größe", "y"]
    assert not visit.at.exception


def test_too_many_epochs_are_said_and_not_set(monkeypatch):
    visit = Visit().set("epochs", 500)
    monkeypatch.setattr(
        convergence, "epochs_to_converge", lambda *_: (3000.0, 1e9, np.inf)
    )
    visit.at.button(key="converge").click().run()
    assert visit.control("epochs").value == 3000
    assert "Plain descent would need about 1e+09 epochs here" in visit.notices
    visit.at.run()
    assert visit.notices == ""


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.title)
def test_train_to_convergence_ends_at_the_optimum_or_says_why_not(sample):
    visit = Visit().take(sample).set("epochs", 500)
    visit.at.button(key="converge").click().run()
    none, *penalised = [run.outcome for run in visit.comparison.runs]
    assert penalised == [Outcome.CONVERGED] * 2
    separable = any("can be separated" in text for text in visit.captions)
    assert separable or none == Outcome.CONVERGED
    assert visit.usable()


def prices(rest: tuple[str, ...]) -> pd.DataFrame:
    """Sizes, prices of which one in four is something else, and a target."""
    shown = shops()
    asked = [
        rest[i // 4 % len(rest)] if i % 4 == 0 else f"{value:.2f}"
        for i, value in enumerate(shown["size"] % 4)
    ]
    return shown[["size"]].assign(ask=asked, price=shown["price"])


LOOKS = (
    "«ask» looks like numbers: 60 of 80 cells are; the others are such as «low», «mid» "
    "and «high». It was read as text; choose the type «number» to read it as numbers."
)


def test_a_column_that_looks_like_numbers_is_read_so_with_one_click():
    visit = Visit().upload(csv_of(prices(("low", "mid", "high"))))
    assert visit.usable()
    assert "ask" not in visit.comparison.problem.design.features
    assert sum(caption.value.count(literal(LOOKS)) for caption in visit.at.caption) == 1
    (button,) = [b for b in visit.at.button if b.label == "Read «ask» as numbers"]
    button.click().run()
    assert visit.usable()
    assert {"ask", "ask is missing"} <= {*visit.comparison.problem.design.features}
    assert not [b for b in visit.at.button if b.label.startswith("Read «ask»")]
    said = " ".join(markdown.value for markdown in visit.at.markdown)
    sentence = (
        "«ask» is a number, as chosen: 20 of its 80 cells are no number, such as "
        "«low», «mid» and «high», and became missing."
    )
    assert said.count(literal(sentence)) == 1


@pytest.mark.parametrize("kind", ["number", "date"])
def test_a_type_that_few_cells_are_of_leaves_the_results_standing(kind):
    some = "2024-01-31" if kind == "date" else "7"
    shown = prices(("low", some, "2024-02-29" if kind == "date" else "9"))
    shown["ask"] = shown["ask"].where(shown.index % 4 == 0, "none of it")
    visit = edit(Visit().upload(csv_of(shown)), "ask", type=kind)
    assert "ask" in sources(visit)
    assert not visit.at.error


def test_a_type_that_no_cell_is_of_is_refused_and_can_be_taken_back():
    shown = prices(("low", "mid", "high"))
    shown["ask"] = ["red", "green", "blue", "dark red"] * (N // 4)
    visit = Visit().upload(csv_of(shown))
    dataset = visit.at.session_state["dataset"]
    key = columns._types_key(dataset)
    visit.at.session_state[key] = {"ask": "number"}
    visit.at.run()
    (error,) = visit.at.error
    assert error.value == literal(
        "Column «ask» holds no numbers: row 1: «red» is no number; choose another type "
        "for it."
    )
    visit.at.session_state[key] = {}
    visit.at.run()
    assert visit.usable()
    assert "ask" in sources(visit)
