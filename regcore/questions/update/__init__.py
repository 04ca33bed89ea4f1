"""The question «update»."""
