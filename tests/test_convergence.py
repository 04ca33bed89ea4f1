"""Train to convergence: an estimate that says how far it is and can be stopped."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from regcore.compare import epochs_to_converge
from regcore.compare import train as train_again
from regcore.comparison import Comparison
from regcore.page import bursts, convergence
from regcore.solve.runs import Outcome
from tests.sampled import CANCER, compare_sample
from tests.tables import TASKS, table, train
from tests.visits import Visit, csv_of


def needed(result: Comparison, epochs: float) -> list[int]:
    """Epochs after which the runs converge, by running them."""
    settings = replace(result.settings, epochs=int(epochs))
    runs = train_again(result.problem, settings).runs
    assert [run.outcome for run in runs] == [Outcome.CONVERGED] * len(runs)
    return [run.epochs for run in runs]


def leaning(seed: int) -> pd.DataFrame:
    """Return columns that are almost one, so that a sum of weights creeps."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((60, 1)) + 0.1 * rng.standard_normal((60, 5))
    y = X @ rng.standard_normal(5) + 0.3 * rng.standard_normal(60)
    return pd.DataFrame(X, columns=list("abcde")).assign(y=y)


@pytest.mark.parametrize("share", [0.001, 0.01, 0.1])
@pytest.mark.parametrize("factor", [0.1, 1.0, 1.9])
@pytest.mark.parametrize("seed", range(4))
def test_for_squared_error_the_estimate_is_what_the_descent_needs(seed, factor, share):
    data = leaning(seed)
    posed = train(data, epochs=1)
    rate, lam = factor * posed.rate, share * posed.problem.lam_max
    result = train(data, epochs=5, learning_rate=rate, lam=lam)
    estimates = epochs_to_converge(result)
    for estimate, epochs in zip(estimates, needed(result, max(estimates)), strict=True):
        assert epochs <= estimate <= 1.001 * epochs + 2


@pytest.mark.parametrize("task", TASKS[1:])
@pytest.mark.parametrize("seed", range(4))
def test_for_classes_the_estimate_is_hardly_more_than_the_descent_needs(task, seed):
    data = table(task, seed=seed)
    result = train(data, epochs=20)
    estimates = epochs_to_converge(result)
    for estimate, epochs in zip(estimates, needed(result, max(estimates)), strict=True):
        assert epochs <= estimate <= 1.1 * epochs + 2


def test_a_weight_that_creeps_out_along_a_flat_direction_is_waited_for():
    # Both twins fit as well; L1 alone takes the smaller one out, a little every step.
    rng = np.random.default_rng(0)
    x = rng.standard_normal(50)
    data = pd.DataFrame({"a": x, "b": 0.98 * x, "y": x + rng.standard_normal(50)})
    result = train(data, epochs=100, standardise=False, lam=1.0)
    assert np.count_nonzero(result["L1"].run.W) == 2
    assert np.count_nonzero(result["L1"].optimum.W) == 1
    estimate = epochs_to_converge(result)[1]
    epochs = needed(result, estimate)[1]
    assert 1000 < epochs <= estimate <= epochs + 2


def test_a_flat_direction_along_which_nothing_is_missing_costs_no_epochs():
    # The twins differ by z alone, and the target knows nothing of z.
    rng = np.random.default_rng(0)
    ones = np.ones((40, 1))
    Q = np.linalg.qr(np.hstack([ones, rng.standard_normal((40, 3))]))[0]
    x, z, noise = 6.0 * Q[:, 1:].T
    data = pd.DataFrame({"a": x + 1e-3 * z, "b": x - 1e-3 * z, "y": x + noise})
    chosen = {"standardise": False, "validation_share": 0, "lam": 1e-3}
    result = train(data, epochs=1, learning_rate=0.1, **chosen)
    estimates = epochs_to_converge(result)
    assert max(estimates) < 200
    assert needed(result, max(estimates)) <= list(estimates)


