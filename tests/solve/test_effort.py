"""How long work takes, before and while it is done."""

from regcore.solve import effort
from regcore.solve.effort import Work


def test_what_a_listener_takes_is_no_work(monkeypatch):
    now, told = [0.0], []
    monkeypatch.setattr(effort.time, "perf_counter", lambda: now[0])

    def tell(share):
        told.append(share)
        now[0] += 100.0

    work = Work(tell)
    for share in (0.25, 0.5):
        now[0] += 1.5
        work(share)
    assert told == [0.25, 0.5]
    assert work.seconds == 3.0
