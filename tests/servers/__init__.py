"""Private servers for tests: on free loopback ports, in directories of their own, ended by process id."""
