"""Exact answers: no penalty, L2 and L1, to the same checked precision."""

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge

from regcore.model.losses import CROSS_ENTROPY, HALF_SQUARED_ERROR, LOG_LOSS, Array
from regcore.model.oracle import Rows
from regcore.model.penalties import Penalty
from regcore.solve.certificate import relative_gap
from regcore.solve.optimum import Optimum, solve
from tests.benchmarks.contest import PRECISE, Contest, Entry
from tests.benchmarks.problems import Data, drawn, real, surveyed

SHARE = 0.05
"""λ of L1 as a share of λ_max."""

TOLERANCES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-10)

Model = tuple[Array, Array]


def contests(*, quick: bool) -> Iterator[Contest]:
    """Small, middle and large; two classes, three classes, more features than rows."""
    squared = [real("diabetes"), drawn(HALF_SQUARED_ERROR, 10_000, 50)]
    classes = [real("breast cancer"), drawn(LOG_LOSS, 10_000, 50), real("wine")]
    if not quick:
        squared.append(drawn(HALF_SQUARED_ERROR, 100_000, 100))
        squared.append(drawn(HALF_SQUARED_ERROR, 1_000_000, 50))
        classes.append(drawn(LOG_LOSS, 100_000, 100))
        classes.append(drawn(CROSS_ENTROPY, 10_000, 50))
    for data in squared:
        yield _all_three(data)
    for data in squared + classes:
        for name in ("none", "L2", "L1"):
            # Both real sets of classes can be separated: "none" has no answer.
            if name == "none" and data.name in ("breast cancer", "wine"):
                continue
            yield _contest(data, name)
    yield _contest(drawn(HALF_SQUARED_ERROR, 2_000, 5_000), "L1", share=0.1)
    yield from _many_weights()
    if not quick:
        yield _contest(drawn(LOG_LOSS, 2_000, 5_000), "L1", share=0.1)
        yield _contest(drawn(HALF_SQUARED_ERROR, 2_000, 5_000), "L1", share=0.01)


def _many_weights() -> Iterator[Contest]:
    """Surveys; in the second there are fewer rows than weights."""
    for data in (surveyed(1_040), surveyed(400)):
        for name in ("L2", "L1"):
            yield _contest(data, name)


def penalty_of(data: Data, name: str, share: float) -> Penalty:
    lam = share * data.lam_max if name == "L1" else 10.0
    return {
        "none": Penalty(),
        "L2": Penalty(l2=lam / data.n),
        "L1": Penalty(l1=lam / data.n),
    }[name]


def _contest(data: Data, name: str, share: float = SHARE) -> Contest:
    penalty = penalty_of(data, name, share)
    peers, absent = _peers(data, penalty, name)
    wide = data.X.shape[1] > data.n
    at = "" if share == SHARE else f" at {share:g} λ_max"
    return Contest(
        task=f"{name}{at}, {data.loss.name}, {data.name}",
        ours=Entry((partial(answer, data, penalty, wide=wide),)),
        peers=peers,
        judge=partial(_suboptimality, data, penalty),
        absent=absent,
    )


def _oracle(data: Data, *, wide: bool):
    return Rows(data.X, data.Y, data.loss) if wide else data.oracle()


def answer(data: Data, penalty: Penalty, *, wide: bool) -> Model:
    # The gap is of the order of the residual's square.
    best = solve(
        _oracle(data, wide=wide),
        penalty,
        data.start,
        tolerance=PRECISE,
        residual=300 * PRECISE,
    )
    return best.W, best.b


def _all_three(data: Data) -> Contest:
    """One pass over the rows serves all three answers."""

    def ours() -> list[Optimum]:
        oracle = data.oracle()
        return [
            solve(oracle, penalty_of(data, name, SHARE), data.start)
            for name in ("none", "L2", "L1")
        ]

    def peer() -> None:
        _fit(data, LinearRegression())
        _fit(data, Ridge(alpha=10.0, solver="cholesky"))
        _fit(data, Lasso(alpha=SHARE * data.lam_max / data.n, precompute=True))

    return Contest(
        task=f"none, L2 and L1, {data.loss.name}, {data.name}",
        ours=Entry((ours,)),
        peers={"scikit-learn": Entry((peer,))},
    )


def _suboptimality(data: Data, penalty: Penalty, model: object) -> float:
    """How far above the certified bound; the objective is computed here for all."""
    W, b = model
    key = (id(data.X), float(penalty.l1), float(penalty.l2))
    rows = Rows(data.X, data.Y, data.loss)
    if key not in _BOUNDS:
        wide = data.X.shape[1] > data.n
        _BOUNDS[key] = solve(_oracle(data, wide=wide), penalty, data.start).bound
    objective = float(rows.loss(W[None], b[None])[0] + penalty.value(W))
    return relative_gap(objective, _BOUNDS[key])


_BOUNDS: dict[tuple[int, float, float], float] = {}


def _fit(data: Data, model) -> Model:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(data.X, data.y)
    W = np.atleast_2d(model.coef_).T
    return W, np.reshape(model.intercept_, (1, W.shape[1]))


