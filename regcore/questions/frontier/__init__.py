"""The question «frontier»."""
