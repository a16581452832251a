#!/usr/bin/env bash
# Installs packages of Debian, as root or through sudo; `a|b` is the first of both that this Debian has.
# Two that install at once wait for each other, which apt itself does not do.
set -euo pipefail

command -v apt-get >/dev/null ||
  { echo "setup: there is no apt-get here; install $* with your package manager" >&2; exit 1; }
exec 9>"${TMPDIR:-/tmp}/llmspell-apt-$(id -u).lock"
flock 9
if [ "$(id -u)" = 0 ]; then root=(env); else root=(sudo); fi

# The names in the lists that apt has now.
named() {
  local alternatives package
  for alternatives in "$@"; do
    for package in ${alternatives//|/ }; do
      apt-cache show --quiet=2 "$package" >/dev/null 2>&1 && echo "$package" && continue 2
    done
    return 1
  done
}

# Servers among them are not started: tests start their own.
install() {
  local packages
  packages="$(named "$@")" || return
  # shellcheck disable=SC2086
  "${root[@]}" RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends $packages
}

# The lists are fetched only where those of the machine do not do: a new machine has none, or old ones.
install "$@" 2>/dev/null && exit
"${root[@]}" apt-get update -qq
named "$@" >/dev/null || { echo "setup: this Debian has not all of $*" >&2; exit 1; }
install "$@"
