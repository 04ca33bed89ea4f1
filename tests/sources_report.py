"""Whether an engine and memory agree, on every file of the collection that trains.

Run `python -m tests.sources_report [words]`: a word shows only files that hold it.
Files of more than 5 MB are passed over. Paths of classes are not asked for, which an
engine does not answer, and their optima are compared by what they certify.
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
    far = done = 0
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
        if not isinstance(apart, dict):
            continue
        done += 1
        worst = max(apart.values())
        far += not worst <= CLOSE
        off = {what: f"{by:.0e}" for what, by in apart.items() if not by <= CLOSE}
        print(f"{wanted.name}: {worst:.1e} {off or ''}", flush=True)
    print(f"{done} files, {far} of them farther apart than {CLOSE:g}")
    return far


def differences(
    table: pd.DataFrame, settings: Settings
) -> dict[str, float] | str | None:
    """How far apart all that is fitted is; a sentence where one side alone refuses."""
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
        if memory.problem.design.classes:
            return apart
        try:
            path = path_of(memory.problem, settings, FOLDS, l1_ratio=0.5)
        except DesignError:
            return apart
        return apart | paths(
            path_of(engine.problem, settings, FOLDS, l1_ratio=0.5), path
        )


def comparisons(one: Comparison, other: Comparison) -> dict[str, float]:
    apart = {}
    for mine, theirs in zip(one.models, other.models, strict=True):
        runs = mine.run, theirs.run
        for what in ("W", "train_loss", "validation_loss"):
            apart[f"{what} {mine.name}"] = furthest(*(getattr(r, what) for r in runs))
        optima = mine.optimum, theirs.optimum
        by_sums = one.problem.passes is None
        told = [best.exists if by_sums else best.status for best in optima]
        if told[0] != told[1]:
            apart[f"{mine.optimum.status.name} {mine.name}"] = float("inf")
        elif by_sums:
            apart[f"optimum {mine.name}"] = furthest(*(best.W for best in optima))
        else:
            # What is certified to a gap is one of many weights within it.
            by = furthest(*(best.objective for best in optima))
            apart[f"objective {mine.name}"] = by * CLOSE / GAP
    return apart


def paths(one: RegularizationPath, other: RegularizationPath) -> dict[str, float]:
    # The baseline's loss is a half: 1e-16 and 0 are the same loss.
    # Where sums do not tell one, rows do.
    known = ~np.isnan(one.none)
    none = furthest(one.none[known], other.none[known], least=0.5)
    apart = {"folds without a penalty": none}
    for name, curve in other.curves.items():
        mine = one.curves[name]
        n = min(len(curve.lams), len(mine.lams))
        apart[f"λ {name}"] = float(len(mine.lams) != len(curve.lams))
        for what in ("lams", "W", "mean"):
            apart[f"{what} {name}"] = furthest(
                getattr(mine, what)[:n], getattr(curve, what)[:n]
            )
    return apart


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
