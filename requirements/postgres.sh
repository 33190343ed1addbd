#!/usr/bin/env bash
# Run a command beside a PostgreSQL of its own: Debian's, in a new folder, on a free port, gone afterwards.
# Usage: postgres.sh COMMAND...      DATABASE_URL is set for it. POSTGRES_OPTIONS go to the server, such as "-c fsync=off".
set -euo pipefail
cd "$(dirname "$0")/.."
bash requirements/debian.sh postgresql
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
folder=$(mktemp -d "${TMPDIR:-/tmp}/tungnha-postgres-XXXXXX")
# The server refuses to run as root; Debian's package brings a user without rights for it.
as_owner=()
if [ "$(id -u)" -eq 0 ]; then
    as_owner=(setpriv --reuid=postgres --regid=postgres --clear-groups)
    chown postgres: "$folder"
fi
stop() {
    "${as_owner[@]}" "$bin/pg_ctl" stop --pgdata "$folder/data" --mode immediate --silent >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM
fail() {
    echo "PostgreSQL did not $1:" >&2
    tail -n 20 "$folder/log" >&2
    exit 1
}
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
(umask 077 && echo "$password" >"$folder/password")
[ ${#as_owner[@]} -eq 0 ] || chown postgres: "$folder/password"
"${as_owner[@]}" "$bin/initdb" --pgdata "$folder/data" --username tungnha --pwfile "$folder/password" \
    --auth scram-sha-256 --encoding UTF8 --locale C.UTF-8 --no-sync >"$folder/log" 2>&1 || fail "make a new folder of data"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"${as_owner[@]}" "$bin/pg_ctl" start --pgdata "$folder/data" --wait --silent --log "$folder/data/server.log" \
    --options "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' ${POSTGRES_OPTIONS:-}" >"$folder/log" 2>&1 ||
    { cat "$folder/data/server.log" >>"$folder/log" 2>/dev/null; fail "start on port $port"; }
export DATABASE_URL="postgresql://tungnha:$password@127.0.0.1:$port/postgres"
"$@"
