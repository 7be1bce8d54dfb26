"""People over both calendars: clients, buyers and staff who book, move, swap, cancel, come or do not come."""
