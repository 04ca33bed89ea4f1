"""The question «dropped»."""
