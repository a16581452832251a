#!/usr/bin/env bash
# Installs the servers that tests talk to, where there are none: Valkey (or Redis where Debian has no
# Valkey), PostgreSQL and MariaDB.
set -euo pipefail

wanted=()
command -v valkey-server >/dev/null || command -v redis-server >/dev/null || wanted+=("valkey-server redis-server")
command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || wanted+=("postgresql")
command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || wanted+=("mariadb-server-core")
[ ${#wanted[@]} = 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "tests: no server of ${wanted[*]} found; install them, or the tests over them are skipped" >&2
  exit 0
fi
sudo="$([ "$(id -u)" = 0 ] || echo sudo)"
$sudo apt-get update -qq

# One of a list of packages. They start servers of their own unless told otherwise; tests start theirs.
install() {
  for package in "$@"; do
    $sudo env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "$package" && return
  done
  echo "tests: none of $* could be installed" >&2
  exit 1
}
for packages in "${wanted[@]}"; do
  # shellcheck disable=SC2086
  install $packages
done
