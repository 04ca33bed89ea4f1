"""What a comparison answers beyond the three columns, in numbers and in words."""
