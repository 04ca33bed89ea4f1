"""A table to a design matrix: roles, target, split, columns, scale, ledger, leaks."""

from regcore.design.build import build_design
from regcore.design.matrix import Design

__all__ = ["Design", "build_design"]
