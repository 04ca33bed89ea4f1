"""Whether SQL predicts as the model does, on every file of the collection and sample.

Run `python -m tests.export_report [words]`: a word shows only files that hold it.
"""

import sys
import warnings
from collections.abc import Iterator

import pandas as pd

from regcore import DesignError, IntakeError, Settings, compare, read
from regcore.samples import SAMPLES
from tests.export.databases import DATABASES, furthest
from tests.tables import PENALTIES
from tests.training_report import adversarial_files, open_files, target_of

CLOSE = 1e-9


def tables() -> Iterator[tuple[str, pd.DataFrame, Settings]]:
    for sample in SAMPLES:
        table = read(sample.raw(), "sample.csv").table
        yield sample.title, table, Settings(sample.target, epochs=50)
    opened = ((wanted, wanted.path.read_bytes()) for wanted in open_files())
    for wanted, raw in [*adversarial_files(), *opened]:
        try:
            table = read(raw, wanted.name).table
        except IntakeError:
            continue
        target = target_of(wanted, table)
        if target is not None:
            task = wanted.task or "auto"
            yield wanted.name, table, Settings(target, task=task, epochs=20)


def main(words: list[str]) -> int:
    warnings.simplefilter("ignore")
    worst, far, rows, refused = 0.0, [], 0, 0
    for name, table, settings in tables():
        if words and not any(word in name for word in words):
            continue
        try:
            result = compare(table, settings)
        except DesignError:
            refused += 1
            continue
        for dialect in DATABASES:
            for penalty in PENALTIES:
                off = furthest(result.fitted(penalty), table, dialect)
                worst, rows = max(worst, off), rows + len(table)
                if not off < CLOSE:
                    far.append(name)
                    print(f"{name}: {penalty} in {dialect} is off by {off:.1e}")
    print(f"{rows:,} predictions, off by at most {worst:.1e}; {refused} refused")
    return len(far)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
