"""Curves: training and validation loss and weights of every epoch, three models."""

from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec

import numpy as np
from sklearn.linear_model import SGDClassifier, SGDRegressor
from sklearn.metrics import log_loss, mean_squared_error

from regcore.model.losses import HALF_SQUARED_ERROR, LOG_LOSS, Array
from regcore.model.oracle import Rows
from regcore.model.penalties import Penalty
from regcore.solve.descent import Schedule, descend
from tests.benchmarks.contest import Contest, Entry
from tests.benchmarks.problems import Data, drawn

RATE = 0.05

Penalties = tuple[Penalty, ...]


def contests(*, quick: bool) -> Iterator[Contest]:
    """Full batches for both losses, and mini-batches of 32."""
    for loss, size in [(HALF_SQUARED_ERROR, 10_000), (LOG_LOSS, 10_000)]:
        yield _full(
            drawn(loss, size, 50), epochs=1000 if loss is HALF_SQUARED_ERROR else 200
        )
    if not quick:
        for loss in (HALF_SQUARED_ERROR, LOG_LOSS):
            yield _full(drawn(loss, 100_000, 100), epochs=50)
    yield _small_batches(drawn(HALF_SQUARED_ERROR, 10_000, 50))


def _split(data: Data) -> tuple[Data, Data]:
    cut = data.n * 4 // 5
    return data._replace(X=data.X[:cut], Y=data.Y[:cut]), data._replace(
        X=data.X[cut:], Y=data.Y[cut:]
    )


def three_penalties(data: Data) -> Penalties:
    """None, L1 and L2 at a twentieth of λ_max."""
    lam = 0.05 * data.lam_max / data.n
    return Penalty(), Penalty(l1=lam), Penalty(l2=lam)


def _full(data: Data, epochs: int) -> Contest:
    training, held_out = _split(data)
    penalties = three_penalties(training)
    peers = {
        "scikit-learn partial_fit and metrics": _peer(
            partial(_scikit, evaluate=_metrics), training, held_out, 3
        ),
        "scikit-learn partial_fit, losses by NumPy": _peer(
            partial(_scikit, evaluate=_losses), training, held_out, 3
        ),
        "NumPy, model by model": _peer(model_by_model, training, held_out, 20),
    }
    absent = ()
    if data.loss is LOG_LOSS:
        single = partial(
            train, training, held_out, penalties, epochs, None, dtype=np.float32
        )
        peers["ours, float32"] = Entry((single,), share=float(epochs))
    if find_spec("torch"):
        peers["PyTorch"] = _peer(_torch, training, held_out, 20)
    else:
        absent = ("PyTorch",)
    return Contest(
        task=f"curves, {data.loss.name}, {data.name}",
        ours=Entry(
            (partial(train, training, held_out, penalties, epochs, None),),
            share=float(epochs),
        ),
        peers=peers,
        unit="epoch",
        absent=absent,
    )


def _peer(loop, training: Data, held_out: Data, epochs: int) -> Entry:
    return Entry(
        (partial(loop, training, held_out, three_penalties(training), epochs),),
        share=float(epochs),
    )


def _small_batches(data: Data) -> Contest:
    training, held_out = _split(data)
    penalties = three_penalties(training)
    peers, absent = (
        {"NumPy, model by model": _peer(_plain_batches, training, held_out, 2)},
        (),
    )
    if find_spec("torch"):
        peers["PyTorch"] = _peer(_torch_batches, training, held_out, 1)
    else:
        absent = ("PyTorch",)
    return Contest(
        task=f"curves, batches of 32, {data.loss.name}, {data.name}",
        ours=Entry((partial(train, training, held_out, penalties, 5, 32),), share=5.0),
        peers=peers,
        unit="epoch",
        absent=absent,
    )


def train(
    training: Data,
    held_out: Data,
    penalties: Penalties,
    epochs: int,
    batch_size: int | None,
    dtype: type = np.float64,
):
    training, held_out = (
        data._replace(X=data.X.astype(dtype, copy=False))
        for data in (training, held_out)
    )
    schedule = Schedule(rate=RATE, epochs=epochs, tolerance=0.0, batch_size=batch_size)
    return descend(
        training.oracle(),
        penalties,
        training.start,
        schedule,
        batches=Rows(training.X, training.Y, training.loss),
        validation=held_out.oracle(),
    )


def _loss(data: Data, w: Array, b: float) -> float:
    z = data.X @ w + b
    y = data.Y[:, 0]
    if data.loss is HALF_SQUARED_ERROR:
        return float(0.5 * ((z - y) ** 2).mean())
    return float((np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0.0) - y * z).mean())


