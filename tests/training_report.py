"""How the core does on two collections of messy files, from bytes to three models.

Run `python -m tests.training_report [words]`: a word shows only files that hold it.
"""

import csv
import importlib.util
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from regcore import DesignError, IntakeError, Settings, read
from regcore.compare import penalties
from regcore.design.leaks import Leak, find_leaks
from regcore.design.roles import assign_roles
from regcore.design.sheet import Sheet
from regcore.design.target import propose_task
from regcore.problem import Problem, pose
from regcore.solve.descent import Schedule, descend
from regcore.solve.runs import Run
from tests.corpus_report import corpus_folder

EPOCHS = 10


@dataclass(frozen=True)
class Wanted:
    """What is known of one file; an empty text is not known."""

    name: str
    path: Path | None
    target: str
    target_index: int | None
    task: str
    train: str
    leaks: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()


@dataclass
class Trained:
    """What came of one file; `outcome` is trained, refused, unread or not finite."""

    wanted: Wanted
    outcome: str = "unread"
    sentence: str = ""
    target: str = ""
    proposed: str = ""
    why: str = ""
    task: str = ""
    leaks: tuple[Leak, ...] = ()
    runs: tuple[Run, ...] = field(default=(), repr=False)
    ids_left_out: tuple[str, ...] = ()
    seconds: float = 0.0
    leak_seconds: float = 0.0

    @property
    def right(self) -> bool:
        want = self.wanted.train
        if want == "yes":
            return self.outcome == "trained"
        if want.startswith("refuse"):
            return self.outcome in ("refused", "unread")
        return self.outcome != "not finite"


def open_files() -> Iterator[Wanted]:
    folder = corpus_folder() / "open"
    with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as manifest:
        for row in csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield Wanted(
                row["file"],
                folder / row["file"],
                row["target"],
                int(row["target_index"]) if row["target_index"] else None,
                row["task"],
                row["train"],
                leaks=tuple(filter(None, [row["leak_columns"]])),
                ids=tuple(filter(None, row["id_like_columns"].split("; "))),
            )


