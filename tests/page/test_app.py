"""The page, path by path, without a browser."""

import io
import json
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
from altair.utils import schemapi
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import log_loss, r2_score
from sklearn.preprocessing import StandardScaler

from regcore import read
from regcore.compare import train
from regcore.comparison import PENALTIES
from regcore.page import capacity, controls, dataset, training
from regcore.questions import QUESTIONS, profile
from regcore.questions.cards.headline import headline, size_of_weights
from regcore.questions.cards.panels import MARGIN
from regcore.questions.cards.scores import metrics_here
from regcore.samples import PLANTED_WEIGHTS, SAMPLES
from regcore.settings import Repeats, Split, Task
from regcore.solve.runs import Outcome
from tests.sampled import CANCER, DIABETES, PLANTED, WINE, table_of
from tests.tables import mixed
from tests.visits import MARKUP, Visit, csv_of, plain

pytestmark = pytest.mark.first

WEIGHTS = "Weights of the features"
CURVES = "Loss over the epochs"


@pytest.fixture(scope="module", autouse=True)
def _charts_are_validated_elsewhere():
    # The schema takes longer than the rest of the page, and the charts' own tests
    # go through it.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schemapi, "validate_jsonschema", lambda *_, **__: None)
        yield


@pytest.fixture
def visit():
    return Visit()


@pytest.fixture
def trainings(monkeypatch):
    """Settings of every training the page starts, in order."""
    begun = []

    def counted(problem, settings, progress):
        begun.append(settings)
        return train(problem, settings, progress)

    monkeypatch.setattr(training, "train", counted)
    return begun


def houses(rows: int = 80, seed: int = 1) -> pd.DataFrame:
    """A table with a number, a class of three, a class of two and some gaps."""
    rng = np.random.default_rng(seed)
    size, age = rng.normal(100, 20, rows), rng.integers(0, 60, rows)
    place = rng.choice(["north", "south", "west"], rows)
    price = 3 * size - age + 20 * (place == "south") + rng.normal(0, 10, rows)
    size[:7] = np.nan
    return pd.DataFrame(
        {
            "size": size,
            "age": age,
            "place": place,
            "one value": 7,
            "sold": np.where(price + rng.normal(0, 30, rows) > 270, "yes", "no"),
            "price": price,
        }
    ).round(2)


HOUSES = csv_of(houses())


@pytest.fixture(scope="module")
def first():
    return Visit()


class TestFirstVisit:
    def test_three_models_of_a_sample_are_there_with_their_sparsity(self, first):
        assert first.usable()
        assert "Diabetes (regression)" in first.described
        counts = [re.fullmatch(r"(\d+) of 10", shown) for shown in first.nonzero]
        none, l1, l2 = (int(count[1]) for count in counts)
        assert none == l2 == 10
        assert 0 < l1 < 10

    def test_the_heads_are_in_the_order_none_l1_l2(self, first):
        heads = [metric.label for metric in first.at.main.metric]
        names = ["No penalty", "L1", "L2"]
        colours = ["gray", "blue", "orange"]
        assert heads == [
            f":{colour}[**{name}**] · non-zero weights"
            for colour, name in zip(colours, names, strict=True)
        ]

    def test_the_zeros_of_the_bars_are_those_of_the_number(self, first):
        for shown, bars in zip(first.nonzero, first.charts(WEIGHTS), strict=True):
            assert shown == f"{np.count_nonzero(bars['weight'])} of {len(bars)}"

    def test_the_headline_is_what_is_said_of_the_comparison(self, first):
        (title,) = first.at.main.title
        assert plain(title.value) == headline(first.comparison)

    def test_every_closed_question_has_the_fields_term_beside_its_title(self, first):
        labels = [plain(section.label) for section in first.at.main.expander]
        for question in (profile.QUESTION, *QUESTIONS):
            assert f"{question.title} :small[:gray[· {question.subtitle}]]" in labels

    def test_every_head_says_how_large_the_weights_are(self, first):
        for name in ("L1", "L2"):
            size = size_of_weights(first.comparison, name)
            assert any(
                plain(text.value).startswith(f":small[{size}]")
                for text in first.at.main.markdown
            )

    def test_every_chart_has_the_numbers_of_its_penalty(self, first):
        result = first.comparison
        for i, penalty in enumerate(PENALTIES):
            bars = first.charts(WEIGHTS)[i].set_index("feature")["weight"]
            assert dict(bars) == dict(result.coefficients[penalty])
            curves = first.charts(CURVES)[i].set_index("epoch")
            run = result.runs[i]
            assert curves["training"].iloc[-1] == run.train_loss[-1]
            assert curves["validation"].iloc[-1] == run.validation_loss[-1]

    def test_the_headline_names_the_numbers_shown_and_the_words_go_on(self, first):
        left, said = first.nonzero[1], plain(first.at.title[0].value)
        assert said.startswith(f"L1 keeps {left} features and L2 ")
        assert first.words.startswith("In words. L1 predicts ")
        assert said not in first.words

    def test_lambda_is_shown_beside_its_share(self, first):
        result = first.comparison
        lam, lam_max = result.settings.lam, result.problem.lam_max
        share = first.control("share").value
        assert lam == pytest.approx(share * lam_max)
        assert any(
            text.startswith(f"λ = {lam:.4g}; from {lam_max:.4g} on L1 has only zeros.")
            for text in first.captions
        )

    def test_the_sample_says_where_it_comes_from(self, first):
        assert "Efron, Hastie, Johnstone & Tibshirani (2004)" in first.notes

    def test_nothing_is_refused_and_nothing_is_warned_of(self, first):
        assert first.refusals == []
        assert first.notices == ""
        assert not first.at.warning

    def test_the_help_of_the_task_is_a_sentence(self, first):
        assert first.control("task").help == (
            "Proposed: regression (a number), because it is a number with many values."
        )


