"""The question «epochs»."""
