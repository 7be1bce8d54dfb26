"""The shared locking module: claims on visits and on stretches of people's time, leased for a while, and fenced."""
