"""The samples that come with the page, and what the core makes of them."""

from dataclasses import replace
from functools import cache

import pandas as pd

from regcore.compare import train
from regcore.comparison import Comparison
from regcore.intake import Intake, read
from regcore.problem import pose
from regcore.samples import SAMPLES, Sample
from regcore.settings import Settings

DIABETES, PLANTED, CANCER, WINE = SAMPLES


@cache
def _read(title: str) -> Intake:
    (sample,) = [sample for sample in SAMPLES if sample.title == title]
    return read(sample.raw())


def read_sample(sample: Sample) -> Intake:
    """Read a sample, once for all tests."""
    return _read(sample.title)


def table_of(sample: Sample) -> pd.DataFrame:
    """Return the table of a sample."""
    return read_sample(sample).table


def compare_sample(
    sample: Sample, share: float = 0.1, **settings: object
) -> Comparison:
    """Compare on a sample, once for all tests, λ as a share of λ_max."""
    return _compared(sample.title, share, tuple(sorted(settings.items())))


@cache
def _compared(title: str, share: float, settings: tuple) -> Comparison:
    (sample,) = [sample for sample in SAMPLES if sample.title == title]
    chosen = Settings(**{"target": sample.target, **dict(settings)})
    problem = pose(table_of(sample), chosen)
    return train(problem, replace(chosen, lam=share * problem.lam_max))
