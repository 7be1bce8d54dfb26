"""Set-up, starting, and the checks of this repository itself."""
