"""A table to a design matrix: roles, target, split, columns, scale, ledger, leaks."""

from regcore.design.matrix import Design, build_design

__all__ = ["Design", "build_design"]
