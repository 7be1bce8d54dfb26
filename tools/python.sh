#!/bin/sh
# Runs the arguments with the first Python that is new enough for Slotkeeper (3.11).
set -eu
for name in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python3.14; do
    command -v "$name" >/dev/null 2>&1 || continue
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$name" "$@"
    fi
done
if command -v python3 >/dev/null 2>&1; then
    found="the python3 found here is $(python3 -c 'import platform; print(platform.python_version())' 2>/dev/null || echo broken)"
else
    found="no python3 was found here"
fi
echo "Slotkeeper needs Python 3.11 or newer, and $found: run 'apt install python3 python3-venv' (Debian 12 or newer), or name another with PYTHON=/path/to/python3 make ..." >&2
exit 1
