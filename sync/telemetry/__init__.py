"""What is measured: durations as sketches that add up exactly, and counts; a row a minute and a row an hour.

Whoever runs (worker, intake, jobs) collects in memory with `Telemetry` and adds to the store every few seconds, so that
the store holds every process's numbers: screens, queries and /metrics read them from there.
"""
