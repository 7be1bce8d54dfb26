#!/bin/sh
# What some tests need beside Python: MariaDB, Redis and Chromium. As root on Debian or a relative,
# what is missing is installed; otherwise the tests that need it are skipped and say so.
set -eu
PATH="$PATH:/usr/sbin:/usr/local/sbin"

missing=""
command -v mariadbd >/dev/null 2>&1 || missing="$missing mariadb-server"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Not installed:$missing. Tests that need them will be skipped; 'apt install$missing' brings them."
    exit 0
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # the list is meant to be split
echo "Installing$missing with apt-get ..."
export DEBIAN_FRONTEND=noninteractive
# A service started by its package would take the well-known ports of this machine: tests start their own copies.
policy=${POLICY:-/usr/sbin/policy-rc.d}
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
    trap 'rm -f "$log" "$policy"' EXIT
fi
if ! { apt-get update && apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1 </dev/null; then
    tail -n 15 "$log" >&2
    echo "apt-get could not install$missing (its last lines are above); the tests that need them cannot run." >&2
    [ "${CI:-}" != true ] || exit 1
fi
