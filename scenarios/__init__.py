"""What to run, on which data, and what must come out. Knows no screen."""
