"""What leaves is what the page shows, and comes back to the same numbers."""

import hashlib
import html
import io
import json
import re
import warnings
import zipfile
from dataclasses import fields, replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import regcore
from regcore.comparison import PENALTIES
from regcore.drawing import NUMBERS
from regcore.files import FILES, Source, bundle, pictures
from regcore.files.pictures import picture_png, picture_svg
from regcore.files.reports import report
from regcore.files.saved import settings_from_json, settings_to_json
from regcore.files.script import notebook_lines
from regcore.files.source import Answer, reproducing
from regcore.files.tables import (
    INTERCEPT,
    coefficient_table,
    prediction_table,
    to_parquet,
    validation_table,
)
from regcore.questions.cards.headline import headline
from regcore.questions.cards.words import in_words
from regcore.questions.question import Part
from regcore.questions.trust.half_samples import half_samples
from regcore.settings import DesignError, Settings
from regcore.solve.optimum import Status

RAW = {
    "numbers": "size;rooms;kind;price\n",
    "two classes": "size;rooms;kind;sold\n",
    "three classes": "size;rooms;kind;grade\n",
}


def raw(case):
    """A German export of 120 rows, with gaps and three kinds."""
    rng = np.random.default_rng(5)
    size, rooms = rng.normal(80, 20, 120), rng.integers(1, 6, 120)
    kind = rng.choice(["flat", "=house", "loft"], 120)
    noise = rng.standard_normal(120)
    z = 0.05 * (size - 80) + 0.3 * rooms + (kind == "loft") + noise
    target = {
        "numbers": 100 + 20 * z,
        "two classes": np.where(z > 1.0, "yes", "no"),
        "three classes": np.where(z > 2.0, "A", np.where(z > 0.5, "B", "C")),
    }[case]
    lines = []
    for i in range(120):
        cells = [f"{size[i]:.2f}".replace(".", ","), str(rooms[i]), kind[i]]
        last = target[i]
        number = isinstance(last, float)
        cells.append(f"{last:.3f}".replace(".", ",") if number else str(last))
        if i % 17 == 3:
            cells[0] = ""
        lines.append(";".join(cells))
    return (RAW[case] + "\n".join(lines) + "\n").encode()


def source(case="numbers", **settings):
    data = raw(case)
    intake = regcore.read(data)
    chosen = Settings(
        **{"target": intake.table.columns[-1], "lam": 4.0, "test_share": 0.1} | settings
    )
    result = regcore.compare(intake.table, chosen)
    return Source(
        result=result,
        table=intake.table,
        title="ho\"uses '1'.csv",
        fingerprint=hashlib.sha256(data).hexdigest(),
        reading=intake.reading,
    )


every_case = pytest.mark.parametrize("case", [*RAW])


@pytest.fixture(scope="module")
def made():
    """Every case, once."""
    return {case: source(case) for case in RAW}


@every_case
def test_coefficients_are_those_of_the_result_with_the_intercepts_last(case, made):
    result = made[case].result
    table = coefficient_table(made[case])
    k = result.W.shape[2]
    for name in ("none", "L1", "L2"):
        own = result["none" if name == "none" else name]
        weights = table[f"per SD, {name}"].to_numpy()
        np.testing.assert_array_equal(weights[:-k], own.run.W.ravel())
        np.testing.assert_array_equal(weights[-k:], own.run.b.ravel())
        original = table[f"original units, {name}"].to_numpy()
        kept = result.coefficients_original_units[name].to_numpy()
        np.testing.assert_array_equal(original[:-k], kept)
        intercepts = result.intercepts[name].to_numpy()
        np.testing.assert_array_equal(original[-k:], intercepts)
        exact = table[f"optimum per SD, {name}"].to_numpy()
        np.testing.assert_array_equal(exact[:-k], result.optimum[name].to_numpy())
    assert set(table["feature"].iloc[-k:]) == {INTERCEPT}


