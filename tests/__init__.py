"""All tests, in rooms that mirror the rooms of the project."""
