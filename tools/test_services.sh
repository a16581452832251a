#!/usr/bin/env bash
# Installs the servers that tests talk to, where there are none: Valkey (or Redis where Debian has no
# Valkey), PostgreSQL and MariaDB.
set -euo pipefail
cd "$(dirname "$0")/.."

wanted=()
command -v valkey-server >/dev/null || command -v redis-server >/dev/null || wanted+=("valkey-server|redis-server")
command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || wanted+=("postgresql")
command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || wanted+=("mariadb-server-core")
[ ${#wanted[@]} = 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "tests: no server of ${wanted[*]} found; install them, or the tests over them are skipped" >&2
  exit 0
fi
tools/install_packages.sh "${wanted[@]}"
