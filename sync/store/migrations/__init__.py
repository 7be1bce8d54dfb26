"""The store's schema, step by step. A change to `tables` needs a new revision here; a test compares the two."""
