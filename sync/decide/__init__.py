"""What must be decided, decided in pure functions of the model: no clock, no I/O."""