@pytest.mark.parametrize("sample", SAMPLES[1:], ids=lambda sample: sample.title)
def test_every_sample_is_drawn_with_its_target_and_its_origin(visit, sample):
    visit.take(sample)
    assert visit.usable()
    assert plain(visit.described).startswith(sample.title)
    assert f" on {sample.target} " in visit.described
    assert sample.origin in visit.notes


class TestUpload:
    def test_a_file_of_ones_own_is_read_proposed_and_trained(self, visit):
        visit.upload(HOUSES, "houses.csv")
        assert visit.usable()
        assert visit.described.startswith("houses.csv · 80 rows × 7 features")
        assert "Read as: UTF-8, comma." in visit.captions
        assert "regression on price" in visit.described
        # size, whether it was missing, age, three places and sold.
        features = set(visit.charts(WEIGHTS)[0]["feature"])
        assert features == set(visit.comparison.problem.design.features)
        assert "«one value»: " in visit.notes
        assert "size" in visit.notes

    def test_the_samples_cannot_be_chosen_while_there_is_a_file(self, visit):
        assert visit.upload(HOUSES).control("sample").disabled
        assert not visit.remove().control("sample").disabled
        assert "Diabetes" in visit.described

    def test_two_files_of_one_name_are_two_files(self, visit):
        visit.upload(HOUSES, "a.csv")
        before = visit.comparison
        visit.upload(csv_of(houses(seed=2)), "a.csv")
        assert visit.usable()
        assert visit.comparison.problem is not before.problem


class TestReading:
    def test_the_user_can_say_how_a_file_is_read_and_take_it_back(self, visit):
        visit.upload(HOUSES, "houses.csv")
        guessed = visit.described
        visit.set("header_row", 0)
        assert visit.usable()
        assert " 81 rows " in visit.described
        visit.at.button(key="guess again").click().run()
        assert visit.described == guessed
        assert visit.control("header_row").value == 1

    def test_the_first_lines_are_shown_and_a_click_moves_names_and_first_row(
        self, visit
    ):
        names = "S1,S2,S3"
        rows = "".join(f"{i % 7},{i * i % 11}.5,{i % 5}\n" for i in range(40))
        raw = f"Made by a tool\n{names}\nkg,m,s\n{rows}".encode()
        visit.upload(raw, "units.csv")

        def marked():
            lines = visit.at.sidebar.code[0].value.splitlines()
            return [line.split(maxsplit=2) for line in lines if line[0] != " "]

        def move(which, line):
            (pills,) = [
                pills
                for pills in visit.at.sidebar.get("button_group")
                if pills.key and pills.key.startswith(f"move {which}")
            ]
            pills.set_value(line).run()
            assert visit.usable()

        assert marked() == [
            ["names", "2", names],
            ["names", "3", "kg,m,s"],
            ["data", "4", "0,0.5,0"],
        ]
        move("header_row", 3)
        assert marked() == [["names", "3", "kg,m,s"], ["data", "4", "0,0.5,0"]]
        move("header_row", 2)
        move("first_row", 5)
        assert marked()[-1] == ["data", "5", "1,1.5,1"]
        assert " 39 rows " in visit.described
        move("header_row", None)
        assert [line[0] for line in marked()] == ["data"]

    def test_a_reading_that_leaves_no_table_can_be_taken_back(self, visit):
        visit.upload(HOUSES, "houses.csv").set("delimiter", "|")
        assert len(visit.refusals) == 1
        assert not visit.at.exception
        visit.at.button(key="guess again").click().run()
        assert visit.refusals == []
        assert visit.usable()


