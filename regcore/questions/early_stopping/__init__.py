"""The question «early_stopping»."""
