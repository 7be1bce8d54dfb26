"""Pieces of pages: each is given its data and draws it. None of them asks the store for anything."""