CONTROLS = {
    "share": (0.01, lambda r: r.settings.lam / r.problem.lam_max, 0.01),
    "rate": (0.01, lambda r: r.rate, 0.01),
    "epochs": (7, lambda r: r["none"].run.epochs, 7),
    "batch size": (5, lambda r: r.settings.batch_size, 5),
    "L1 step": ("textbook", lambda r: r["L1"].penalty.textbook, True),
    "held out": (50, lambda r: len(r.problem.design.validation_rows), 40),
    "seed": (3, lambda r: r.settings.seed, 3),
    "standardise": (
        False,
        lambda r: r.problem.design.x_scale.deviation[0],
        1.0,
    ),
    "missing": ("drop", lambda r: r.problem.n, 55),
    "features": (["age"], lambda r: r.problem.design.features, ("age",)),
}


class TestControls:
    @pytest.mark.parametrize("key", CONTROLS)
    def test_a_control_acts_at_once_on_what_it_names(self, visit, key):
        value, effect, expected = CONTROLS[key]
        visit.upload(HOUSES)
        before, losses = effect(visit.comparison), visit.words
        assert before != expected
        visit.set(key, value)
        assert visit.usable()
        assert effect(visit.comparison) == pytest.approx(expected)
        assert visit.words != losses

    def test_another_target_brings_its_own_task_and_features(self, visit):
        visit.upload(HOUSES).set("target", "place")
        assert visit.control("task").value == Task.MULTICLASS
        assert "price" in visit.control("features").options
        assert "place" not in visit.control("features").options
        assert "3 classes on place" in visit.described
        assert visit.usable()

    def test_the_task_can_be_chosen_otherwise_than_proposed(self, visit):
        visit.upload(HOUSES).set("target", "age").set("task", Task.MULTICLASS)
        assert visit.refusals == [
            "The target «age» has 53 different values, more than the 50 classes that "
            "can be trained; choose another target."
        ] or visit.refusals[0].startswith("The class «")
        assert visit.set("task", Task.REGRESSION).usable()

    def test_nothing_held_out_is_said_instead_of_a_score(self, visit):
        visit.set("held out", 0)
        assert visit.usable()
        assert "442 training rows, 0 held out" in visit.described
        assert sum("no rows are held out" in text for text in visit.sources()) == 3
        assert not any("nan" in text for text in visit.sources())
        for rows in visit.charts(CURVES):
            assert "training" in rows
            assert "validation" not in rows

    def test_every_figure_follows_when_rows_are_dropped_or_filled(self, visit):
        visit.upload(HOUSES)
        assert "7 rows with a missing feature dropped." not in visit.notes
        visit.set("missing", "drop")
        assert "7 rows with a missing feature dropped." in visit.notes

    def test_original_units_are_the_weights_a_user_can_apply(self, visit):
        scaled = visit.charts(WEIGHTS)[1]
        visit.set("units", "original")
        original = visit.charts(WEIGHTS)[1]
        assert list(scaled["feature"]) == list(original["feature"])
        result = visit.comparison
        expected = result.coefficients_original_units["L1"][original["feature"]]
        np.testing.assert_allclose(original["weight"], expected)
        assert not np.allclose(original["weight"], scaled["weight"])

    def test_the_switch_of_the_losses_changes_their_axis_only(self, visit, trainings):
        def scale():
            (spec,) = [
                json.loads(chart.proto.spec)
                for chart in visit.at.get("vega_lite_chart")
                if chart.proto.alt.startswith(CURVES)
            ]
            return spec["layer"][1]["encoding"]["y"]["scale"]["type"]

        assert scale() == "linear"
        visit.set("log loss", True)
        assert scale() == "log"
        assert visit.usable()
        assert trainings == []

    @pytest.mark.parametrize("log", [True, False])
    def test_the_switch_of_the_epochs_moves_them_along_their_axis(
        self, visit, trainings, log
    ):
        visit.set("log epochs", log)
        (curve, *_) = visit.charts(CURVES)
        last = visit.comparison.runs[0].epochs
        share = (curve["at"] - MARGIN) / (1 - 2 * MARGIN)
        expected = curve["epoch"] / last
        if log:
            expected = np.log(1 + curve["epoch"]) / np.log(1 + last)
        np.testing.assert_allclose(share, expected)
        assert trainings == []

    def test_the_class_selector_changes_the_bars_to_that_class(self, visit):
        visit.take(WINE).set("every feature", True)
        result = visit.comparison
        assert visit.control("class of").options == ["A", "B", "C"]
        visit.set("class of", "C")
        for i, bars in enumerate(visit.charts(WEIGHTS)):
            weights = bars.set_index("feature")["weight"]
            features = list(result.problem.design.features)
            np.testing.assert_array_equal(weights[features], result.W[i][:, 2])

    def test_two_classes_and_numbers_have_no_class_to_choose(self, visit):
        assert not [key for key in visit.values() if key.startswith("class of")]
        visit.take(CANCER)
        assert not [key for key in visit.values() if key.startswith("class of")]
        assert any(
            "A positive weight raises the odds of malignant" in c
            for c in visit.captions
        )

    def test_ten_bars_are_drawn_until_all_are_asked_for(self, visit):
        visit.take(CANCER)
        first = visit.charts(WEIGHTS)
        assert [len(bars) for bars in first] == [10, 10, 10]
        assert any(
            "10 of 30 features with the largest weights" in c for c in visit.captions
        )
        visit.set("every feature", True)
        for few, every in zip(first, visit.charts(WEIGHTS), strict=True):
            assert len(every) == 30
            assert list(every["feature"])[:10] == list(few["feature"])

    def test_a_small_table_has_nothing_more_to_show(self, visit):
        assert "every feature" not in visit.values()

    def test_until_told_otherwise_the_runs_go_on_until_they_have_converged(self, visit):
        runs = visit.comparison.runs
        assert visit.control("epochs").value is None
        assert [run.outcome for run in runs] == [Outcome.CONVERGED] * 3
        assert max(run.epochs for run in runs) > 500

    def test_what_no_second_was_left_for_is_said_and_can_be_gone_on_with(
        self, visit, monkeypatch
    ):
        monkeypatch.setattr(controls, "MOST_SECONDS", 1e-9)
        visit.set("seed", 1)
        (stopped, *_) = [text for text in visit.captions if "Stopped after" in text]
        epochs = visit.comparison.runs[0].epochs
        assert f"Stopped after 1e-09 s at epoch {epochs:,}, before settling." in stopped
        visit.at.button(key="converge").click().run()
        assert visit.control("epochs").value > 500
        assert not any("before settling" in text for text in visit.captions)

    def test_the_epochs_that_converge_are_set_by_a_button(self, visit):
        assert "converge" not in [button.key for button in visit.at.button]
        visit.set("epochs", 500)
        assert any(
            "Stopped after 500 epochs, before settling." in text
            for text in visit.captions
        )
        visit.at.button(key="converge").click().run()
        assert visit.control("epochs").value > 500
        assert not any("before settling" in text for text in visit.captions)
        assert "converge" not in [button.key for button in visit.at.button]
        assert visit.usable()


