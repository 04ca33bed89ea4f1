"""Two weights, seen from above: the loss, the penalty's shape, and the way down."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from regcore.comparison import Comparison, Model
from regcore.model.losses import Array
from regcore.problem import Problem
from regcore.questions.cards.ranking import ranked_weights
from regcore.questions.contours.planes import Plane, cut_plane, lowest
from regcore.questions.epochs.answer import evenly_thinned

ANGLES = 40
"""Rays from the lowest point, along which contours are looked for."""

MOST_STEPS = 60
"""Steps towards a level on a ray; the root of the loss is nearly straight, so that few
are needed, for squared error one."""

CLOSE = 1e-5
"""Distance from a level, as a share of the highest, at which a point is on it."""

RINGS = 6
"""Contours of every picture, besides the one through the solution."""

MOST_POINTS = 45
"""Epochs drawn of one way down."""

THINNEST = 1e-4
"""Rings may be a hundred times as long as wide; beyond that they are drawn as lines."""


@dataclass(frozen=True)
class View:
    """One penalty's picture; every other weight and the bias stay at its solution.

    Attributes
    ----------
    exact : whether that solution is the optimum; if there is none, it is where the run
        ended
    solution : the two weights there, (2,)
    contours : ring, x, y, level of the loss in order around; ring 0 goes through the
        solution
    shape : x, y of all pairs with the penalty of the solution; empty for none
    descent : epoch, x, y of the run, projected on the two weights
    """

    penalty: str
    exact: bool
    solution: Array
    contours: pd.DataFrame
    shape: pd.DataFrame
    descent: pd.DataFrame


@dataclass(frozen=True)
class Square:
    """The part of the plane that the three pictures share: a circle stays a circle."""

    x: tuple[float, float]
    y: tuple[float, float]

    @property
    def corners(self) -> Array:
        """(4, 2)."""
        return np.array([(x, y) for x in self.x for y in self.y])


def proposed_pair(result: Comparison, output: int = 0) -> tuple[int, int]:
    """The largest weight, and the largest of those that L1 sets to 0, if it does."""
    design = result.problem.design
    column = design.classes[output] if len(design.classes) > 2 else None
    names = list(ranked_weights(result, column, original_units=False).index)
    order = [design.features.index(name) for name in names]
    zeros = [j for j in order[1:] if result["L1"].run.W[j, output] == 0.0]
    return order[0], (zeros or order[1:] or order)[0]


def from_above(
    result: Comparison, pair: tuple[int, int], output: int = 0
) -> tuple[Square, tuple[View, ...]]:
    """Look at two weights under none, L1 and L2.

    Parameters
    ----------
    pair : numbers of two different features
    """
    ways = [
        _descent(model, pair, output) for model in result.models if not model.diverged
    ]
    ends = [_solution(model)[0][list(pair), output] for model in result.models]
    points = np.vstack([np.zeros((1, 2)), *(way[["x", "y"]] for way in ways), *ends])
    square = _square(points)
    problem = result.problem
    return square, tuple(
        _view(problem, model, pair, output, square) for model in result.models
    )


def _view(
    problem: Problem, model: Model, pair: tuple[int, int], output: int, square: Square
) -> View:
    W, b = _solution(model)
    plane = cut_plane(problem, (W, b), list(pair), output)
    solution, way = W[list(pair), output], _descent(model, pair, output)
    return View(
        penalty=model.name,
        exact=model.optimum.exists,
        solution=solution,
        contours=_contours(plane, solution, square),
        shape=_shape(model.name, solution),
        descent=way[: 1 if model.diverged else len(way)],
    )


def _solution(model: Model) -> tuple[Array, Array]:
    optimum, run = model.optimum, model.run
    return (optimum.W, optimum.b) if optimum.exists else (run.W, run.b)


def _contours(plane: Plane, solution: Array, square: Square) -> pd.DataFrame:
    """Points of equal loss on rays from the lowest point.

    The loss is convex, so that every ray crosses every level above its start once.
    """
    centre = lowest(plane, solution)
    reach = float(np.linalg.norm(square.corners - centre, axis=1).max())
    aims = np.vstack([square.corners, solution])
    rays = _rays(plane.hessian(centre), aims - centre) * reach
    bottom = plane.loss(centre[np.newaxis])[0]

    def root(points: Array) -> Array:
        root: Array = np.sqrt(np.maximum(plane.loss(points) - bottom, 0.0))
        return root

    *corners, through = root(aims)
    top = max(corners)
    levels = np.array([through, *(top * (np.arange(RINGS) + 1.0) / RINGS)])
    rings = np.flatnonzero(levels > 1e-6 * top)
    shares = _shares(root, centre, rays, levels[rings])
    x, y = np.moveaxis(centre + rays * shares[..., np.newaxis], -1, 0)
    return pd.DataFrame(
        {
            "ring": np.repeat(rings, len(rays)),
            "order": np.tile(np.arange(len(rays)), len(rings)),
            "x": x.ravel(),
            "y": y.ravel(),
            "level": np.repeat(bottom + levels[rings] ** 2, len(rays)),
        }
    )


def _rays(H: Array, aims: Array) -> Array:
    """Directions (m, 2) of length 1, dense where the rings are long, the first again.

    Some go through the aims (5, 2), so that the rings are right near these even if the
    lowest point is far off.
    """
    values, vectors = np.linalg.eigh(0.5 * (H + H.T))
    values = np.maximum(values, max(THINNEST * values[-1], 1e-300))
    aimed = aims @ vectors * np.sqrt(values / values[-1])
    angles = np.arctan2(aimed[:, 1], aimed[:, 0])
    even = np.linspace(-np.pi, np.pi, ANGLES, endpoint=False)
    angles = np.unique(np.append(even, angles))
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    rays = circle / np.sqrt(values) @ vectors.T
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    return np.vstack([rays, rays[:1]])


def _shares(
    root: Callable[[Array], Array], centre: Array, rays: Array, levels: Array
) -> Array:
    """How much of each ray it takes to reach each level: (levels, rays).

    A ray that ends below the level is drawn on, straight, out of the square.

    References
    ----------
    Dowell and Jarratt (1971), A modified regula falsi method.
    """
    ends = root(centre + rays)
    # No share is above 3, however little the ring lies below the end.
    least = np.maximum(levels / 3.0, 1e-300)[:, np.newaxis]
    shares: Array = levels[:, np.newaxis] / np.maximum(ends, least)
    ring, ray = np.nonzero(ends > levels[:, np.newaxis])
    kept, last = np.zeros(len(ring)), np.ones(len(ring))
    at_kept, at_last = -levels[ring], ends[ray] - levels[ring]
    for _ in range(MOST_STEPS):
        share = (kept * at_last - last * at_kept) / (at_last - at_kept)
        shares[ring, ray] = share
        found = root(centre + rays[ray] * share[:, np.newaxis]) - levels[ring]
        crossed = found * at_last < 0.0
        kept = np.where(crossed, last, kept)
        # Halved, the end that stays does not hold the next points back.
        at_kept = np.where(crossed, at_last, 0.5 * at_kept)
        left = np.abs(found) > CLOSE * levels.max(initial=0.0)
        if not left.any():
            break
        ring, ray, last, at_last = ring[left], ray[left], share[left], found[left]
        kept, at_kept = kept[left], at_kept[left]
    return shares


def _shape(penalty: str, solution: Array) -> pd.DataFrame:
    """The diamond |x| + |y| = const or the circle x² + y² = const of the solution."""
    x, y = np.empty(0), np.empty(0)
    if penalty == "L1" and np.any(solution):
        size = np.abs(solution).sum()
        x, y = size * np.array([1, 0, -1, 0, 1.0]), size * np.array([0, 1, 0, -1, 0.0])
    if penalty == "L2" and np.any(solution):
        size, angles = np.linalg.norm(solution), np.linspace(0.0, 2.0 * np.pi, 73)
        x, y = size * np.cos(angles), size * np.sin(angles)
    return pd.DataFrame({"order": np.arange(len(x)), "x": x, "y": y})


def _descent(model: Model, pair: tuple[int, int], output: int) -> pd.DataFrame:
    """The run's states, more of the early ones."""
    run = model.run
    at = evenly_thinned(run.snapshot_epochs, MOST_POINTS)
    W = run.snapshot_W[at][:, list(pair), output]
    return pd.DataFrame({"epoch": run.snapshot_epochs[at], "x": W[:, 0], "y": W[:, 1]})


def _square(points: Array) -> Square:
    """The smallest square around the points, with a margin."""
    low, high = points.min(axis=0), points.max(axis=0)
    half = 0.65 * float((high - low).max()) or 1.0
    (x, y) = 0.5 * (low + high)
    return Square((x - half, x + half), (y - half, y + half))
