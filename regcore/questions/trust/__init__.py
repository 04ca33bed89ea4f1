"""The question «trust»."""