BAD_FILES = {
    "empty": (b"", "The file is empty"),
    "blank": (b"\n \n\t\n", "The file is empty"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(64), "This is a PNG image"),
    "workbook": (b"PK\x03\x04" + bytes(30) + b"xl/workbook.xml", "Excel workbook"),
    "web page": (b"<!doctype html><html><body>Sign in</body></html>", "a web page"),
    "names only": (b"a,b,c\n", "names but no rows"),
}

UNTRAINABLE = (
    ("one value", None, "has the same value in every row"),
    ("place", Task.REGRESSION, "and a regression needs one"),
    ("place", Task.BINARY, "has 3 values where two classes were"),
    ("sold", Task.MULTICLASS, "has two values; choose «two classes»"),
    ("lonely", None, "has one row"),
)


class TestRefusals:
    def test_a_bad_file_is_one_sentence_and_leaves_the_page_as_it_was(
        self, visit, trainings
    ):
        visit.upload(HOUSES, "houses.csv").set("share", 0.01).set("target", "place")
        trained, described, settings = len(trainings), visit.described, visit.values()
        for raw, sentence in BAD_FILES.values():
            visit.upload(raw, "bad *file*.csv")
            assert len(visit.refusals) == 1
            assert visit.refusals[0].startswith("bad *file*.csv: ")
            assert sentence in visit.refusals[0]
            (how,) = [e for e in visit.at.sidebar.expander if e.label.startswith("How")]
            assert not how.label.endswith(": ")
            assert visit.usable()
            assert (visit.described, visit.values()) == (described, settings)
        assert len(trainings) == trained

    def test_a_pasted_table_is_read_as_an_upload_is(self, visit):
        visit.upload(HOUSES, "houses.csv")
        said = visit.described
        visit.remove()
        visit.at.text_area(key="pasted").set_value(HOUSES.decode()).run()
        assert visit.usable()
        assert visit.described == said.replace("houses.csv", "Pasted table")
        visit.at.text_area(key="pasted").set_value("a,b,c").run()
        assert "Pasted table: The file has names but no rows" in visit.refusals[0]
        visit.at.text_area(key="pasted").set_value(" ").run()
        assert "Diabetes" in visit.described
        assert visit.refusals == []

    def test_of_two_sheets_the_larger_is_read_and_the_other_one_click_away(self, visit):
        more = b"w,v\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(30))
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w") as archive:
            archive.writestr("houses.csv", HOUSES)
            archive.writestr("squares.csv", more)
        visit.upload(sink.getvalue(), "both.zip")
        assert "regression on price" in visit.described
        visit.set("sheet", "squares.csv")
        assert "regression on v" in visit.described
        assert visit.refusals == []

    def test_a_bad_first_file_leaves_the_sample(self, visit):
        visit.upload(b"")
        assert len(visit.refusals) == 1
        assert "Diabetes" in visit.described
        assert visit.usable()
        assert visit.remove().refusals == []

    def test_a_good_file_ends_the_refusal(self, visit):
        visit.upload(b"").upload(HOUSES)
        assert visit.refusals == []
        assert "regression on price" in visit.described

    def test_an_untrainable_target_is_one_sentence_with_the_way_out(self, visit):
        table = houses()
        table["lonely"] = ["once", *["often"] * (len(table) - 1)]
        visit.upload(csv_of(table)).set("target", "price").set("log loss", True)
        for target, task, sentence in UNTRAINABLE:
            visit.set("target", target)
            if task is not None:
                visit.set("task", task)
            assert not visit.at.exception
            assert len(visit.refusals) == 1
            assert f"«{target}»" in visit.refusals[0]
            assert sentence in visit.refusals[0]
        visit.set("target", "price")
        assert visit.refusals == []
        assert visit.usable()
        assert visit.control("log loss").value is True

    def test_too_few_rows_are_refused_and_a_longer_file_is_not(self, visit):
        visit.upload(b"x,y\n" + b"1,2.5\n3,1.5\n" * 3)
        assert visit.refusals == [
            "Only 6 rows can be used, and at least 8 are needed; choose another "
            "target or a longer file."
        ]
        assert not visit.at.exception
        assert visit.upload(HOUSES).usable()

    def test_a_file_without_a_usable_feature_is_refused(self, visit):
        visit.upload(b"x,y\n" + b"".join(b"1,%d.5\n" % i for i in range(20)))
        assert len(visit.refusals) == 1
        assert visit.refusals[0].startswith("No feature can be used")

    def test_settings_survive_a_table_that_cannot_be_trained(self, visit):
        visit.set("share", 0.01).set("epochs", 7).set("units", "original")
        before = visit.values()
        visit.upload(b"x,y\n1,2\n3,4\n")
        assert visit.refusals
        assert visit.remove().values() == before
        assert visit.usable()


