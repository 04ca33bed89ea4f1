"""The question «contours»."""
