"""Commands of `python -m sync` that are more than a few lines."""