class TestSwitching:
    def test_another_file_keeps_nothing_of_the_last_one(self, visit):
        visit.upload(HOUSES).set("target", "place").set("features", ["size"])
        visit.set("class of", "west")
        visit.upload(csv_of(table_of(WINE)), "wine.csv").set("target", "cultivar")
        assert visit.usable()
        assert visit.control("target").options == list(table_of(WINE).columns)
        assert visit.control("features").value == []
        assert visit.control("class of").options == ["A", "B", "C"]
        # The heads speak of the size of the weights.
        text = " ".join(one for one in visit.sources() if not one.startswith(":small["))
        for name in ("size", "place", "price", "west"):
            assert name not in text

    def test_a_file_with_the_same_columns_in_another_order_is_read_anew(self, visit):
        table = houses()
        visit.upload(csv_of(table)).set("target", "age")
        visit.upload(csv_of(table[table.columns[::-1]]))
        assert visit.usable()
        assert visit.control("target").value != "age"

    def test_the_way_back_finds_what_was_chosen_there(self, visit, trainings):
        visit.upload(HOUSES).set("target", "place").set("features", ["size"])
        chosen, words = visit.values(), visit.words
        visit.remove()
        assert "Diabetes" in visit.described
        begun = len(trainings)
        visit.upload(HOUSES)
        assert visit.values() == chosen
        assert visit.words == words
        assert len(trainings) == begun

    def test_a_sample_shows_the_same_whatever_was_there_before(self, visit):
        shown = {}
        for sample in (PLANTED, WINE, DIABETES, PLANTED, DIABETES):
            visit.take(sample)
            assert visit.usable()
            known = ["true" in bars for bars in visit.charts(WEIGHTS)]
            assert known == [sample is PLANTED] * 3
            told = visit.described, visit.words, visit.nonzero
            assert shown.setdefault(sample.title, told) == told

    def test_true_weights_are_those_the_sample_was_made_with(self, visit):
        visit.take(PLANTED).set("units", "original").set("every feature", True)
        for bars in visit.charts(WEIGHTS):
            true = bars.set_index("feature")["true"]
            np.testing.assert_allclose(true[PLANTED_WEIGHTS.index], PLANTED_WEIGHTS)
        assert any("true weights" in text for text in visit.captions)

    def test_another_target_of_the_planted_sample_has_no_true_weights(self, visit):
        visit.take(PLANTED).set("target", "solo 1")
        assert visit.usable()
        assert not any("true" in bars for bars in visit.charts(WEIGHTS))


