#!/usr/bin/env bash
# Make sure Debian packages are there, installing what is missing. Usage: debian.sh PACKAGE...
set -euo pipefail
missing=()
for package in "$@"; do
    dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
echo "Installing Debian packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
if ! { "${as_root[@]}" apt-get update -qq && "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >/tmp/tungnha-apt.log 2>&1; then
    tail -n 20 /tmp/tungnha-apt.log >&2
    echo "Could not install ${missing[*]}. Install them by hand and run this again." >&2
    exit 1
fi
