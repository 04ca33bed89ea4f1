"""One task, done by us and by peers: timed in turn, and scored by us."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

PRECISE = 1e-6
"""Relative suboptimality that counts as an answer."""

SHORT, MOST = 0.5, 30
"""Seconds that are spent on a task of ours, repeated so often at most."""

Run = Callable[[], object]
Judge = Callable[[object], float]


@dataclass(frozen=True)
class Entry:
    """What somebody brings to a contest.

    Attributes
    ----------
    runs : the same work at rising precision; the first that is precise enough is timed
    share : part of the whole work that a run does; its time is divided by it
    told : a run returns its own seconds before its result; it is another process
    """

    runs: tuple[Run, ...]
    share: float = 1.0
    told: bool = False


@dataclass(frozen=True)
class Contest:
    """A task.

    Attributes
    ----------
    need : how many times faster than the fastest peer we want to be, if said
    judge : a run's result → relative suboptimality; NaN where there is none to judge
    unit : what one time is of, such as "epoch" or "answer"
    """

    task: str
    ours: Entry
    peers: Mapping[str, Entry]
    judge: Judge = lambda result: np.nan
    unit: str = "answer"
    absent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One row of the table."""

    task: str
    name: str
    seconds: float
    ratio: float
    suboptimality: float
    remark: str = ""


@dataclass
class _Runner:
    name: str
    entry: Entry
    run: Run | None = None
    suboptimality: float = np.nan
    remark: str = ""
    seconds: list[float] = field(default_factory=list)
    long: bool = False


def hold(contest: Contest, repeats: int, limit: float) -> list[Line]:
    """Find each one's precision, then time all in turn; medians.

    Whoever takes longer than the limit, or is another process, is timed once; what
    takes milliseconds more often, for others on the machine make the most of that.
    """
    runners = [_Runner("ours", contest.ours)]
    runners += [_Runner(name, entry) for name, entry in contest.peers.items()]
    for runner in runners:
        _choose(runner, contest.judge, limit)
    once, _ = _time(contest.ours.runs[-1], told=contest.ours.told)
    for _ in range(max(repeats, min(MOST, int(SHORT / max(once, 1e-6))))):
        for runner in runners:
            if runner.long:
                continue
            seconds, _ = _time(runner.run, told=runner.entry.told)
            runner.seconds.append(seconds / runner.entry.share)
    ours = float(np.median(runners[0].seconds))
    lines = []
    for runner in runners:
        seconds = float(np.median(runner.seconds))
        lines.append(
            Line(
                contest.task,
                runner.name,
                seconds,
                seconds / ours,
                runner.suboptimality,
                runner.remark,
            )
        )
    lines += [
        Line(contest.task, name, np.nan, np.nan, np.nan, "not installed")
        for name in contest.absent
    ]
    return lines


def _choose(runner: _Runner, judge: Judge, limit: float) -> None:
    """Take the least precise run that is precise enough, or else the last."""
    for run in runner.entry.runs:
        runner.run = run
        seconds, result = _time(run, told=runner.entry.told)
        first = run is runner.entry.runs[0] and not runner.entry.told
        if first and seconds > limit:
            # Some compile what they need when they are first called.
            seconds, result = _time(run, told=False)
        runner.suboptimality = judge(result)
        slow = seconds > limit
        runner.long = slow or runner.entry.told
        if runner.long:
            runner.seconds = [seconds / runner.entry.share]
        if not runner.suboptimality > PRECISE:
            return
        if slow:
            break
    runner.remark = f"not precise to {PRECISE:g} in its time"


def _time(run: Run, *, told: bool) -> tuple[float, object]:
    if told:
        return run()
    # Everybody has one thread, so that the processor's time is the time that it takes,
    # and other work on the machine does not count.
    start = time.process_time()
    result = run()
    return time.process_time() - start, result


def fastest(lines: list[Line]) -> str:
    """Say how the fastest peer compares, of those that are precise enough."""
    peers = [
        line.ratio
        for line in lines
        if not line.name.startswith("ours") and not line.remark
    ]
    if not peers:
        return "no peer is precise in its time"
    return f"the fastest peer takes {min(peers):.3g} ×"


def markdown(lines: list[Line]) -> str:
    """Return the table."""
    rows = [
        "| task | who | time | × ours | suboptimality | |",
        "|---|---|---|---|---|---|",
    ]
    for line in lines:
        judged = "" if np.isnan(line.suboptimality) else f"{line.suboptimality:.0e}"
        rows.append(
            f"| {line.task} | {line.name} | {_duration(line.seconds)} | "
            f"{_times(line.ratio)} | {judged} | {line.remark} |"
        )
    return "\n".join(rows)


def _duration(seconds: float) -> str:
    if np.isnan(seconds):
        return "–"
    if seconds < 1e-3:
        return f"{1e6 * seconds:.0f} µs"
    return f"{1e3 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def _times(ratio: float) -> str:
    return "–" if np.isnan(ratio) else f"{ratio:.3g}"
