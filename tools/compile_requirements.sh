#!/usr/bin/env bash
# Compiles requirements/*.txt from pyproject.toml: exact versions with hashes, for every platform,
# and no line that names a package index.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() {
  uv pip compile pyproject.toml "$@" --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-header --no-annotate
}
compile --output-file requirements/run.txt
compile --extra dev --output-file requirements/dev.txt
