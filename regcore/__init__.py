"""The same linear model trained with no penalty, L1 and L2, side by side.

Notation, used everywhere: n training rows, p features (columns of the design matrix),
k outputs (1, or one a class), m models side by side; X (n, p) standardised, Y (n, k),
weights W (…, p, k), biases b (…, 1, k), linear predictor Z = XW + b (…, n, k). A
leading axis, where there is one, is the model. λ is `lam`, the learning rate η `rate`.

What is minimised, with the loss C0 the mean over the training rows:

    none   C0
    L1     C0 + (λ/n)·Σ|w|
    L2     C0 + (λ/2n)·Σw²

objective = loss + penalty; the bias is never penalised.
"""

# It says how results are shown.
from regcore import notebook as notebook
from regcore.compare import compare
from regcore.comparison import Comparison
from regcore.design.sheet import Sheet
from regcore.export import FittedModel, from_json
from regcore.intake import Intake, IntakeError, Reading, read
from regcore.nested_validation import nested_validation
from regcore.regularization_path import RegularizationPath, regularization_path
from regcore.settings import DesignError, Settings, Task
from regcore.sources import connect

__all__ = [
    "Comparison",
    "DesignError",
    "FittedModel",
    "Intake",
    "IntakeError",
    "Reading",
    "RegularizationPath",
    "Settings",
    "Sheet",
    "Task",
    "compare",
    "connect",
    "from_json",
    "nested_validation",
    "read",
    "regularization_path",
]
