"""Pulling, and looking for what is out of order."""
