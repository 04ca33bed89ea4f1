"""The test rows: what is said before they are opened, when they are, and after."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import accuracy_score, r2_score

from regcore import Settings, compare
from regcore.questions.judgement import Answer, Judgement
from regcore.questions.last_word import OPENED, QUESTION
from regcore.questions.last_word.answer import last_word
from regcore.questions.last_word.chart import scores_apart
from regcore.questions.last_word.words import before, hint, in_words, wait
from regcore.questions.question import Done, Looks, answer
from tests.questions.test_questions import Plain, panels
from tests.tables import table


def compared(task="regression", **chosen):
    chosen = {"lam": 8.0, "test_share": 0.25, "epochs": 200, **chosen}
    return compare(table(task, n=120, p=4), Settings("y", **chosen))


@pytest.fixture(scope="module")
def result():
    return compared()


@pytest.fixture(scope="module")
def word(result):
    return last_word(result, Looks(locked=20, exposed=1))


def test_the_scores_are_those_of_the_predictions(result, word):
    rows = result.problem.design.test_rows
    frame = table(n=120, p=4).iloc[rows]
    predicted = result.predict(frame)
    for i, penalty in enumerate(predicted):
        score = r2_score(frame["y"], predicted[penalty])
        assert word.measured[0].values[i] == pytest.approx(score, 1e-10)
        assert word.scores[0].values[i] == f"{score:.3f}".replace("-", "−")
    assert word.rows == len(rows) == 30


def test_the_models_are_judged_by_a_paired_test_on_the_rows_opened(result, word):
    design = result.problem.design
    losses = [
        ((design.test[:] @ W + b - design.Y_test) ** 2)[:, 0]
        for W, b in zip(result.W, result.b, strict=True)
    ]
    for own, judgement in zip(losses[1:], word.judgements, strict=True):
        test = stats.ttest_rel(own, losses[0])
        side = "better" if test.statistic < 0 else "worse"
        clear = test.pvalue < 0.05
        assert judgement.answer == (side if clear else Answer.UNCLEAR)
        ratio = judgement.difference / judgement.margin * stats.t.ppf(0.975, 29)
        assert ratio == pytest.approx(test.statistic, rel=1e-3)


def test_of_classes_too():
    result = compared("multiclass")
    word = last_word(result, Looks(1, 0))
    frame = table("multiclass", n=120, p=4).iloc[result.problem.design.test_rows]
    predicted = result.predict(frame)
    for i, penalty in enumerate(("none", "L1", "L2")):
        classes = predicted[penalty].idxmax(axis=1)
        score = accuracy_score(frame["y"].astype(str), classes.astype(str))
        assert word.measured[0].values[i] == pytest.approx(score)


JUDGED = (
    Judgement("RMSE", 3.0, 3.2, -0.2, 0.1),
    Judgement("RMSE", 3.21, 3.2, 0.01, 0.1),
)


def with_values(word, now, then):
    """The same word with these scores, as text and as numbers."""

    def shown(values):
        return tuple(f"{value:.2f}" for value in values)

    return replace(
        word,
        measured=(replace(word.measured[0], values=np.array(now)),),
        measured_before=(replace(word.measured_before[0], values=np.array(then)),),
        scores=(replace(word.scores[0], values=shown(now)),),
        scores_before=(replace(word.scores_before[0], values=shown(then)),),
        judgements=JUDGED,
    )


def test_what_the_rows_say_is_said_with_the_looks_before_it(word):
    word = with_values(word, (0.41, 0.45, 0.4), (0.43, 0.47, 0.48))
    assert in_words(Done(word, since=0)) == (
        "At λ = 8 the 30 test rows say: R² 0.41 with no penalty, 0.45 with L1 and 0.40 "
        "with L2.",
        "L1 predicts better than no penalty: RMSE 3.00 instead of 3.20 (−0.20 ± 0.10).",
        "L2 predicts neither clearly better nor worse than no penalty: RMSE 3.21 "
        "instead of 3.20 (+0.01 ± 0.10).",
        "On the rows held out the best of the three was L2 with 0.48; here it has "
        "0.40.",
        "Before that the scores of 21 settings on the rows held out had been looked "
        "at, 1 of them before all of these rows were locked away.",
        "The last word has been spoken: what you choose from here on, these rows "
        "cannot judge.",
    )


def test_the_best_of_an_error_is_the_smallest(word):
    errors = with_values(word, (3.0, 2.0, 1.0), (2.5, 2.75, 3.0))
    smaller = replace(errors.measured[0].metric, larger=False)
    errors = replace(errors, measured=(replace(errors.measured[0], metric=smaller),))
    assert in_words(Done(errors, 0))[3] == (
        "On the rows held out the best of the three was no penalty with 2.50; here it "
        "has 3.00."
    )


@pytest.mark.parametrize(
    ("looks", "sentence"),
    [
        (Looks(0, 0), "Before that no scores on rows held out had been looked at."),
        (
            Looks(1, 0),
            "Before that the scores of 1 setting on the rows held out had been looked "
            "at.",
        ),
        (
            Looks(0, 2),
            "Before that the scores of 2 settings on the rows held out had been looked "
            "at, before all of these rows were locked away.",
        ),
    ],
)
def test_looks_are_counted_in_words(word, looks, sentence):
    assert sentence in in_words(Done(replace(word, looks=looks), 0))


@pytest.mark.parametrize(
    ("since", "sentence"),
    [
        (
            1,
            "The last word has been spoken: 1 other setting has shown its score since, "
            "and these rows cannot judge a choice that was made after they had been "
            "seen.",
        ),
        (
            3,
            "The last word has been spoken: 3 other settings have shown their scores "
            "since, and these rows cannot judge a choice that was made after they had "
            "been seen.",
        ),
    ],
)
def test_looks_after_the_last_word_are_counted(word, since, sentence):
    assert in_words(Done(word, since))[-1] == sentence


def test_two_strengths_are_both_named():
    word = last_word(compared(lam_l2=3.0), Looks(1, 0))
    assert in_words(Done(word, 0))[0].startswith(
        "At λ = 8 for L1 and 3 for L2 the 30 test rows say: R² "
    )


def test_without_rows_held_out_there_is_nothing_to_set_beside():
    word = last_word(compared(validation_share=0), Looks(0, 0))
    assert word.written[0][1] == word.scores[0].values
    assert len(in_words(Done(word, 0))) == 5


def test_before_they_are_opened_nothing_of_them_is_said(result):
    assert before(result, Looks(4, 1)) == (
        "30 rows are locked away: no model was trained on them, and no score is of "
        "them. When λ and all else is chosen, open them: they say what the three "
        "models are worth on rows that nothing was chosen by. It can be done once.",
        "So far the scores of 5 settings on the rows held out have been looked at, 1 "
        "of them before all of these rows were locked away.",
    )


def test_without_rows_locked_away_it_says_why_and_how_to():
    assert hint(Looks(7, 0)) == (
        "No rows are locked away.",
        "So far the scores of 7 settings on the rows held out have been looked at.",
        "The best of many looks is better than it will be on new rows. To have rows "
        "that judge the choice at the end, lock a share of them away: on the left, "
        "under «More».",
    )


def test_what_diverged_opens_nothing():
    result = compared(learning_rate=5.0)
    reader = Plain(result, on=True)
    (part,) = answer(QUESTION, reader)
    assert part.words == wait(("none", "L1", "L2"))
    assert part.words == (
        "Training diverged for no penalty, L1 and L2, so there is nothing to judge "
        "yet; the test rows stay locked away.",
    )
    assert reader.asked == []


def test_the_button_is_offered_until_they_are_opened(result, word):
    reader = Plain(result, on=True)
    assert not panels(answer(QUESTION, reader))
    assert reader.asked == [OPENED]
    reader = Plain(result, on=True)
    reader.opened[OPENED.name] = Done(word, 0)
    chart, text = panels(answer(QUESTION, reader))
    assert reader.asked == []
    assert chart.figure is not None
    assert [paragraph.heading for paragraph in text.paragraphs] == [
        f"{score.name} on the 30 test rows" for score in word.scores
    ]
    penalty, line = text.paragraphs[0].lines[1]
    now, then = word.scores[0].values[1], word.scores_before[0].values[1]
    assert (penalty, line) == ("L1", f"{now} (held out {then})")


def test_the_word_stays_when_no_row_is_locked_away_any_more(word):
    reader = Plain(compared(test_share=0), on=True)
    reader.opened[OPENED.name] = Done(word, 2)
    (part,) = answer(QUESTION, reader)
    assert part.words == in_words(Done(word, 2))


def test_the_chart_has_both_scores_of_each_model(word):
    chart = scores_apart(word).to_dict()
    (rows,) = chart["datasets"].values()
    values = {(row["model"], row["rows"]): row["value"] for row in rows}
    assert len(values) == 6
    assert values["L1", "test"] == word.measured[0].values[1]
    assert values["No penalty", "held out"] == word.measured_before[0].values[0]
    kinds = [layer["mark"].get("filled") for layer in chart["layer"]]
    assert kinds == [None, False, True]


def test_the_chart_without_rows_held_out_has_the_test_rows_alone():
    word = last_word(compared(validation_share=0), Looks(0, 0))
    chart = scores_apart(word).to_dict()
    (rows,) = chart["datasets"].values()
    assert {row["rows"] for row in rows} == {"test"}
    assert len(chart["layer"]) == 2
