"""Who computes when: in the order of arrival, and no place is ever lost."""

import ast
import itertools
import threading
from contextlib import contextmanager

import pytest

from regcore import comparison, problem
from regcore.model.metrics import measure
from regcore.model.scores import score
from regcore.page import computing, take
from regcore.page.computing import in_turn
from regcore.page.turns import Turns
from regcore.solve.uniqueness import l1_has_many_optima
from tests.conftest import ROOT
from tests.visits import Visit

SOON = 0.005
"""Seconds between two looks of who waits."""


class Visitor:
    """Waits for a place in a thread of its own, and holds it until told to go."""

    def __init__(self, turns: Turns, owner: object = None) -> None:
        self._turns, self.owner = turns, owner or self
        self.numbers: list[int] = []
        self._heard, self._leave = threading.Condition(), threading.Event()
        self.gives_up = False
        self.has_place = threading.Event()
        self._thread = threading.Thread(target=self._visit, daemon=True)
        self._thread.start()

    def _visit(self) -> None:
        try:
            with self._turns.turn(self.owner, self._wait, SOON):
                self.has_place.set()
                self._leave.wait()
        except InterruptedError:
            pass

    def _wait(self, number: int) -> None:
        if self.gives_up:
            raise InterruptedError
        with self._heard:
            self.numbers.append(number)
            self._heard.notify_all()

    def hears(self, number: int) -> bool:
        """Whether it is told this number, sooner or later."""
        with self._heard:
            return self._heard.wait_for(lambda: number in self.numbers, 20)

    def go(self) -> None:
        """Give the place, or the waiting, up."""
        self.gives_up = True
        self._leave.set()
        self._thread.join(20)
        assert not self._thread.is_alive()


@pytest.fixture
def queue():
    """Two who have the places, then three who wait, in order."""
    turns = Turns(2)
    visitors = []
    for number in (0, 0, 1, 2, 3):
        visitor = Visitor(turns)
        assert visitor.hears(number) if number else visitor.has_place.wait(20)
        visitors.append(visitor)
    yield visitors
    for visitor in visitors:
        visitor.go()


def test_who_came_first_has_the_next_place_and_the_others_move_up(queue):
    _, second, third, fourth, fifth = queue
    second.go()
    assert third.has_place.wait(20)
    assert fourth.hears(1)
    assert fifth.hears(2)
    assert not fourth.has_place.is_set()
    queue[0].go()
    assert fourth.has_place.wait(20)
    assert not fifth.has_place.is_set()
    assert fifth.numbers == sorted(fifth.numbers, reverse=True)


def test_who_gives_up_waiting_leaves_the_queue_to_those_behind(queue):
    first, _, third, fourth, fifth = queue
    third.go()
    assert fourth.hears(1)
    assert fifth.hears(2)
    assert not third.has_place.is_set()
    first.go()
    assert fourth.has_place.wait(20)


def test_a_computation_that_fails_gives_its_place_back():
    turns = Turns(1)
    for _ in range(3):
        with pytest.raises(ValueError, match="no"), turns.turn("me", pytest.fail, SOON):
            raise ValueError("no")
    with turns.turn("me", pytest.fail, SOON):
        pass


def test_nobody_waits_while_a_place_is_free():
    turns = Turns(2)
    with turns.turn("me", pytest.fail, SOON), turns.turn("you", pytest.fail, SOON):
        pass


def test_who_is_busy_has_no_second_place_and_keeps_nobody_from_it():
    turns = Turns(2)
    busy = Visitor(turns)
    assert busy.has_place.wait(20)
    again = Visitor(turns, owner=busy)
    assert again.hears(1)
    other = Visitor(turns)
    assert other.has_place.wait(20)
    assert not again.has_place.is_set()
    late = Visitor(turns)
    assert late.hears(1)
    # What is asked for while one is busy keeps the place in line.
    busy.go()
    assert again.has_place.wait(20)
    assert not late.has_place.is_set()
    for visitor in (again, other, late):
        visitor.go()


class Worker(Visitor):
    """Works in its turn without end, unless it is told to go.

    What it is told while it waits stands in `told`, with how often it went on before.
    """

    def __init__(self, turns: Turns, *, deaf: bool = False) -> None:
        self.deaf, self.works = deaf, threading.Event()
        self.told: list[tuple[int, int]] = []
        self._worked = 0
        super().__init__(turns)

    def _visit(self) -> None:
        try:
            with self._turns.turn(self.owner, self._wait, SOON) as give_way:
                self.has_place.set()
                self._worked += 1
                while not self._leave.wait(SOON):
                    if not self.deaf:
                        give_way()
                    self._worked += 1
                    self.works.set()
        except InterruptedError:
            pass

    def _wait(self, number: int) -> None:
        self.told.append((self._worked, number))
        super()._wait(number)

    def works_again(self) -> bool:
        """Whether it goes on, sooner or later."""
        self.works.clear()
        return self.works.wait(20)


