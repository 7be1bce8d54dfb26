"""The HTTP door, a process of its own: webhooks become hints on disk, and only then are answered with 200."""
