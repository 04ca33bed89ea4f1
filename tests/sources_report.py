"""Whether an engine and memory agree, on every file of the collection that trains.

Run `python -m tests.sources_report [words]`: a word shows only files that hold it.
Files of more than 5 MB are passed over. Paths of classes are not asked for, which an
engine does not answer, and their optima are compared by what they certify. Where L1 has
many optima by `l1_has_many_optima`, what all of them share is compared, and it is said.
"""

import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import regcore
from regcore import DesignError, IntakeError, Settings, read
from regcore.compare import compare
from regcore.comparison import Comparison
from regcore.regularization_path import RegularizationPath, path_of
from regcore.sources import table as engine_table
from tests.sources.determined import l1_apart
from tests.sources.tables import furthest
from tests.training_report import open_files, target_of

MOST_BYTES = 5_000_000
CLOSE = 1e-10
GAP = 1e-8
FOLDS = 10


def main(words: list[str]) -> int:
    warnings.simplefilter("ignore")
    # All rows are looked at, as in memory.
    engine_table.SAMPLE = 10**9
    far = done = loose = 0
    for wanted in open_files():
        small = wanted.path.stat().st_size <= MOST_BYTES
        if not small or (words and not any(word in wanted.name for word in words)):
            continue
        try:
            table = read(wanted.path.read_bytes()).table
        except IntakeError:
            continue
        target = target_of(wanted, table)
        if target is None:
            continue
        settings = Settings(target, split="hash", totals="keep", epochs=50)
        apart = differences(table, settings)
        if isinstance(apart, str):
            print(f"{wanted.name}: {apart}")
        if apart is None or isinstance(apart, str):
            continue
        apart, said = apart
        done += 1
        loose += bool(said)
        worst = max(apart.values())
        far += not worst <= CLOSE
        off = {what: f"{by:.0e}" for what, by in apart.items() if not by <= CLOSE}
        print(f"{wanted.name}: {worst:.1e} {off or ''} {said}", flush=True)
    print(f"{done} files, {far} of them farther apart than {CLOSE:g}")
    print(f"{loose} files where L1 has many optima")
    return far


def differences(
    table: pd.DataFrame, settings: Settings
) -> tuple[dict[str, float], str] | str | None:
    """How far apart all that is fitted is, and what is not unique.

    A sentence where one side alone refuses.
    """
    try:
        memory = compare(table, settings)
    except DesignError:
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.parquet"
        table.to_parquet(file, index=False)
        try:
            source = regcore.connect(file, memory="1GB", disk="1GB")
            engine = compare(source, settings)
        except DesignError as error:
            return f"refused by the engine alone: {error}"
        if engine.problem.design.encodings != memory.problem.design.encodings:
            return "encoded otherwise"
        apart = comparisons(engine, memory)
        said = "(L1 has many optima)" if memory.l1_has_many_optima else ""
        if memory.problem.design.classes:
            return apart, said
        try:
            path = path_of(memory.problem, settings, FOLDS, l1_ratio=0.5)
        except DesignError:
            return apart, said
        both = path_of(engine.problem, settings, FOLDS, l1_ratio=0.5), path
        problems = engine.problem, memory.problem
        l1, many, of = l1_apart(problems, both, divide=settings.standardise)
        said += f"(L1 along λ: many optima in {many} of {of})" if many else ""
        return apart | paths(*both) | l1, said


def comparisons(one: Comparison, other: Comparison) -> dict[str, float]:
    apart = {}
    for mine, theirs in zip(one.models, other.models, strict=True):
        runs = mine.run, theirs.run
        for what in ("W", "train_loss", "validation_loss"):
            apart[f"{what} {mine.name}"] = furthest(*(getattr(r, what) for r in runs))
        optima = mine.optimum, theirs.optimum
        by_sums = one.problem.passes is None
        many = mine.name == "L1" and other.l1_has_many_optima
        if mine.optimum.status is not theirs.optimum.status:
            apart[f"{mine.optimum.status.name} {mine.name}"] = float("inf")
        elif not theirs.optimum.exists:
            # What a run without an optimum comes to is where it was ended.
            continue
        elif by_sums and many:
            apart[f"objective {mine.name}"] = furthest(*(b.objective for b in optima))
        elif by_sums:
            apart[f"optimum {mine.name}"] = furthest(*(best.W for best in optima))
        else:
            # What is certified to a gap is one of many weights within it.
            by = furthest(*(best.objective for best in optima))
            apart[f"objective {mine.name}"] = by * CLOSE / GAP
    return apart


def paths(one: RegularizationPath, other: RegularizationPath) -> dict[str, float]:
    # The baseline's loss is a half: 1e-16 and 0 are the same loss.
    told = np.array_equal(np.isnan(one.none), np.isnan(other.none))
    none = furthest(one.none, other.none, least=0.5) if told else float("inf")
    apart = {"folds without a penalty": none}
    for name, curve in other.curves.items():
        mine = one.curves[name]
        n = min(len(curve.lams), len(mine.lams))
        apart[f"λ {name}"] = float(len(mine.lams) != len(curve.lams))
        # What L1 does not determine is told apart by `l1_apart`.
        for what in ("lams",) if name == "L1" else ("lams", "W", "mean"):
            apart[f"{what} {name}"] = furthest(
                getattr(mine, what)[:n], getattr(curve, what)[:n]
            )
    return apart


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