def adversarial_files(*, heavy: bool = False) -> Iterator[tuple[Wanted, bytes]]:
    path = corpus_folder() / "adversarial.py"
    spec = importlib.util.spec_from_file_location("adversarial", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["adversarial"] = module
    spec.loader.exec_module(module)
    for case in module.cases(heavy=heavy):
        if not case.target and case.train == "either":
            continue
        yield (
            Wanted(
                case.name,
                None,
                case.target,
                None,
                case.task,
                case.train,
                checks=case.checks,
            ),
            case.data(),
        )


def train(wanted: Wanted, raw: bytes) -> Trained:
    """Read, understand and train one file; only refusals are caught."""
    done = Trained(wanted)
    start = time.perf_counter()
    try:
        table = read(raw, wanted.name).table
    except IntakeError as error:
        done.sentence = str(error)
        return done
    sheet = Sheet.of(table)
    done.proposed, done.why = sheet.target
    done.target = target_of(wanted, table) or done.proposed
    done.task = str(propose_task(table[done.target])[0])
    # A task that the manifest knows is what a user would choose.
    task = wanted.task if wanted.task and wanted.target else "auto"
    settings = Settings(done.target, task=task, epochs=EPOCHS)
    try:
        done.ids_left_out = tuple(
            str(role.column)
            for role in assign_roles(sheet, settings)
            if role.role == "left out"
        )
        problem = pose(table, settings, sheet=sheet)
    except DesignError as error:
        done.outcome, done.sentence = "refused", str(error)
        return done
    done.runs = descended(problem, settings)
    done.outcome = "trained" if all(map(is_finite, done.runs)) else "not finite"
    done.seconds = time.perf_counter() - start
    start = time.perf_counter()
    done.leaks = find_leaks(problem.design)
    done.leak_seconds = time.perf_counter() - start
    return done


def target_of(wanted: Wanted, table: pd.DataFrame) -> str | None:
    """Name of the wanted target in a table, by its name or else by its place."""
    if wanted.target in table.columns:
        return wanted.target
    bare = {str(name).strip(): name for name in table.columns}
    if wanted.target and wanted.target.strip() in bare:
        return bare[wanted.target.strip()]
    at = wanted.target_index
    if at is not None and at <= table.shape[1]:
        return table.columns[at - 1]
    return None


def descended(problem: Problem, settings: Settings) -> tuple[Run, ...]:
    """The three runs as the core trains them, without the exact optima beside them."""
    chosen = penalties(settings, problem.n)
    rate = 1.0 / (problem.curvature + max(float(penalty.l2) for penalty in chosen))
    return descend(
        problem.oracle,
        chosen,
        problem.start,
        Schedule(rate=rate, epochs=settings.epochs, tolerance=settings.tolerance),
        batches=problem.rows,
        validation=problem.validation,
    )


def is_finite(run: Run) -> bool:
    """Whether every number of a run is one; without rows held out theirs is none."""
    held_out = np.asarray(run.validation_loss, dtype=float)
    return bool(
        np.isfinite(run.W).all()
        and np.isfinite(run.b).all()
        and np.isfinite(run.objective).all()
        and (np.isfinite(held_out).all() or np.isnan(held_out).all())
    )


def rate(hits: list[bool]) -> str:
    return f"{sum(hits)} of {len(hits)} ({sum(hits) / max(1, len(hits)):.1%})"


def report(done: list[Trained], words: list[str]) -> None:
    print("outcome as wanted:", rate([d.right for d in done]))
    print(Counter((d.wanted.train, d.outcome) for d in done))
    known = [d for d in done if d.wanted.target and d.outcome != "unread"]
    trainable = [d for d in known if d.wanted.train == "yes"]
    hits = [d for d in trainable if d.proposed == d.target]
    print("target proposed:", rate([d in hits for d in trainable]))
    tasks = [d for d in trainable if d.wanted.task]
    print("task proposed:", rate([d.task == d.wanted.task for d in tasks]))
    leaky = [d for d in done if d.wanted.leaks and d.outcome == "trained"]
    print("leaks found:", rate([bool(d.leaks) for d in leaky]))
    clean = [d for d in trainable if not d.wanted.leaks and d.outcome == "trained"]
    print("false alarms:", rate([bool(d.leaks) for d in clean]))
    for d in done:
        wrong = not d.right or (d in trainable and d not in hits)
        wrong |= d in tasks and d.task != d.wanted.task
        wrong |= bool(d.leaks) != bool(d.wanted.leaks)
        if words or wrong or d.seconds > 5 or d.leak_seconds > 0.5:
            show(d)


def show(d: Trained) -> None:
    print(f"\n{d.wanted.name}: want {d.wanted.train}, {d.outcome} {d.seconds:.1f} s")
    if d.sentence:
        print(f"   {d.sentence[:300]}")
    if d.proposed != d.target:
        print(f"   target {d.target!r}, proposed {d.proposed!r}: {d.why}")
    if d.task != d.wanted.task and d.wanted.task:
        print(f"   task {d.wanted.task}, proposed {d.task}")
    for leak in d.leaks:
        print(f"   leak: {leak.sentence} (wanted {d.wanted.leaks})")
    if d.wanted.leaks and not d.leaks:
        print(f"   missed: {d.wanted.leaks}")
    if d.wanted.checks:
        print(f"   checks {d.wanted.checks}")


def checked(d: Trained) -> bool:
    """Whether the checks of an adversarial case that concern training hold."""
    if not d.runs:
        return True
    none, l1, l2 = (int(np.count_nonzero(run.W)) for run in d.runs)
    return all(
        {
            "no_leak_silent": bool(d.leaks),
            "id_warned": bool(d.ids_left_out),
            "l1_sparse": l1 < min(none, l2),
        }.get(check, True)
        for check in d.wanted.checks
    )


def main(words: list[str]) -> None:
    def asked(wanted: Wanted) -> bool:
        return not words or any(word in wanted.name for word in words)

    if "--adversarial" not in words:
        files = [train(w, w.path.read_bytes()) for w in open_files() if asked(w)]
        print("Open")
        report(files, words)
    words = [word for word in words if not word.startswith("--")]
    cases = [train(w, raw) for w, raw in adversarial_files(heavy=True) if asked(w)]
    print("\nAdversarial")
    print("checks hold:", rate([checked(d) for d in cases if d.wanted.checks]))
    report(cases, words)
    for d in cases:
        if not checked(d):
            print("\ncheck fails")
            show(d)


if __name__ == "__main__":
    main(sys.argv[1:])
