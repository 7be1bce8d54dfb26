"""What is done over a whole calendar: pulling it into the mirror, and looking for what is out of order."""
