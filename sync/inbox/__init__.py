"""What is asked for and not yet done, and the worker that takes it up."""
