"""Paths → one picture that is dragged: what every λ gives, as numbers and places.

Two or three panels stand side by side, one a penalty; each has the weights, the
held-out loss and the non-zeros against λ, and the weights at one λ as bars. All heights
are pixels from the top, all widths shares of a panel's plot.
"""

import numpy as np

from regcore.comparison import Comparison
from regcore.drawing import FIRST
from regcore.drawing.picture import Picture, Table
from regcore.model.losses import Array, Integers
from regcore.questions.path.axes import Layout, PathAxes, down, path_axes, place
from regcore.questions.path.chart import MARKS, specification
from regcore.questions.path.frame import in_panels, names, rules, texts
from regcore.regularization_path import A_DECADE, RegularizationPath
from regcore.solve.path import Curve
from regcore.words import figures

SHORT = {"L1": "L1", "L2": "L2", "elastic net": "Elastic net"}


def path_picture(
    paths: RegularizationPath, result: Comparison | None = None, output: int = 0
) -> Picture:
    """Weights, loss and non-zeros along λ, and the bars at the λ it is dragged to."""
    axes = path_axes(paths, output)
    layout = Layout(len(paths.curves), min(len(axes.features), FIRST))
    # Every λ that is drawn, falling: those of L2, which begin the furthest.
    grid = paths.l2.lams[paths.l2.lams <= axes.shares[1] * 1.001 * paths.lam_max]
    lowest = float(np.log10(grid[-1] / paths.lam_max))
    penalties = np.array(list(paths.curves), dtype=object)
    features = [paths.design.features.index(name) for name in axes.features]
    lines = np.array(
        [
            _on(curve.W[:, features, output], curve, grid).T
            for curve in paths.curves.values()
        ]
    )
    tables: dict[str, Table] = {
        "lines": _line_table(paths, axes, layout, grid, lines),
        "curves": _curves(paths, axes, layout, grid),
        "bars": _bars(axes, layout, penalties),
        "marks": _marks(paths, axes),
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


def _nearest(lams: Array, grid: Array) -> Integers:
    """Places on the grid of what is nearest to each λ."""
    places: Integers = np.argmin(np.abs(np.log(lams[:, np.newaxis] / grid)), axis=1)
    return places


def _on(values: np.ndarray, curve: Curve, grid: Array) -> np.ndarray:
    """What a curve has at every λ of the grid; above its first λ it stays as it is."""
    return values[_nearest(grid, curve.lams)]


def _line_table(
    paths: RegularizationPath, axes: PathAxes, layout: Layout, grid: Array, lines: Array
) -> Table:
    """A row for every λ of every feature of every penalty, in this order.

    Parameters
    ----------
    lines : weights, (penalties, features, λ)
    """
    m, count, points = lines.shape
    features = np.array(axes.features, dtype=object)
    each = np.arange(count, dtype=np.int32)
    return {
        **in_panels(np.array(list(paths.curves), dtype=object), count * points),
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
        **in_panels(penalties, rows),
        "f": np.tile(np.arange(rows, dtype=np.int32), m),
        "feature": np.tile(features, m),
        "y": np.tile(layout.bar_rows, m),
    }


def _curves(
    paths: RegularizationPath, axes: PathAxes, layout: Layout, grid: Array
) -> Table:
    """Loss, its band and the non-zeros at every λ, and what is said of each."""
    m, curves = layout.panels, paths.curves.values()
    loss = np.concatenate([_on(curve.mean, curve, grid) for curve in curves])
    error = np.concatenate([_on(curve.standard_error, curve, grid) for curve in curves])
    nonzero = np.concatenate([_on(curve.nonzero, curve, grid) for curve in curves])
    own = in_panels(np.array(list(paths.curves), dtype=object), len(grid))
    rows = zip(own["penalty"], np.tile(grid, m), nonzero, loss, error, strict=True)
    said = [
        _told(SHORT[name], lam, lam / paths.lam_max, kept, axes.most, mean, off)
        for name, lam, kept, mean, off in rows
    ]
    kept, told, short = (np.array(x, dtype=object) for x in zip(*said, strict=True))
    return {
        **own,
        "k": np.tile(np.arange(len(grid), dtype=np.int32), m),
        "at": np.tile(place(grid / paths.lam_max, axes), m),
        "nonzero": nonzero.astype(np.int32),
        "loss": loss,
        "y loss": down(loss, axes.losses, layout.losses),
        "y low": down(loss - error, axes.losses, layout.losses),
        "y high": down(loss + error, axes.losses, layout.losses),
        "y count": down(nonzero, axes.counts, layout.counts),
        "kept": kept,
        "told": told,
        "short": short,
    }


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


def _marks(paths: RegularizationPath, axes: PathAxes) -> Table:
    """The λ that cross-validation names, where they are drawn."""
    marks = [
        (panel, mark, lam / paths.lam_max)
        for panel, curve in enumerate(paths.curves.values())
        for mark, lam in zip(MARKS, (curve.lam_min, curve.lam_1se), strict=True)
        if lam / paths.lam_max <= axes.shares[1] * 1.001
    ]
    panels, names, shares = zip(*marks, strict=True)
    return {
        "panel": np.array(panels, dtype=np.int32),
        "mark": np.array(names, dtype=object),
        "at": place(np.array(shares), axes),
    }


def _now(
    paths: RegularizationPath, result: Comparison | None, axes: PathAxes, grid: Array
) -> Table:
    """Where λ is now: the nearest that is drawn, and that of L1 as a power of ten.

    Without a comparison it is that of the smallest loss. With it go the ends of the
    axes and the sizes of the tables, for what is computed in the browser.
    """
    lams = [curve.lam_min for curve in paths.curves.values()]
    if result is not None:
        l1, l2 = result.settings.lam, result.settings.l2_lam
        lams = [l2 if penalty == "L2" else l1 for penalty in paths.curves]
    nearest = _nearest(np.clip(lams, grid[-1], grid[0]), grid)
    power = round(A_DECADE * np.log10(grid[nearest[0]] / paths.lam_max)) / A_DECADE
    (low, high), (lowest, highest) = axes.weights, np.log10(axes.shares)
    ends = {"low": low, "high": high, "lowest": lowest, "highest": highest}
    sizes = {"features": len(axes.features), "points": len(grid), "power": power}
    return {
        **in_panels(np.array(list(paths.curves), dtype=object), 1),
        "k": nearest.astype(np.int32),
        **{name: np.full(len(lams), float(x)) for name, x in (ends | sizes).items()},
    }
