"""The engine: it reads both calendars, decides, and carries what a person asked for. It knows no screen."""
