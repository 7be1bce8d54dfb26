"""What Slotkeeper remembers: the mirror of both calendars, pairs, findings, requests, leases, runs, the audit."""
