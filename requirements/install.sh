#!/usr/bin/env bash
# Install one locked set of packages into .venv. Usage: install.sh runtime|dev|bench|data|testdata PYTHON
set -euo pipefail
set_name=$1 python=$2
cd "$(dirname "$0")/.."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    { echo "tungnha needs Python 3.11 or later; '$python' is $("$python" --version). Try: make PYTHON=python3.12" >&2; exit 1; }
if [ ! -x .venv/bin/python ]; then
    echo "Making .venv with $("$python" --version)"
    if ! "$python" -m venv .venv 2>/dev/null; then
        rm -rf .venv
        bash requirements/debian.sh python3-venv
        "$python" -m venv .venv
    fi
fi
echo "Installing the $set_name packages ($(grep -c '^[a-z]' "requirements/$set_name.lock") pinned; a few minutes the first time)"
extra=()
[[ "$set_name" == *data ]] && extra=(--no-deps)
.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes "${extra[@]}" -r "requirements/$set_name.lock"
.venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
