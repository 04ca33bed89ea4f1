"""The samples that come with the page, and what the core makes of them."""

from dataclasses import replace

from regcore.compare import Comparison, train
from regcore.intake import read
from regcore.problem import pose
from regcore.samples import SAMPLES, Sample
from regcore.settings import Settings

DIABETES, PLANTED, CANCER, WINE = SAMPLES


def compare_sample(
    sample: Sample, share: float = 0.1, **settings: object
) -> Comparison:
    """Compare on a sample, λ as a share of λ_max."""
    chosen = Settings(**{"target": sample.target, **settings})
    problem = pose(read(sample.raw()).table, chosen)
    return train(problem, replace(chosen, lam=share * problem.lam_max))
