"""Play a breakpoint session over the real debug adapter and print what a user would see.

python tools/play_session.py examples/lua/release_notes.lua --line 21
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from llmspell_dap.client import AdapterClient, Json, NothingCameError, RefusedError, spawned

SHOWN = 12
"""Variables of a scope that are printed; the rest is counted."""


async def play(script: Path, line: int) -> int:
    """Run the script to the line, show it there, and let it end; gives the script's exit code."""
    async with spawned(AdapterClient) as client:
        await client.request("initialize", {"adapterID": "llmspell", "supportsVariableType": True})
        await client.request("launch", {"program": str(script), "cwd": str(script.parent)})
        await client.event("initialized")
        wanted = {"source": {"path": str(script)}, "breakpoints": [{"line": line}]}
        found = (await client.request("setBreakpoints", wanted))["breakpoints"][0]
        print(f"breakpoint at line {found.get('line', line)}: {_verdict(found)}")
        await client.request("configurationDone")
        await _show_stop(client, await client.event("stopped"))
        await _clear_and_continue(client, script)
        code: int = (await client.event("exited"))["exitCode"]
        await client.event("terminated")
        print("output:")
        print("".join(f"  {text}" for text in _printed(client)), end="")
        print(f"exit code {code}")
        await client.request("disconnect")
        return code


def _verdict(found: Json) -> str:
    return "verified" if found["verified"] else found.get("message", "not verified")


async def _show_stop(client: AdapterClient, stop: Json) -> None:
    stack = await client.request("stackTrace", {"threadId": stop["threadId"]})
    print(f"stopped: {stop['reason']}")
    print("stack:")
    for frame in stack["stackFrames"]:
        print(f"  {frame['name']:24} {_place(frame)}")
    frame = stack["stackFrames"][0]
    for scope in (await client.request("scopes", {"frameId": frame["id"]}))["scopes"]:
        if not scope["expensive"]:
            await _show_scope(client, scope)


def _place(frame: Json) -> str:
    return f"{frame['source']['name']}:{frame['line']}" if "source" in frame else ""


async def _show_scope(client: AdapterClient, scope: Json) -> None:
    body = await client.request("variables", {"variablesReference": scope["variablesReference"]})
    print(f"{scope['name'].lower()}:")
    for variable in body["variables"][:SHOWN]:
        print(f"  {variable['name']:24} {variable['value']}")
    if len(body["variables"]) > SHOWN:
        print(f"  … {len(body['variables']) - SHOWN} more")


async def _clear_and_continue(client: AdapterClient, script: Path) -> None:
    await client.request("setBreakpoints", {"source": {"path": str(script)}, "breakpoints": []})
    threads = (await client.request("threads"))["threads"]
    await client.request("continue", {"threadId": threads[0]["id"]})


def _printed(client: AdapterClient) -> list[str]:
    """Everything the script printed, line by line."""
    return "".join(body["output"] for body in client.pending("output")).splitlines(keepends=True)


def main() -> int:
    """Play the session that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("script", type=Path)
    parser.add_argument("--line", type=int, required=True)
    arguments = parser.parse_args()
    try:
        return asyncio.run(play(arguments.script.absolute(), arguments.line))
    except (RefusedError, NothingCameError) as problem:
        print(f"play_session: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
