#!/usr/bin/env bash
# What llmspell does, in a minute: runs a script in each language, lints broken ones, and plays a
# breakpoint session over the real debug adapter. Needs no key and no network.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin

bold='' dim='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\033[1m' dim=$'\033[2m' plain=$'\033[0m'; fi
say() { printf '\n%s── %s%s\n' "$bold" "$*" "$plain"; }
show() { printf '%s$ %s%s\n' "$dim" "$*" "$plain"; }

say "A script in Lua"
show "llmspell run examples/lua/release_notes.lua -- 2.0.0"
$bin/llmspell run examples/lua/release_notes.lua -- 2.0.0

say "The same in JavaScript"
show "llmspell run examples/javascript/release_notes.js -- 2.0.0"
$bin/llmspell run examples/javascript/release_notes.js -- 2.0.0

say "What the linter says of broken scripts (it ends with exit code 1, as it should)"
show "llmspell lint examples/broken"
status=0
$bin/llmspell lint examples/broken || status=$?
[ "$status" = 1 ] || { echo "demo: expected exit code 1 of the linter, got $status" >&2; exit 1; }

say "A breakpoint session over the debug adapter, in Lua"
show "python tools/play_session.py examples/lua/release_notes.lua --line 21"
$bin/python tools/play_session.py examples/lua/release_notes.lua --line 21

say "And in JavaScript"
show "python tools/play_session.py examples/javascript/release_notes.js --line 21"
$bin/python tools/play_session.py examples/javascript/release_notes.js --line 21

say "Done. 'make ide' opens VS Code in the browser with all of this; README.md has more."
