"""Wrong changes to the engine, each of which a test must catch: `make breaks`."""