def test_the_estimate_says_how_much_is_done_and_ends_where_it_is_told_to():
    result = compare_sample(CANCER, epochs=20)
    shares = []
    assert epochs_to_converge(result, shares.append) == epochs_to_converge(result)
    assert shares == sorted(shares)
    assert 0 < shares[-1] < 1

    def stop(share: float) -> None:
        raise InterruptedError(share)

    with pytest.raises(InterruptedError):
        epochs_to_converge(result, stop)


def cancelled_at_once(result, progress):
    """What a click on Cancel does to a run that is under way."""
    progress(0.5)
    st.session_state["cancelled"] = dict([st.session_state["wanted"]])
    st.rerun()


def test_a_cancelled_estimate_changes_nothing_and_can_be_asked_for_again(monkeypatch):
    visit = Visit().set("epochs", 500)
    before = visit.values(), visit.nonzero
    with monkeypatch.context() as patch:
        patch.setattr(convergence, "epochs_to_converge", cancelled_at_once)
        visit.at.button(key="converge").click().run()
    assert (visit.values(), visit.nonzero) == before
    assert visit.usable()
    assert not visit.at.warning
    visit.at.run()
    assert (visit.values(), visit.nonzero) == before
    visit.at.button(key="converge").click().run()
    assert visit.control("epochs").value > 500


def test_an_estimate_left_behind_is_forgotten_with_its_settings(monkeypatch):
    visit = Visit().set("epochs", 500)
    asked = []

    def left(result, progress):
        asked.append(result.settings)
        st.stop()

    monkeypatch.setattr(convergence, "epochs_to_converge", left)
    # Whoever leaves has seen the page: what waits to be sent is lost with the run.
    monkeypatch.setattr(bursts, "LONGEST", 0.0)
    visit.at.button(key="converge").click().run()
    visit.set("share", 0.2).set("share", 0.1)
    assert len(asked) == 1
    assert visit.control("epochs").value == 500
    assert visit.usable()


def test_mini_batches_get_a_sentence_where_the_button_would_be():
    visit = Visit().set("batch size", 32)
    assert not [button for button in visit.at.button if button.key == "converge"]
    assert "as a rule hovers around its optimum" in visit.small_print
    assert epochs_to_converge(visit.comparison) == (np.inf,) * 3
    # A batch of all rows is a full step, which settles.
    visit.set("batch size", 1000).set("epochs", 500)
    visit.at.button(key="converge").click().run()
    outcomes = [run.outcome for run in visit.comparison.runs]
    assert outcomes == [Outcome.CONVERGED] * 3
    assert "hovers" not in visit.small_print


def test_too_many_epochs_are_blamed_on_the_learning_rate_where_it_is_the_cause():
    visit = Visit().upload(csv_of(table())).set("epochs", 500).set("rate", 1e-6)
    visit.at.button(key="converge").click().run()
    assert "because the learning rate 1e−06 is below the safe" in visit.notices
    assert visit.control("epochs").value == 500


def test_too_many_epochs_are_blamed_on_the_data_where_no_rate_helps(monkeypatch):
    visit = Visit().set("epochs", 500)
    monkeypatch.setattr(convergence, "epochs_to_converge", lambda *_: (501, 501, 1e9))
    visit.at.button(key="converge").click().run()
    assert "hardly bends the loss" in visit.notices


def test_where_the_estimate_falls_short_the_page_says_so_and_the_next_is_larger(
    monkeypatch,
):
    visit = Visit().set("epochs", 500)

    def short(result, progress):
        return tuple(run.epochs + 1 for run in result.runs)

    monkeypatch.setattr(convergence, "epochs_to_converge", short)
    for epochs in (501, 502):
        visit.at.button(key="converge").click().run()
        assert visit.control("epochs").value == epochs
        assert f"Stopped after {epochs} epochs, before settling." in visit.small_print


def test_what_has_converged_does_not_cut_the_others_short(monkeypatch):
    visit = Visit().set("epochs", 500)
    monkeypatch.setattr(convergence, "epochs_to_converge", lambda *_: (20, 20, 1e9))
    visit.at.button(key="converge").click().run()
    assert visit.control("epochs").value == 500
    assert "about 1e+09 epochs" in visit.notices
