"""How the objective is minimised: descent, and exactly. NumPy alone."""
