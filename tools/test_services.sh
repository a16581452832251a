#!/usr/bin/env bash
# Installs the servers that tests talk to, where there are none: Valkey, or Redis where Debian has no Valkey.
set -euo pipefail

command -v valkey-server >/dev/null || command -v redis-server >/dev/null && exit 0
if ! command -v apt-get >/dev/null; then
  echo "tests: no valkey-server or redis-server found; install one, or the tests over it are skipped" >&2
  exit 0
fi
sudo="$([ "$(id -u)" = 0 ] || echo sudo)"
$sudo apt-get update -qq
# The package starts a server of its own unless told otherwise; tests start theirs.
for package in valkey-server redis-server; do
  RUNLEVEL=1 $sudo apt-get install -y -qq --no-install-recommends "$package" && exit 0
done
echo "tests: neither valkey-server nor redis-server could be installed" >&2
exit 1
