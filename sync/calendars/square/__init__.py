"""Square Appointments: bookings over an HTTP API, by the `squareup` client."""