def _ladder(data: Data, make: Callable[[float], object]) -> Entry:
    """The same fit at falling tolerances."""
    return Entry(tuple(partial(_at, data, make, tol) for tol in TOLERANCES))


def _at(data: Data, make: Callable[[float], object], tol: float) -> Model:
    return _fit(data, make(tol))


def _peers(
    data: Data, penalty: Penalty, name: str
) -> tuple[dict[str, Entry], tuple[str, ...]]:
    if data.loss is HALF_SQUARED_ERROR:
        return _peers_squared(data, penalty, name)
    return _peers_classes(data, penalty, name)


def _peers_squared(
    data: Data, penalty: Penalty, name: str
) -> tuple[dict[str, Entry], tuple[str, ...]]:
    lam = data.n * float(penalty.l2)
    if name == "none":
        return {
            "LinearRegression": Entry((partial(_fit, data, LinearRegression()),))
        }, ()
    if name == "L2":
        return {
            f"Ridge, {solver}": Entry(
                (partial(_fit, data, Ridge(alpha=lam, solver=solver)),)
            )
            for solver in ("cholesky", "svd")
        }, ()

    def lasso(tol: float, gram: bool) -> Lasso:
        return Lasso(
            alpha=float(penalty.l1), precompute=gram, tol=tol, max_iter=100_000
        )

    entries = {"Lasso": _ladder(data, partial(lasso, gram=False))}
    if data.X.shape[1] <= data.n:
        entries["Lasso, Gram"] = _ladder(data, partial(lasso, gram=True))
    alpha = float(penalty.l1)
    others, absent = _installed(
        celer=lambda it: _ladder(data, lambda tol: it.Lasso(alpha=alpha, tol=tol)),
        skglm=lambda it: _ladder(data, lambda tol: it.Lasso(alpha=alpha, tol=tol)),
        adelie=partial(_adelie, data, penalty),
    )
    return entries | others, absent


def _installed(
    **peers: Callable[[Any], Entry],
) -> tuple[dict[str, Entry], tuple[str, ...]]:
    """What peers make of their module, and the names of those that are not there."""
    there = {name: make for name, make in peers.items() if find_spec(name)}
    entries = {name: make(import_module(name)) for name, make in there.items()}
    return entries, tuple(name for name in peers if name not in there)


def _adelie(data: Data, penalty: Penalty, adelie: Any) -> Entry:
    """Columns are given as it wants them; it asks for an old NumPy, and runs on ours.

    Install it by `pip install --no-deps adelie`.
    """
    X, y = np.asfortranarray(data.X), data.y.astype(float)
    classes = data.loss is LOG_LOSS
    glm = adelie.glm.binomial(y) if classes else adelie.glm.gaussian(y)

    def run(tol: float) -> Model:
        more = {"irls_tol": tol} if classes else {}
        fit = adelie.grpnet(
            X,
            glm,
            lmda_path=[float(penalty.l1)],
            early_exit=False,
            tol=tol,
            progress_bar=False,
            **more,
        )
        return fit.betas.toarray().T, np.reshape(fit.intercepts, (1, 1))

    return Entry(tuple(partial(run, tol) for tol in TOLERANCES))


def _peers_classes(
    data: Data, penalty: Penalty, name: str
) -> tuple[dict[str, Entry], tuple[str, ...]]:
    strength = float(penalty.l1) or float(penalty.l2)
    C = 1.0 / (strength * data.n) if strength else np.inf
    solvers = {"none": ("lbfgs", "newton-cholesky"), "L2": ("lbfgs", "newton-cholesky")}
    if name == "L1":
        solvers["L1"] = (
            ("saga",) if data.loss is CROSS_ENTROPY else ("liblinear", "saga")
        )
        if data.X.shape[1] > data.n:
            solvers["L1"] = ("liblinear",)

    def make(tol: float, solver: str) -> LogisticRegression:
        more = {"intercept_scaling": 100.0} if solver == "liblinear" else {}
        return LogisticRegression(
            C=C,
            l1_ratio=float(name == "L1"),
            solver=solver,
            tol=tol,
            max_iter=2_000,
            **more,
        )

    entries = {
        f"LogisticRegression, {solver}": _ladder(data, partial(make, solver=solver))
        for solver in solvers[name]
    }
    if data.loss is CROSS_ENTROPY:
        return entries, ()
    if name == "L1":
        others, absent = _installed(
            skglm=lambda it: _ladder(
                data, lambda tol: it.SparseLogisticRegression(alpha=strength, tol=tol)
            ),
            adelie=partial(_adelie, data, penalty),
        )
        return entries | others, absent

    def glum(it: Any, tol: float) -> object:
        return it.GeneralizedLinearRegressor(
            family="binomial",
            alpha=strength,
            l1_ratio=0.0,
            gradient_tol=tol,
            check_input=False,
        )

    others, absent = _installed(glum=lambda it: _ladder(data, partial(glum, it)))
    return entries | others, absent