@pytest.fixture
def workers():
    """Make workers who share two places, and let them go at the end."""
    turns, made = Turns(2, 4 * SOON), []

    def work(**how):
        made.append(Worker(turns, **how))
        return made[-1]

    yield work
    for worker in made:
        worker.go()


def test_who_comes_while_two_work_without_end_has_a_turn_and_the_two_go_on(workers):
    long = [workers(), workers()]
    assert all(worker.has_place.wait(20) for worker in long)
    for _ in range(3):
        short = workers()
        assert short.works.wait(20)
        # It works without end too until it goes: all three have their turns.
        assert all(worker.works_again() for worker in (*long, short))
        short.go()


def test_in_every_round_who_waits_is_passed_by_nobody(workers):
    five = [workers() for _ in range(5)]
    for _ in range(3):
        assert all(worker.works_again() for worker in five)
    for worker in five:
        worker.go()
        rounds = [
            [number for _, number in group]
            for _, group in itertools.groupby(worker.told, lambda told: told[0])
        ]
        assert len(rounds) > 1
        assert all(numbers == sorted(numbers, reverse=True) for numbers in rounds)


def test_a_place_is_taken_over_from_who_does_not_notice_but_only_one_more_goes_on(
    workers,
):
    first, second, third = [workers(deaf=True) for _ in range(3)]
    assert all(worker.works.wait(20) for worker in (first, second, third))
    late = workers()
    assert not late.has_place.wait(20 * SOON)
    assert 0 not in late.numbers
    second.go()
    assert late.works.wait(20)
    # Who heeds others does not share with the deaf alone.
    last = workers()
    assert all(worker.works_again() for worker in (last, late))


def test_who_lost_the_place_hears_the_number_and_can_give_up(workers):
    first, other, third = workers(), workers(), workers()
    assert third.works.wait(20)
    assert first.hears(1)
    first.gives_up = True
    first.go()
    assert all(worker.works_again() for worker in (other, third))


def test_files_of_one_session_are_made_one_after_another_and_in_their_turn(
    monkeypatch,
):
    within, turn, waits = [], Turns.turn, threading.Event()

    @contextmanager
    def watched(self, owner, wait, every):
        def waiting(number):
            waits.set()
            wait(number)

        with turn(self, owner, waiting, SOON) as give_way:
            within.append(owner)
            yield give_way
            within.remove(owner)

    def file():
        made.append(list(within))
        begun.set()
        go_on.wait(20)
        return b"file"

    monkeypatch.setattr(Turns, "turn", watched)
    made, begun, go_on = [], threading.Event(), threading.Event()
    # As Streamlit does it: in threads of the server, which know no session.
    threads = [threading.Thread(target=in_turn(file)) for _ in range(2)]
    threads[0].start()
    assert begun.wait(20)
    threads[1].start()
    assert waits.wait(20)
    assert len(made) == 1
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert len(made) == 2
    assert all(len(owners) == 1 for owners in made)


def test_every_file_that_leaves_the_page_is_made_in_its_turn():
    calls = [
        node.func.attr
        for module in (ROOT / "regcore" / "page").glob("*.py")
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    # The one in `leaving`, which every button is drawn by.
    assert calls.count("download_button") == 1


@pytest.fixture
def within(monkeypatch):
    """The turns that are under way; `taken` counts those that there were."""
    turn = Turns.turn

    class Within(list):
        taken = 0

    held = Within()

    @contextmanager
    def watched(self, *args):
        with turn(self, *args) as give_way:
            held.append(self)
            held.taken += 1
            yield give_way
            held.pop()

    monkeypatch.setattr(Turns, "turn", watched)
    return held


def test_a_run_has_one_place_from_its_first_computation_until_the_page_is_drawn(
    within, monkeypatch
):
    drawn = []
    for part in (computing.Heartbeat.end, take.draw_take):
        home = computing.Heartbeat if part.__name__ == "end" else take

        def noting(*args, part=part):
            drawn.append((part.__name__, len(within)))
            return part(*args)

        monkeypatch.setattr(home, part.__name__, noting)
    visit = Visit()
    visit.at.run()
    assert ("draw_take", 1) in drawn
    assert drawn.count(("end", 1)) >= 3
    assert (within, within.taken) == ([], 1)
    visit.at.run()
    assert drawn[-1] == ("draw_take", 0)
    assert (within, within.taken) == ([], 1)


def test_passes_over_the_rows_are_made_once_and_within_a_turn(within, monkeypatch):
    made = []

    def noting(function):
        def noted(*args, **kwargs):
            made.append((function.__name__, bool(within)))
            return function(*args, **kwargs)

        return noted

    for module, function in (
        (problem, score),
        (problem, measure),
        (comparison, l1_has_many_optima),
    ):
        monkeypatch.setattr(module, function.__name__, noting(function))
    visit = Visit()
    visit.at.run()
    names = ["l1_has_many_optima", "measure", "score", "score"]
    assert sorted(made) == [(name, True) for name in names]
