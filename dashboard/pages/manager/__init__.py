"""The manager's pages: each is a table of contents."""
