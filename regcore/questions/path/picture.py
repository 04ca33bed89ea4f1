"""Paths → one picture that is dragged: what every λ gives, as numbers and places.

Two or three panels stand side by side, one a penalty; each has the weights, the
held-out loss and the non-zeros against λ, and the weights at one λ as bars. All heights
are pixels from the top, all widths shares of a panel's plot.
"""

import numpy as np

from regcore.comparison import Comparison
from regcore.drawing import FIRST
from regcore.drawing.picture import Picture, Table
from regcore.model.losses import Array
from regcore.questions.path import answer as path_view
from regcore.questions.path.answer import MARKS
from regcore.questions.path.axes import PathAxes, down, path_axes, place
from regcore.questions.path.chart import specification
from regcore.questions.path.frame import names, rules, texts
from regcore.questions.path.layout import Layout
from regcore.regularization_path import A_DECADE, RegularizationPath
from regcore.words import figures

SHORT = {"L1": "L1", "L2": "L2", "elastic net": "Elastic net"}


def path_picture(
    paths: RegularizationPath, result: Comparison | None = None, output: int = 0
) -> Picture:
    """Weights, loss and non-zeros along λ, and the bars at the λ it is dragged to."""
    axes = path_axes(paths, paths.design, output)
    layout = Layout(len(paths.curves), min(len(axes.features), FIRST))
    grid = _grid(paths, axes)
    lines = _lines(paths, axes, grid, output)
    penalties = np.array(list(paths.curves), dtype=object)
    lowest = float(np.log10(grid[-1] / paths.lam_max))
    tables: dict[str, Table] = {
        "lines": _line_table(paths, axes, layout, grid, lines),
        "curves": _curves(paths, axes, layout, grid),
        "bars": _bars(axes, layout, penalties),
        "marks": _marks(paths, result, axes),
        "now": _now(paths, result, axes, grid),
        "texts": texts(axes, layout, paths.design.task.loss.name),
        "names": names(axes, layout, penalties, lines),
        "rules": rules(axes, layout),
    }
    return Picture(
        specification(layout, lowest),
        tables,
        lambda: (paths.validation, paths.coefficients),
        layout.width,
    )


def _grid(paths: RegularizationPath, axes: PathAxes) -> Array:
    """Every λ that is drawn, falling: those of L2, which begin the furthest."""
    lams = paths.l2.lams
    inside: Array = lams[lams <= axes.shares[1] * 1.001 * paths.lam_max]
    return inside


def _on(values: Array, lams: Array, grid: Array) -> Array:
    """What a curve has at every λ of the grid; above its first λ it stays as it is."""
    places = np.argmin(np.abs(np.log(lams[:, None] / grid)), axis=0)
    drawn: Array = values[places]
    return drawn


def _lines(
    paths: RegularizationPath, axes: PathAxes, grid: Array, output: int
) -> Array:
    """Weights, (penalties, features, λ)."""
    frame = path_view.coefficients(paths, output)
    drawn = [paths.design.features.index(name) for name in axes.features]
    lines = []
    for name, curve in paths.curves.items():
        weights = frame.loc[frame["penalty"] == name, "weight"].to_numpy()
        W = weights.reshape(len(curve.lams), -1)[:, drawn]
        lines.append(_on(W, curve.lams, grid).T)
    return np.array(lines)


def _line_table(
    paths: RegularizationPath,
    axes: PathAxes,
    layout: Layout,
    grid: Array,
    lines: Array,
) -> Table:
    """A row for every λ of every feature of every penalty, in this order."""
    m, count, points = lines.shape
    features = np.array(axes.features, dtype=object)
    each = np.arange(count, dtype=np.int32)
    return {
        "panel": np.repeat(np.arange(m, dtype=np.int32), count * points),
        "penalty": np.repeat(
            np.array(list(paths.curves), dtype=object), count * points
        ),
        "f": np.tile(np.repeat(each, points), m),
        "feature": np.tile(np.repeat(features, points), m),
        "at": np.tile(place(grid / paths.lam_max, axes), m * count),
        "weight": lines.ravel(),
        "y": down(lines.ravel(), axes.weights, layout.weights),
    }


