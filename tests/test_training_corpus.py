"""Real messy files from bytes to three models; they are no part of the repository."""

import pytest

from tests.corpus_report import corpus_folder
from tests.training_report import adversarial_files, checked, open_files, rate, train

if not (corpus_folder() / "open" / "MANIFEST.tsv").exists():
    pytest.skip(
        f"the collection of files is not at {corpus_folder()}", allow_module_level=True
    )

pytestmark = pytest.mark.first


@pytest.fixture(scope="module")
def files():
    return [train(wanted, wanted.path.read_bytes()) for wanted in open_files()]


@pytest.fixture(scope="module")
def cases():
    return [train(wanted, raw) for wanted, raw in adversarial_files()]


def trainable(files):
    return [done for done in files if done.wanted.train == "yes" and done.runs]


def test_every_file_trains_with_finite_results_or_is_refused_in_a_sentence(files):
    assert not [done.wanted.name for done in files if done.outcome == "not finite"]
    for done in files:
        assert bool(done.runs) != done.sentence.endswith(".")


def test_files_that_can_be_trained_are_trained(files):
    wanted = [done.right for done in files if done.wanted.train == "yes"]
    assert sum(wanted) >= 0.97 * len(wanted), rate(wanted)


def test_leaks_are_named_and_hardly_anything_else_is(files):
    leaky = [bool(done.leaks) for done in trainable(files) if done.wanted.leaks]
    clean = [bool(done.leaks) for done in trainable(files) if not done.wanted.leaks]
    assert all(leaky), rate(leaky)
    assert sum(clean) <= 0.05 * len(clean), rate(clean)


def test_the_target_and_the_task_are_proposed_as_a_person_would(files):
    known = [done for done in trainable(files) if done.wanted.target]
    hits = [done.proposed == done.target for done in known]
    tasks = [done.task == done.wanted.task for done in known]
    assert sum(hits) >= 0.7 * len(hits), rate(hits)
    assert sum(tasks) >= 0.97 * len(tasks), rate(tasks)


READ_NOW = {"gz_renamed.csv"}
"""Wanted refused when the collection was made; the table in an archive is read."""


def test_hostile_files_come_out_right(cases):
    cases = [done for done in cases if done.wanted.name not in READ_NOW]
    assert not [done.wanted.name for done in cases if not done.right]
    assert not [done.wanted.name for done in cases if not checked(done)]
