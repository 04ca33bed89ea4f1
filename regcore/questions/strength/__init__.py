"""The question «strength»."""
