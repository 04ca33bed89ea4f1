"""The question «refit»."""