def test_an_optimum_that_is_not_certain_says_so_in_the_name_of_its_column(made):
    source = made["numbers"]
    none, l1, l2 = source.result.optima
    stopped = replace(l1, status=Status.STOPPED)
    unknown = replace(none, status=Status.STOPPED, W=np.nan * none.W, b=np.nan * none.b)
    result = replace(source.result, optima=(unknown, stopped, l2))
    before, after = (
        coefficient_table(source),
        coefficient_table(replace(source, result=result)),
    )
    assert [name for name in after if name not in before] == [
        "optimum per SD, L1, not certain",
        "optimum original units, L1, not certain",
    ]
    np.testing.assert_array_equal(
        after["optimum per SD, L1, not certain"], before["optimum per SD, L1"]
    )
    assert after["optimum per SD, none"].isna().all()


def test_odds_ratios_are_of_two_classes_alone_and_are_those_of_one_step(made):
    assert not [c for c in coefficient_table(made["numbers"]) if "odds" in c]
    assert not [c for c in coefficient_table(made["three classes"]) if "odds" in c]
    of_two = made["two classes"]
    table = coefficient_table(of_two).set_index("feature")
    # By predictions: one more room multiplies the odds by the ratio.
    row = of_two.table.dropna().iloc[[0]]
    p = of_two.result.predict(row)["L2"].item()
    q = of_two.result.predict(row.assign(rooms=row["rooms"] + 1))["L2"].item()
    ratio = table.loc["rooms", "odds ratio of yes, original units, L2"]
    assert (q / (1 - q)) / (p / (1 - p)) == pytest.approx(ratio, rel=1e-9)


def test_the_optimum_in_original_units_predicts_as_least_squares_does(made):
    result = made["numbers"].result
    table = coefficient_table(made["numbers"]).set_index("feature")
    weights = table["optimum original units, none"]
    design = result.problem.design
    X = design.X * design.x_scale.deviation + design.x_scale.mean
    y = made["numbers"].table["price"].to_numpy()[design.rows]
    A = np.column_stack([X, np.ones(len(X))])
    fitted = A @ np.linalg.lstsq(A, y, rcond=None)[0]
    np.testing.assert_allclose(A @ weights.to_numpy(), fitted, rtol=1e-8)


def test_the_share_kept_stands_beside_the_weights_where_it_was_computed(made):
    result = made["numbers"].result
    stability = half_samples(result)
    table = coefficient_table(replace(made["numbers"], stability=stability))
    l1 = stability.table[stability.table["penalty"] == "L1"]
    kept = table["kept in half-samples, L1"]
    np.testing.assert_array_equal(kept.iloc[:-1], l1["kept"])
    assert np.isnan(kept.iloc[-1])