class TestMemory:
    def test_a_rerun_without_a_change_trains_nothing(self, trainings):
        visit = Visit()
        assert len(trainings) == 1
        visit.at.run()
        assert len(trainings) == 1
        assert visit.usable()

    def test_the_same_settings_again_come_from_memory(self, visit, trainings):
        before = visit.set("share", 0.1).words
        assert len(trainings) == 1
        visit.set("share", 0.01)
        assert len(trainings) == 2
        assert visit.words != before
        visit.set("share", 0.1)
        assert len(trainings) == 2
        assert visit.words == before

    def test_views_train_nothing(self, visit, trainings):
        visit.take(WINE)
        begun = len(trainings)
        visit.set("units", "original").set("log epochs", False)
        visit.set("log loss", True).set("class of", "C")
        assert len(trainings) == begun

    def test_every_setting_trains_once_and_with_that_setting(
        self, visit, trainings, monkeypatch, usual_seconds
    ):
        monkeypatch.setattr(controls, "MOST_SECONDS", usual_seconds)
        visit.set("seed", 4).set("epochs", 9).set("rate", 0.1)
        chosen = [(s.seed, s.epochs, s.seconds, s.learning_rate) for s in trainings]
        assert chosen == [
            (4, 1_000_000, 1.0, None),
            (4, 9, None, None),
            (4, 9, None, 0.1),
        ]

    def test_a_sample_is_read_once_for_all_visitors(self, visit, monkeypatch):
        monkeypatch.setattr(dataset, "read", None)
        assert Visit().described == visit.described

    def test_two_sessions_do_not_share_what_they_hold(self, visit, trainings):
        visit.upload(HOUSES)
        other = Visit()
        assert len(trainings) == 2
        assert "Diabetes" in other.described
        assert other.comparison is not visit.comparison


class TestWords:
    def test_a_divergence_is_said_with_a_rate_that_is_safe(self, visit):
        visit.set("rate", 5.0)
        assert visit.usable()
        (said,) = visit.refusals
        assert said.startswith("Training diverged for no penalty, L1 and L2")
        safe = float(re.search(r"learning rate of (\S+) would be safe", said)[1])
        # No blue line, no count, loss or sentence of what is good for nothing.
        assert visit.notices == ""
        assert not any("Circle" in text or "Grey" in text for text in visit.captions)
        assert visit.nonzero == ["–", "–", "–"]
        assert not any("Loss " in text for text in visit.captions)
        assert "In words" not in " ".join(visit.sources())
        outcomes = [text for text in visit.captions if " Diverged after" in text]
        assert len(outcomes) == 3
        assert all(
            text.endswith(f"{safe:g} would have been safe.") for text in outcomes
        )
        assert len(visit.heads) == 3
        assert all("R² –" in head and "RMSE –" in head for head in visit.heads)
        visit.set("rate", safe)
        assert "iverged" not in " ".join(visit.sources())
        assert visit.notices == ""
        visit.set("rate", 5.0)
        visit.at.button(key="do not diverge").click().run()
        assert visit.control("rate").value is None
        assert "iverged" not in " ".join(visit.sources())

    def test_everything_removed_is_said_with_the_strength_that_would_not(self, visit):
        visit.set("share", 1.0)
        assert visit.nonzero[1] == "0 of 10"
        found = re.search(
            r"From λ = (\S+) on L1 removes every weight .* smaller", visit.notices
        )
        assert float(found[1]) == pytest.approx(visit.comparison.problem.lam_max, 1e-3)
        visit.set("share", 0.891)
        assert visit.nonzero[1] != "0 of 10"
        assert visit.notices == ""

    def test_nothing_removed_is_said_with_the_strength_that_would(self, visit):
        visit.upload(b"x,y\n" + b"".join(b"%d,%d.5\n" % (i, 2 * i) for i in range(20)))
        visit.set("share", 0.01)
        assert visit.nonzero[1] == "1 of 1"
        assert "L1 removes no weight; it removes the first at about" in visit.notices

    def test_the_strength_that_would_is_looked_for_once(self, visit, monkeypatch):
        looks = []

        def look(result, progress):
            looks.append(result)
            return 0.5 * result.problem.lam_max

        monkeypatch.setattr(training, "first_zero", look)
        visit.upload(b"x,y\n" + b"".join(b"%d,%d.5\n" % (i, 2 * i) for i in range(20)))
        visit.set("share", 0.1)
        assert len(looks) == 1
        visit.set("log loss", True).set("units", "original")
        assert len(looks) == 1
        half = 0.5 * visit.comparison.problem.lam_max
        assert f"the first at about λ = {half:.3g}." in visit.notices
        visit.set("share", 0.2).set("share", 0.01)
        assert len(looks) == 1
        assert f"the first at about λ = {half:.3g}." in visit.notices
        visit.set("share", 0.631)
        assert len(looks) == 2

    def test_the_strength_that_would_is_looked_for_again_where_a_sign_differs(
        self, visit
    ):
        visit.upload(csv_of(mixed(19)))
        found = []
        for share in (0.0501, 0.00501, 0.0501):
            visit.set("share", share)
            assert visit.nonzero[1] == "4 of 4"
            first = float(
                re.search(r"the first at about λ = (\S+)\.", visit.notices)[1]
            )
            found.append(first / visit.comparison.problem.lam_max)
        assert found == pytest.approx([0.0683, 0.0098, 0.0683], rel=0.02)

    def test_separable_classes_are_named(self, visit):
        visit.take(WINE)
        said = [c for c in visit.captions if "the classes can be separated" in c]
        assert len(said) == 1
        visit.take(DIABETES)
        assert not any("separated" in text for text in visit.captions)


