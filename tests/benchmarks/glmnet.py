"""R's cv.glmnet as a peer, where R and glmnet are installed."""

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from regcore.model.losses import CROSS_ENTROPY, HALF_SQUARED_ERROR, LOG_LOSS, Array
from tests.benchmarks.problems import Data

FAMILY = {
    HALF_SQUARED_ERROR: "gaussian",
    LOG_LOSS: "binomial",
    CROSS_ENTROPY: "multinomial",
}

SCRIPT = """
suppressMessages(library(glmnet))
given <- commandArgs(TRUE)
read <- function(name) {
  path <- file.path(given[1], name)
  readBin(path, "double", file.size(path) / 8)
}
y <- read("y"); X <- matrix(read("X"), nrow = length(y)); lambda <- read("lambda")
if (given[2] != "gaussian") y <- factor(y)
start <- proc.time()
fit <- cv.glmnet(X, y, family = given[2], alpha = as.numeric(given[3]),
                 lambda = lambda, foldid = read("fold"), thresh = as.numeric(given[4]))
cat(sum((proc.time() - start)[1:2]))
ends <- coef(fit$glmnet.fit)
if (!is.list(ends)) ends <- list(ends)
writeBin(as.double(sapply(ends, as.matrix)), file.path(given[1], "ends"))
"""


@cache
def installed() -> bool:
    """Whether R can load glmnet."""
    if not shutil.which("Rscript"):
        return False
    asked = ["Rscript", "-e", "library(glmnet)"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def cross_validate(
    data: Data, fold: Array, l1_ratio: float, lams: Array, tolerance: float = 1e-7
) -> tuple[float, tuple[Array, Array]]:
    """Seconds of its processor's time that cv.glmnet needs, as R tells them.

    And its models on all rows: W (L, p, k) and b (L, 1, k).
    """
    family = FAMILY[data.loss]
    with tempfile.TemporaryDirectory() as folder:
        numbers = {"X": data.X.T, "y": data.y, "fold": fold + 1}
        numbers["lambda"] = lams / data.n
        for name, values in numbers.items():
            np.ascontiguousarray(values, dtype=float).tofile(Path(folder) / name)
        given = [folder, family, str(l1_ratio), str(tolerance)]
        told = subprocess.run(
            ["Rscript", "-e", SCRIPT, *given],
            capture_output=True,
            check=True,
            text=True,
        )
        ends = np.fromfile(Path(folder) / "ends")
    V = ends.reshape(-1, len(lams), data.X.shape[1] + 1).transpose(1, 2, 0)
    return float(told.stdout), (V[:, 1:], V[:, :1])
