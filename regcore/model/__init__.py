"""The model: loss + penalty on data. NumPy alone."""