@every_case
def test_predictions_are_of_every_row_and_keep_what_is_locked(case, made):
    one = made[case]
    design = one.result.problem.design
    table = prediction_table(one)
    assert len(table) == len(one.table)
    for part, rows in (
        ("training", design.rows),
        ("held out", design.validation_rows),
        ("locked away", design.test_rows),
    ):
        assert table.index[table["part"] == part].tolist() == sorted(rows)
    columns = [name for name in table if name.startswith("predicted")]
    locked = table["part"] == "locked away"
    assert table.loc[locked, columns].isna().all(axis=None)
    classes = one.result.problem.design.classes
    told = classes[1:] if len(classes) == 2 else classes
    of = [f" probability of {name}" for name in told] or [""]
    assert columns == [
        f"predicted{part}, {penalty}" for penalty in PENALTIES for part in of
    ]
    opened = prediction_table(replace(one, opened=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = one.result.predict(one.table)
    np.testing.assert_array_equal(opened[columns], expected)
    np.testing.assert_array_equal(table.loc[~locked, columns], expected[~locked])


def test_the_marked_lam_of_cross_validation_are_those_of_the_path(made):
    settings = made["numbers"].result.settings
    path = regcore.regularization_path(made["numbers"].table, settings, folds=3)
    table = validation_table(replace(made["numbers"], path=path))
    for mark, column in (
        ("best", "lam_min"),
        ("within_one_standard_error", "lam_1se"),
    ):
        marked = table[table[mark]].set_index("penalty")["lam"]
        assert marked.to_dict() == path.best[column].to_dict()


def test_no_cell_of_a_table_that_leaves_is_a_formula(made):
    csv = FILES[0].make(made["numbers"]).decode("utf-8-sig")
    cells = pd.read_csv(io.StringIO(csv), dtype=str)["feature"]
    assert any("=house" in cell for cell in cells)
    assert not cells.str.match(r"[=+@-]").any()


def test_parquet_holds_the_table_and_what_it_was_made_of(made):
    one = made["two classes"]
    table = prediction_table(one)
    data = io.BytesIO(to_parquet(table, one))
    pd.testing.assert_frame_equal(
        pd.read_parquet(data), table, check_dtype=False, check_column_type=False
    )
    data.seek(0)
    kept = pq.read_schema(data).metadata[b"regcore"]
    assert settings_from_json(kept).fingerprint == one.fingerprint


@every_case
def test_saved_settings_give_the_same_numbers_to_the_last_bit(case):
    one = source(case, seconds=0.05, epochs=10**6, types={"rooms": "category"})
    saved = settings_from_json(settings_to_json(one))
    assert saved.reading == one.reading
    again = regcore.compare(
        regcore.read(raw(case), reading=saved.reading).table, saved.settings
    )
    np.testing.assert_array_equal(again.W, one.result.W)
    pd.testing.assert_frame_equal(again.history, one.result.history, check_exact=True)


def test_every_field_of_the_settings_is_saved():
    one = source()
    content = json.loads(settings_to_json(one))
    assert set(content["settings"]) == {field.name for field in fields(Settings)}
    assert set(content["reading"]) == {field.name for field in fields(regcore.Reading)}
    assert content["file"] == {"name": one.title, "sha256": one.fingerprint}


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["settings"].update(lam="many"),
        lambda c: c["settings"].update(lam=-1.0),
        lambda c: c["settings"].update(target=["a"]),
        lambda c: c["settings"].update(types=3),
        lambda c: c["settings"].update(split="by hand"),
        lambda c: c["settings"].update(colour="red"),
        lambda c: c["reading"].update(speed=3),
        lambda c: c.update(settings=[]),
        lambda c: c.update(version=99),
        lambda c: c.update(format="other"),
        lambda c: c.pop("file"),
        lambda c: c["settings"].pop("target"),
    ],
)
def test_settings_that_were_changed_by_hand_are_refused_in_a_sentence(change, made):
    content = json.loads(settings_to_json(made["numbers"]))
    change(content)
    with pytest.raises(DesignError, match=r"^[^\n]+\.$"):
        settings_from_json(json.dumps(content))


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", '"a"', "[" * 9999])
def test_a_text_that_holds_no_settings_is_refused_in_a_sentence(text):
    with pytest.raises(DesignError, match=r"^This is no file of settings[^\n]+\.$"):
        settings_from_json(text)


@pytest.mark.parametrize(
    ("fingerprint", "columns", "said"),
    [
        ("same", [], ""),
        (
            "other",
            ["price", "size"],
            "These settings were saved for «a.csv», and «b.csv» is another file; it "
            "has the columns, but gives other numbers.",
        ),
        (
            "other",
            ["size"],
            "These settings were saved for «a.csv», and «b.csv» is another file, "
            "without «price».",
        ),
    ],
)
def test_what_does_not_fit_another_file_is_said(fingerprint, columns, said, made):
    saved = settings_from_json(settings_to_json(made["numbers"]))
    saved = replace(saved, title="a.csv", fingerprint="same")
    assert saved.misfits("b.csv", fingerprint, columns) == said


@every_case
def test_the_lines_for_a_notebook_give_the_same_to_the_last_bit(
    case, tmp_path, monkeypatch
):
    one = source(case, seconds=0.05, epochs=10**6, without="kind = loft")
    path = regcore.regularization_path(
        one.table, one.result.settings, folds=3, l1_ratio=None, points=None
    )
    monkeypatch.chdir(tmp_path)
    (tmp_path / one.title).write_bytes(raw(case))
    found = {}
    exec(notebook_lines(replace(one, path=path)), found)
    np.testing.assert_array_equal(found["result"].W, one.result.W)
    pd.testing.assert_frame_equal(found["path"].best, path.best, check_exact=True)


def test_settings_without_a_time_are_left_as_they_are(made):
    result = made["numbers"].result
    assert reproducing(result) is result.settings


def test_the_archive_holds_every_file_that_there_is_under_names_that_tell(made):
    one = made["numbers"]
    archive = zipfile.ZipFile(io.BytesIO(bundle(one)))
    names = archive.namelist()
    there = [file for file in FILES if not file.needs(one)]
    assert [name.rpartition(" ")[2] for name in names] == [
        file.ending for file in there
    ]
    assert all(name.startswith(one.stem) for name in names)
    assert not set("".join(names)) & set("\"'/\\\n")
    assert [file.ending for file in FILES if file not in there] == [
        "path.csv",
        "validation.csv",
    ]


class Scripts(HTMLParser):
    """Whether a text leaves its place: addresses, and where scripts begin."""

    def __init__(self, text):
        super().__init__()
        self.scripts, self.addresses = 0, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.scripts += tag == "script"
        self.addresses += [value for name, value in attrs if name in ("src", "href")]


@pytest.fixture(scope="module")
def reported():
    """A report of a table whose names are hostile, with a question that was open."""
    data = raw("numbers").replace(b"rooms", b"</script><script>x")
    intake = regcore.read(data)
    settings = Settings(target="price", lam=4.0)
    result = regcore.compare(intake.table, settings)
    path = regcore.regularization_path(intake.table, settings, folds=3, l1_ratio=None)
    parts = (Part(words=("An answer <b>that</b> was open.",)),)
    one = Source(
        result=result,
        table=intake.table,
        title="</title>x.csv",
        fingerprint="0" * 64,
        reading=intake.reading,
        path=path,
        answers=(Answer("trust", "Can I trust the choice?", "Stability", parts),),
    )
    return one, report(one).decode()


def test_a_report_is_one_small_file_without_an_address_or_a_script_of_the_data(
    reported,
):
    _, text = reported
    found = Scripts(text)
    assert found.addresses == []
    assert found.scripts == 2
    assert len(text.encode()) < 2_000_000


def test_a_report_says_what_the_page_says_and_holds_what_was_open(reported):
    one, text = reported
    words = html.unescape(text)
    assert headline(one.result) in words
    assert all(sentence in words for sentence in in_words(one.result))
    assert "An answer &lt;b&gt;that&lt;/b&gt; was open." in text
    assert "Along λ" in words
    assert notebook_lines(one) in words
    assert settings_to_json(one) in words


def column(values):
    """Values of a column, and be they told by their places."""
    if isinstance(values, list):
        return values
    return [values["of"][place] for place in values["at"]]


def test_the_charts_of_a_report_hold_the_numbers_to_six_figures(reported):
    one, text = reported
    charts = json.loads(re.search(r"const charts = (.*);\n", text)[1])
    bars = next(t for t in charts[0]["columns"].values() if "weight" in t)
    bars = {name: column(values) for name, values in bars.items()}
    own = one.result.coefficients
    for feature, penalty, weight in zip(
        bars["feature"], bars["penalty"], bars["weight"], strict=True
    ):
        assert weight == pytest.approx(own.loc[feature, penalty], rel=1e-5)
    # The path is dragged in the browser: its parameter is there, each name once.
    (lines,) = [c["columns"]["lines"] for c in charts if "lines" in c["columns"]]
    assert sorted(lines["feature"]["of"]) == sorted(own.index)
    assert len(column(lines["feature"])) == len(column(lines["weight"]))


def test_pictures_are_what_they_say(made):
    assert picture_png(made["numbers"]).startswith(b"\x89PNG\r\n")
    svg = picture_svg(made["numbers"]).decode()
    assert svg.startswith("<svg")
    assert "target «price»" in svg
    assert "λ = 4" in svg


def test_the_charts_of_a_report_write_their_numbers_as_those_of_the_page(reported):
    _, text = reported
    config = json.loads(re.search(r"const config = (.*);", text)[1])
    assert config["numberFormat"] == NUMBERS.numberFormat
    assert config["locale"]["number"]["minus"] == "−"


def test_without_what_draws_a_report_says_what_to_install(made, monkeypatch):
    monkeypatch.setattr(pictures, "find_spec", lambda name: None)
    drawn = [file for file in FILES if file.needs(made["numbers"]) == pictures.NEEDED]
    assert [file.title for file in drawn] == ["Report", "Picture, PNG", "Picture, SVG"]


def test_of_models_that_diverged_nothing_leaves_that_speaks_of_their_weights():
    one = source(learning_rate=100.0, epochs=50)
    refused = [file.title for file in FILES if file.needs(one).startswith("Training d")]
    assert refused == [
        "Coefficients",
        "Predictions",
        "Predictions, Parquet",
        "Report",
        "Picture, PNG",
        "Picture, SVG",
    ]