NASTY = "**b** $x$ :red[x] <b>"


@pytest.fixture(scope="module")
def odd():
    rng = np.random.default_rng(0)
    values = np.where(rng.random(60) < 0.7, "*yes*", "[no](http://x.y)")
    table = pd.DataFrame({"_a_": rng.standard_normal(60), "`c`": 1, NASTY: values})
    return Visit().upload(csv_of(table), "<i>**f**</i>.csv").set("target", NASTY)


class TestMarkup:
    def test_names_are_shown_letter_by_letter(self, odd):
        assert odd.usable()
        assert odd.described.startswith("<i>**f**</i>.csv · ")
        assert f"2 classes on {NASTY} · " in odd.described
        assert "«`c`»" in odd.notes
        assert list(odd.charts(WEIGHTS)[0]["feature"]) == ["_a_"]

    @pytest.mark.parametrize("name", [NASTY, "<i>**f**</i>.csv", "`c`", "*yes*"])
    def test_every_mark_in_a_name_is_escaped_wherever_it_stands(self, odd, name):
        text = "\n".join(odd.sources())
        assert name not in text
        assert re.sub(f"({MARKUP})", r"\\\1", name) in text

    def test_a_refusal_shows_the_name_as_it_is(self, visit):
        visit.upload(csv_of(pd.DataFrame({NASTY: [1] * 20, "x": range(20)})))
        visit.set("target", NASTY)
        assert f"«{NASTY}»" in visit.refusals[0]
        assert NASTY not in visit.at.error[0].value


class Independent:
    """The three models of a sample as scikit-learn fits them, on the page's rows."""

    def __init__(self, visit: Visit, sample) -> None:
        design, table = visit.comparison.problem.design, table_of(sample)
        X = table.drop(columns=sample.target).to_numpy(float)
        scaler = StandardScaler().fit(X[design.rows])
        self.X, self.X_out = (
            scaler.transform(X[rows]) for rows in (design.rows, design.validation_rows)
        )
        y = table[sample.target].to_numpy()
        self.y, self.y_out = y[design.rows], y[design.validation_rows]

    def scale_target(self) -> None:
        """Put the target to mean 0 and deviation 1, as the page does."""
        scaler = StandardScaler().fit(self.y[:, np.newaxis])
        self.y, self.y_out = (
            scaler.transform(y[:, np.newaxis])[:, 0] for y in (self.y, self.y_out)
        )


def figures(visit: Visit) -> list[tuple[float, float, float]]:
    """Score, training loss and validation loss of each card."""
    first = r"\n:small\[.*? \*\*([\d.]+)(?: ?%)?\*\*"
    scores = [
        float(re.search(first, text.value)[1])
        for text in visit.at.main.markdown
        if text.value.startswith(":small[")
    ]
    losses = [
        (float(found[1]), float(found[2]))
        for text in visit.captions
        if (found := re.search(r"Loss (\S+) training · (\S+) validation\.", text))
    ]
    return [(score, *pair) for score, pair in zip(scores, losses, strict=True)]


