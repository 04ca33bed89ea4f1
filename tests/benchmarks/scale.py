"""How long a table takes that need not fit into memory, step by step, and its memory.

Run `python -m tests.benchmarks.scale [rows] [memory …]`: it writes its own Parquet, 18
columns, into a folder that is removed again. Each `memory` is a limit of DuckDB, under
which a process of its own starts, that nothing of what ran before is held in; all of
them must come to the answer of the first. A tenth of the rows shows how the time grows,
and two and six classes of them what is certified in how many passes. Beside it stand
scikit-learn's `partial_fit` and, where it is installed, Spark's linear regression.
"""

import os
import resource
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import regcore
from regcore.compare import train
from regcore.regularization_path import path_of
from regcore.solve.threads import one_thread_inside
from regcore.sources import preparing
from tests.sources.tables import furthest

T = TypeVar("T")

PIECE = 500_000
NUMBERS = 14
LEVELS = (2, 6, 15, 200)


def write(folder: Path, rows: int) -> None:
    """Write so many rows: numbers, some with gaps or far from 0, and categories."""
    folder.mkdir()
    true = np.random.default_rng(7)
    w = np.r_[true.normal(size=8) * 0.5, np.zeros(NUMBERS - 8)]
    effects = [true.normal(size=m) * 0.4 for m in LEVELS]
    chances = [true.dirichlet(np.full(m, 2.0)) for m in LEVELS]
    for part in range(-(-rows // PIECE)):
        rng = np.random.default_rng([1, part])
        n = min(PIECE, rows - part * PIECE)
        common = rng.normal(size=(n, 1)) * (np.arange(NUMBERS) % 3 == 0)
        X = 0.8 * rng.normal(size=(n, NUMBERS)) + 0.6 * common
        codes = [rng.choice(len(p), size=n, p=p) for p in chances]
        z = X @ w + sum(e[c] for e, c in zip(effects, codes, strict=True))
        X[:, 3] += 1e9
        X[:, 4] = 2000 + 10 * X[:, 4]
        X[:, 5] = np.exp(2 * X[:, 5])
        X[rng.random(n) < 0.1, 6] = np.nan
        X[rng.random(n) < 0.03, 9] = np.nan
        columns = {f"x{j}": pa.array(X[:, j], from_pandas=True) for j in range(NUMBERS)}
        for i, c in enumerate(codes):
            names = pa.array([f"level {k:03d}" for k in range(LEVELS[i])])
            gap = rng.random(n) < 0.02 if i == 1 else None
            columns[f"c{i}"] = names.take(pa.array(c, mask=gap))
        columns["y"] = pa.array(3e5 + 1e4 * (z + rng.normal(size=n)))
        file = folder / f"part-{part:03d}.parquet"
        pq.write_table(pa.table(columns), file, compression="zstd")


@dataclass
class Peak:
    """The most bytes of memory that this process held, and of disk that it spilled."""

    memory: int = 0
    disk: int = 0


@contextmanager
def watched(spill: Path):
    """Watch what this process takes: yields the most."""
    most, over = Peak(), threading.Event()

    def watch() -> None:
        page = resource.getpagesize()
        while not over.wait(0.05):
            held = int(Path("/proc/self/statm").read_text().split()[1]) * page
            most.memory = max(most.memory, held)
            most.disk = max(most.disk, sum(map(size_of, spill.glob("*/*"))))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield most
    over.set()
    thread.join()


def size_of(file: Path) -> int:
    """Bytes of a file; 0 of one that is gone."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


class Steps:
    """Prints what steps take."""

    def __init__(self, rows: int, peak: Peak) -> None:
        self.rows, self.peak = rows, peak
        self.spent: dict[str, tuple[float, float]] = {}

    def timed(self, name: str, work: Callable) -> Callable:
        """Return the same work, which adds what it takes to the step of that name."""

        def measured(*args, **kwargs):
            cpu, wall = time.process_time(), time.perf_counter()
            try:
                return work(*args, **kwargs)
            finally:
                more = time.process_time() - cpu, time.perf_counter() - wall
                before = self.spent.get(name, (0.0, 0.0))
                self.spent[name] = before[0] + more[0], before[1] + more[1]

        return measured

    def report(self, *names: str) -> None:
        for name in names or self.spent:
            cpu, wall = self.spent[name]
            rate = self.rows / cpu if cpu else np.inf
            print(
                f"{name:44s} {cpu:8.2f} s CPU {wall:8.2f} s wall "
                f"{rate:12,.0f} rows/s and core",
                flush=True,
            )
        memory, disk = self.peak.memory / 1e6, self.peak.disk / 1e6
        print(f"at most {memory:,.0f} MB of memory, {disk:,.0f} MB spilled", flush=True)


def read_alone(folder: Path) -> None:
    for file in sorted(folder.iterdir()):
        for batch in pq.ParquetFile(file).iter_batches(65_536):
            assert batch.num_rows


def partial_fit(folder: Path) -> None:
    """One pass of scikit-learn's descent, every level a column."""
    # It is no part of what takes memory elsewhere.
    from sklearn.linear_model import SGDRegressor

    model, scale = SGDRegressor(penalty=None, random_state=0), None
    for file in sorted(folder.iterdir()):
        for batch in pq.ParquetFile(file).iter_batches(65_536):
            frame = batch.to_pandas()
            numbers = frame[[f"x{j}" for j in range(NUMBERS)]].fillna(0.0).to_numpy()
            blocks = [
                np.eye(m + 1)[frame[f"c{i}"].str[6:].fillna(str(m)).astype(int)]
                for i, m in enumerate(LEVELS)
            ]
            y = frame["y"].to_numpy()
            # Those of the first rows: there is no second pass.
            scale = scale or (numbers.mean(axis=0), numbers.std(axis=0), y)
            X = np.hstack([(numbers - scale[0]) / scale[1], *blocks])
            model.partial_fit(X, (y - scale[2].mean()) / scale[2].std())


def spark(folder: Path) -> float:
    """Fit Spark's linear regression, its normal equations; return its CPU seconds."""
    from pyspark.ml import Pipeline
    from pyspark.ml.feature import OneHotEncoder, StringIndexer, VectorAssembler
    from pyspark.ml.regression import LinearRegression
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", False)
    session = builder.getOrCreate()
    numbers = [f"x{j}" for j in range(NUMBERS)]
    texts = [f"c{i}" for i in range(len(LEVELS))]
    coded, columns = [f"{c}_code" for c in texts], [f"{c}_columns" for c in texts]
    steps = [
        StringIndexer(inputCols=texts, outputCols=coded),
        OneHotEncoder(inputCols=coded, outputCols=columns),
        VectorAssembler(inputCols=[*numbers, *columns], outputCol="features"),
        LinearRegression(labelCol="y", solver="normal"),
    ]
    rows = session.read.parquet(str(folder)).fillna(0.0, numbers).fillna("none", texts)
    Pipeline(stages=steps).fit(rows)
    java = Path(f"/proc/{session.sparkContext._gateway.proc.pid}/stat").read_text()
    session.stop()
    return sum(map(int, java.split()[13:15])) / os.sysconf("SC_CLK_TCK")


def main(rows: int, limits: list[str]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="scale-"))
    files, fewer = folder / "files", rows // 10
    try:
        write(files, fewer)
        begun = whole(files, fewer, limits[:1])
        for target in ("c0", "c1"):
            alone(classes, files, fewer, limits[0], target)
        shutil.rmtree(files)
        write(files, rows)
        grown = whole(files, rows, limits) / begun
        print(f"ten times the rows take {grown:.2f} times the CPU", flush=True)
        alone(beside, files, rows)
    finally:
        shutil.rmtree(folder)


def alone(work: Callable[..., T], folder: Path, rows: int, *limit: str) -> T:
    """Do it in a process of its own, whose steps and memory are watched."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_watched, work, folder, rows, *limit).result()


def _watched(work: Callable[..., T], folder: Path, rows: int, *limit: str) -> T:
    spill = folder.parent / "spill"
    spill.mkdir(exist_ok=True)
    # There DuckDB's folders go, so that what it spills can be watched.
    tempfile.tempdir = str(spill)
    with watched(spill) as peak:
        steps = Steps(rows, peak)
        watch_steps(steps)
        return work(folder, rows, steps, *limit)


def watch_steps(steps: Steps) -> None:
    """Time what is done within."""
    inner = {
        "encode": "encode once",
        "ranges": "gaps and ranges",
        "sums": "sums by part",
    }
    for name, words in inner.items():
        setattr(preparing, name, steps.timed(words, getattr(preparing, name)))
    reader, fitter = preparing.Reader, preparing.Fitter
    reader.field = steps.timed("levels", reader.field)
    fitter.fit = steps.timed("exact medians", fitter.fit)


def whole(folder: Path, rows: int, limits: list[str]) -> float:
    """From files to numbers under each limit; returns CPU seconds under the first."""
    size = sum(file.stat().st_size for file in folder.iterdir())
    wide = NUMBERS + len(LEVELS)
    print(f"\n{rows:,} rows, {wide} columns, {size / 1e6:,.0f} MB of Parquet")
    alone(read_all, folder, rows)
    spent, answers = zip(*(alone(under, folder, rows, m) for m in limits), strict=True)
    for memory, found in zip(limits[1:], answers[1:], strict=True):
        apart = max(map(furthest, found, answers[0]))
        print(f"under {memory} as far from the first answer as {apart:.1e}", flush=True)
    return spent[0]


def read_all(folder: Path, rows: int, steps: Steps) -> None:
    """Read the files and do nothing with them."""
    steps.timed("the files alone, read by pyarrow", read_alone)(folder)
    steps.report()


def under(
    folder: Path, rows: int, steps: Steps, memory: str
) -> tuple[float, list[np.ndarray]]:
    """Seconds of CPU, and the answer under a limit."""
    settings = regcore.Settings("y", lam=rows / 100, split="hash")
    name = f"the whole, DuckDB's limit {memory}"
    found = steps.timed(name, answer)(folder, settings, memory, steps)
    steps.report()
    return steps.spent[name][0], found


def classes(folder: Path, rows: int, steps: Steps, memory: str, target: str) -> None:
    """Classes: passes over all rows, what they certify, and how near curves are."""
    settings = regcore.Settings(target, lam=rows / 1e4, split="hash")
    source = regcore.connect(folder, memory=memory)
    name = f"the classes of {target}, the whole"
    result = steps.timed(name, regcore.compare)(source, settings)
    steps.report(name)
    done = result.problem.passes.done
    gap = max(best.gap for best in result.optima)
    print(f"{len(done)} passes ({'; '.join(done)}), gaps of at most {gap:.1e}")
    print(f"curves are off by {result.curves_off:.1e} of the first loss", flush=True)


def beside(folder: Path, rows: int, steps: Steps) -> None:
    """What others take."""
    steps.timed("scikit-learn's partial_fit, one pass", partial_fit)(folder)
    steps.report()
    if find_spec("pyspark") and shutil.which("java"):
        print(f"Spark's linear regression {spark(folder):25.2f} s CPU")


@one_thread_inside()
def answer(
    folder: Path, settings: regcore.Settings, memory: str, steps: Steps
) -> list[np.ndarray]:
    """From the files to three curves, three optima and two paths with ten folds."""
    source = steps.timed("connect", regcore.connect)(folder, memory=memory)
    steps.timed("a sample for the types", lambda: source.sheet)()
    problem = source.pose(settings)
    result = steps.timed("curves and optima of three models", train)(problem, settings)
    path = steps.timed("L1 and L2 along λ, 10 folds", path_of)(problem, settings)
    kept = {model.name: int(np.count_nonzero(model.run.W)) for model in result.models}
    best = path.best["lam_min"].round(1).to_dict()
    print(f"n = {problem.n:,}, weights kept {kept}, best λ {best}")
    runs = [(m.run.W, m.run.train_loss, m.optimum.W) for m in result.models]
    curves = [(curve.W, curve.mean) for curve in path.curves.values()]
    return [array for some in (*runs, *curves) for array in some]


if __name__ == "__main__":
    asked = sys.argv[1:]
    main(int(asked[0]) if asked else 1_000_000, asked[1:] or ["4GB"])
