"""What the page answers, one folder a question."""
