#!/usr/bin/env bash
# Creates .venv with the pinned dependencies and the project itself. Safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"

fail() { echo "setup: $*" >&2; exit 1; }

command -v "$python" >/dev/null || fail "no '$python' found: install Python 3.11 or newer, or name one with PYTHON=…"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "'$python' is $("$python" -V 2>&1), but Python 3.11 or newer is needed; name one with PYTHON=…"

# Debian ships venv apart from Python.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  tools/install_packages.sh python3-venv
fi

echo "setup: creating .venv"
[ -x .venv/bin/python ] || "$python" -m venv .venv
echo "setup: installing the pinned dependencies (about a minute)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
touch .venv/.ready
echo "setup: ready"
