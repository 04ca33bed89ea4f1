"""Results to Altair; names from the user's file are values, never fields."""
