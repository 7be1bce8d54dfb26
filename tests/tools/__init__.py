"""Set-up and starting."""
