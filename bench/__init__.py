"""Measurements, each printed beside what it is compared with: `python -m bench [NAME ...]`."""
