"""The developer's pages: each is a table of contents."""