def _bars(axes: PathAxes, layout: Layout, penalties: Array) -> Table:
    """Where bars stand; how long they are follows from the λ that is looked at."""
    m, rows = layout.panels, layout.rows
    features = np.array(axes.features[:rows], dtype=object)
    return {
        "panel": np.repeat(np.arange(m, dtype=np.int32), rows),
        "penalty": np.repeat(penalties, rows),
        "f": np.tile(np.arange(rows, dtype=np.int32), m),
        "feature": np.tile(features, m),
        "y": np.tile(layout.bar_rows, m),
    }


def _curves(
    paths: RegularizationPath, axes: PathAxes, layout: Layout, grid: Array
) -> Table:
    """Loss, its band and the non-zeros at every λ, and what is said of each."""
    columns: dict[str, list[Array]] = {}
    frame, of = path_view.validation(paths), axes.most
    for panel, (name, curve) in enumerate(paths.curves.items()):
        rows = frame[frame["penalty"] == name]
        loss, low, high, nonzero = (
            _on(rows[column].to_numpy(), curve.lams, grid)
            for column in ("loss", "low", "high", "nonzero")
        )
        said = [
            _told(SHORT[name], lam, lam / paths.lam_max, kept, of, mean, above - mean)
            for lam, kept, mean, above in zip(grid, nonzero, loss, high, strict=True)
        ]
        part: dict[str, Array] = {
            "panel": np.full(len(grid), panel, dtype=np.int32),
            "penalty": np.full(len(grid), name, dtype=object),
            "k": np.arange(len(grid), dtype=np.int32),
            "at": place(grid / paths.lam_max, axes),
            "nonzero": nonzero.astype(np.int32),
            "loss": loss,
            "y loss": down(loss, axes.losses, layout.losses),
            "y low": down(low, axes.losses, layout.losses),
            "y high": down(high, axes.losses, layout.losses),
            "y count": down(nonzero, axes.counts, layout.counts),
        }
        for field, lines in zip(
            ("kept", "told", "short"), zip(*said, strict=True), strict=True
        ):
            part[field] = np.array(lines, dtype=object)
        for field, values in part.items():
            columns.setdefault(field, []).append(values)
    return {field: np.concatenate(parts) for field, parts in columns.items()}


def _told(
    name: str, lam: float, share: float, kept: int, of: int, loss: float, error: float
) -> tuple[str, str, str]:
    """What one λ comes to: two lines, or one where there is little room."""
    held_out = f"loss {figures(loss)} ± {figures(error, 2)}"
    return (
        f"{name}: {kept} of {of} weights",
        f"λ = {figures(lam)} ({figures(100 * share)} % of λₘₐₓ), {held_out}",
        f"{name}: λ = {figures(lam)}, {kept} of {of}, {held_out}",
    )


def _marks(
    paths: RegularizationPath, result: Comparison | None, axes: PathAxes
) -> Table:
    """The λ worth marking, but for that of now, which is dragged."""
    frame = path_view.marked(paths, result)
    frame = frame[
        (frame["mark"] != MARKS[0]) & (frame["share"] <= axes.shares[1] * 1.001)
    ]
    return {
        "panel": frame["penalty"].map(list(paths.curves).index).to_numpy(np.int32),
        "mark": frame["mark"].to_numpy(object),
        "at": place(frame["share"].to_numpy(), axes),
    }


def _now(
    paths: RegularizationPath,
    result: Comparison | None,
    axes: PathAxes,
    grid: Array,
) -> Table:
    """Where λ is now: the nearest that is drawn, and that of L1 as a power of ten.

    With them go the ends of the axes and the sizes of the tables, for what is computed
    in the browser.
    """
    frame = path_view.marked(paths, result)
    lams = frame.loc[frame["mark"] == MARKS[0], "lam"].to_numpy()
    lams = np.clip(lams, grid[-1], grid[0])
    nearest = np.argmin(np.abs(np.log(lams[:, None] / grid)), axis=1)
    power = round(A_DECADE * np.log10(grid[nearest[0]] / paths.lam_max)) / A_DECADE
    (low, high), (lowest, highest) = axes.weights, np.log10(axes.shares)
    ends = {"low": low, "high": high, "lowest": lowest, "highest": highest}
    sizes = {"features": len(axes.features), "points": len(grid), "power": power}
    m = len(lams)
    return {
        "panel": np.arange(m, dtype=np.int32),
        "penalty": np.array(list(paths.curves), dtype=object),
        "k": nearest.astype(np.int32),
        **{name: np.full(m, float(x)) for name, x in (ends | sizes).items()},
    }
