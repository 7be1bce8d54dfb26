"""Bookly: WordPress tables over SQL, naive local times, rows and customers on them."""