def _losses(model: SGDClassifier | SGDRegressor, data: Data) -> float:
    return _loss(data, model.coef_.ravel(), float(model.intercept_[0]))


def _metrics(model: SGDClassifier | SGDRegressor, data: Data) -> float:
    """Return what its documentation would have a user write."""
    if data.loss is HALF_SQUARED_ERROR:
        return 0.5 * mean_squared_error(data.y, model.predict(data.X))
    return log_loss(data.y, model.predict_proba(data.X))


def _scikit(
    training: Data,
    held_out: Data,
    penalties: Penalties,
    epochs: int,
    evaluate: Callable[[SGDClassifier | SGDRegressor, Data], float],
) -> list[Array]:
    lam = float(penalties[1].l1)
    squared = training.loss is HALF_SQUARED_ERROR
    curves = []
    for penalty in (None, "l1", "l2"):
        options = {"penalty": penalty, "alpha": lam, "learning_rate": "constant"}
        if squared:
            model = SGDRegressor(eta0=1e-3, **options)
        else:
            model = SGDClassifier(loss="log_loss", eta0=1e-3, **options)
        more = {} if squared else {"classes": np.array([0.0, 1.0])}
        for _ in range(epochs):
            model.partial_fit(training.X, training.y, **more)
            losses = evaluate(model, training), evaluate(model, held_out)
            curves.append((*losses, model.coef_.ravel().copy()))
    return curves


def _residual(data: Data, z: Array) -> Array:
    y = data.Y[:, 0]
    return z - y if data.loss is HALF_SQUARED_ERROR else 1.0 / (1.0 + np.exp(-z)) - y


def _step(w: Array, g: Array, penalty: Penalty) -> Array:
    v = (1.0 - RATE * penalty.l2) * w - RATE * g
    return np.sign(v) * np.maximum(np.abs(v) - RATE * penalty.l1, 0.0)


def model_by_model(
    training: Data, held_out: Data, penalties: Penalties, epochs: int
) -> list[Array]:
    """Plain NumPy, as anybody would write it."""
    curves = []
    X, n = training.X, training.n
    for penalty in penalties:
        w, b = np.zeros(X.shape[1]), float(training.start[1][0, 0])
        for _ in range(epochs):
            r = _residual(training, X @ w + b)
            curves.append((_loss(training, w, b), _loss(held_out, w, b), w.copy()))
            w, b = _step(w, X.T @ r / n, penalty), b - RATE * r.mean()
    return curves


def _plain_batches(
    training: Data, held_out: Data, penalties: Penalties, epochs: int
) -> list[Array]:
    curves = []
    X, y = training.X, training.Y[:, 0]
    for penalty in penalties:
        w, b = np.zeros(X.shape[1]), float(training.start[1][0, 0])
        for epoch in range(epochs):
            order = np.random.default_rng(epoch).permutation(training.n)
            for first in range(0, training.n, 32):
                rows = order[first : first + 32]
                r = X[rows] @ w + b - y[rows]
                w = _step(w, X[rows].T @ r / len(rows), penalty)
                b -= RATE * r.mean()
            curves.append((_loss(training, w, b), _loss(held_out, w, b), w.copy()))
    return curves


def _torch(
    training: Data,
    held_out: Data,
    penalties: Penalties,
    epochs: int,
    batch_size: int | None = None,
) -> list[Array]:
    import torch

    def tensors(data: Data):
        return torch.from_numpy(data.X), torch.from_numpy(data.Y)

    (X, Y), (XV, YV) = tensors(training), tensors(held_out)
    squared = training.loss is HALF_SQUARED_ERROR
    criterion = torch.nn.MSELoss() if squared else torch.nn.BCEWithLogitsLoss()
    curves = []
    for penalty in penalties:
        model = torch.nn.Linear(X.shape[1], 1, dtype=torch.float64)
        optimiser = torch.optim.SGD(model.parameters(), lr=RATE)
        for _ in range(epochs):
            batches = [slice(None)]
            if batch_size is not None:
                batches = torch.randperm(len(X)).split(batch_size)
            for rows in batches:
                optimiser.zero_grad()
                objective = criterion(model(X[rows]), Y[rows])
                if penalty.l1:
                    objective = objective + penalty.l1 * model.weight.abs().sum()
                if penalty.l2:
                    objective = objective + 0.5 * penalty.l2 * (model.weight**2).sum()
                objective.backward()
                optimiser.step()
            with torch.no_grad():
                w = model.weight.numpy().copy()
                losses = criterion(model(X), Y).item(), criterion(model(XV), YV).item()
                curves.append((*losses, w))
    return curves


def _torch_batches(
    training: Data, held_out: Data, penalties: Penalties, epochs: int
) -> list[Array]:
    return _torch(training, held_out, penalties, epochs, 32)
