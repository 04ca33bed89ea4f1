"""The question «cards»."""
