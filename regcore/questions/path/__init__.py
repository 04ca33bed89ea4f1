"""The question «path»."""
