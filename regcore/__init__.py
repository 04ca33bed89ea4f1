"""Training core: the same linear model with no penalty, L1 and L2, side by side."""
