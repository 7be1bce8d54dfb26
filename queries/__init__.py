"""The read side: every statement of the screens, named and described. Hands out DataFrames, never writes."""
