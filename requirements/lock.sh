#!/usr/bin/env bash
# Resolve pyproject.toml into hashed lock files for every supported Python. Needs `uv` (pip install uv).
set -euo pipefail
cd "$(dirname "$0")/.."
compile() { uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
    --no-emit-index-url "$@"; }
compile pyproject.toml requirements/build.in -o requirements/runtime.lock
compile pyproject.toml requirements/build.in --extra dev -c requirements/runtime.lock -o requirements/dev.lock
compile pyproject.toml requirements/build.in --extra dev --extra bench -c requirements/dev.lock -o requirements/bench.lock
# Packages that are wanted for the data files they ship, not for their code: installed without what they depend on
# (vietnamadminunits would bring Unidecode, which is GPL).
for set_name in data testdata; do
    compile --no-deps "requirements/$set_name.in" -o "requirements/$set_name.lock"
done
