"""Bookly's side of the practice salon: its tables, rows to fill them with, its website and back office, its faults."""