class TestNumbers:
    def test_a_regression_shows_what_scikit_learn_computes(self, visit):
        visit.set("share", 0.1).set("epochs", 100_000)
        sk = Independent(visit, DIABETES)
        sk.scale_target()
        lam = 0.1 * np.abs(sk.X.T @ sk.y).max()
        models = (
            LinearRegression(),
            Lasso(alpha=lam / len(sk.y), tol=1e-12, max_iter=100_000),
            Ridge(alpha=lam),
        )
        expected = []
        for i, model in enumerate(models):
            model.fit(sk.X, sk.y)
            trained, held_out = model.predict(sk.X), model.predict(sk.X_out)
            expected.append(
                (
                    r2_score(sk.y_out, held_out),
                    0.5 * np.mean((trained - sk.y) ** 2),
                    0.5 * np.mean((held_out - sk.y_out) ** 2),
                )
            )
            bars = visit.charts(WEIGHTS)[i].set_index("feature")["weight"]
            features = list(table_of(DIABETES).columns[:-1])
            np.testing.assert_allclose(bars[features], model.coef_, atol=1e-4)
            count = np.count_nonzero(model.coef_)
            assert visit.nonzero[i] == f"{count} of 10"
        np.testing.assert_allclose(figures(visit), expected, atol=6e-4, rtol=0)
        assert any(text.startswith(f"λ = {lam:.4g};") for text in visit.captions)

    @pytest.mark.parametrize("sample", [CANCER, WINE], ids=lambda s: s.title)
    def test_classes_show_what_scikit_learn_computes(self, visit, sample):
        visit.take(sample).set("share", 0.1).set("epochs", 5_000)
        accuracy = [one.name for one in metrics_here(visit.comparison)].index(
            "accuracy"
        )
        visit.set("scores of", [accuracy])
        sk = Independent(visit, sample)
        lam = visit.comparison.settings.lam
        tight = {"C": 1 / lam, "tol": 1e-8, "max_iter": 50_000}
        models = {
            1: LogisticRegression(l1_ratio=1, solver="saga", random_state=0, **tight),
            2: LogisticRegression(l1_ratio=0, **tight),
        }
        for i, model in models.items():
            model.fit(sk.X, sk.y)
            expected = (
                100 * model.score(sk.X_out, sk.y_out),
                log_loss(sk.y, model.predict_proba(sk.X)),
                log_loss(sk.y_out, model.predict_proba(sk.X_out)),
            )
            np.testing.assert_allclose(figures(visit)[i], expected, rtol=1e-3)
            count = np.count_nonzero(model.coef_)
            assert visit.nonzero[i] == f"{count} of {model.coef_.size}"

    def test_the_strength_is_a_share_of_the_one_where_all_is_zero(self, visit):
        visit.take(CANCER)
        sk = Independent(visit, CANCER)
        y = (sk.y == "malignant").astype(float)
        lam_max = np.abs(sk.X.T @ (y - y.mean())).max()
        visit.set("share", 0.1)
        assert any(
            f"λ = {0.1 * lam_max:.4g}; from {lam_max:.4g} on L1" in text
            for text in visit.captions
        )

    def test_the_difference_to_no_penalty_is_that_of_the_scores(self, visit):
        visit.set("share", 0.1)
        scores = [score for score, *_ in figures(visit)]
        said = [
            float(found[1].replace("−", "-"))
            for text in visit.at.main.markdown
            if (found := re.search(r"gray\[([+−][\d.]+) against", plain(text.value)))
        ]
        expected = [score - scores[0] for score in scores[1:]]
        np.testing.assert_allclose(said, expected, atol=1.1e-3)


@pytest.mark.parametrize("raw", [HOUSES, b"\n\n"], ids=["read", "refused"])
def test_an_uploaded_file_is_read_once_whatever_is_touched_after(
    visit, monkeypatch, raw
):
    begun = []

    def counted(content, **options):
        begun.append(len(content))
        return read(content, **options)

    monkeypatch.setattr(capacity, "read", counted)
    visit.upload(raw)
    visit.set("share", 0.2)
    visit.set("epochs", 50)
    assert begun.count(len(raw)) == 1


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"split": Split.HASH, "repeats": Repeats.TOGETHER}, "choose a key that they"),
        ({"held out": 50, "locked": 50}, "must leave a tenth to train on"),
    ],
)
def test_choices_that_do_not_go_together_are_refused_and_can_be_taken_back(
    chosen, sentence
):
    visit = Visit()
    before = visit.nonzero
    for key, value in chosen.items():
        visit.set(key, value)
    assert not visit.at.exception
    [refusal] = visit.refusals
    assert sentence in refusal
    # Every control is still there, and what it was set to.
    for key, value in chosen.items():
        assert visit.control(key).value == value
    visit.set("split", Split.RANDOM).set("repeats", Repeats.APART)
    visit.set("locked", 0).set("held out", 25)
    assert visit.refusals == []
    assert visit.nonzero == before
