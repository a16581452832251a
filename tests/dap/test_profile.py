"""A debugged script has the profile of its launch, and else that of the configuration."""

from __future__ import annotations

import pytest
from llmspell_dap.client import RefusedError
from support.dap_player import Script, both, playing

TRIES = both(
    lua="""
        local ok, problem = pcall(load, "return 1")
        print(ok and type(problem) or problem.message)
        print((pcall(Tool.execute, "file-operations", { operation = "read", path = "/etc/hostname" })))
    """,
    javascript="""
        try { console.log(typeof eval("() => 1")); } catch (error) { console.log(error.message); }
        console.log(await Tool.execute("file-operations", { operation: "read", path: "/etc/hostname" }).then(() => true, () => false));
    """,  # noqa: E501 - a script is easier to read in one line
)
REFUSED = (
    "the profile 'high' does not allow '{name}' (rule `names`); allow it with --profile medium"
    ' or allow = ["{name}"] in [security]\nfalse\n'
)


@TRIES
@pytest.mark.parametrize("no_debug", [False, True])
@pytest.mark.parametrize("profile", [None, "none", "medium", "high"])
async def test_the_profile_of_the_launch_holds(script: Script, profile: str | None, no_debug: bool) -> None:
    launch = {"noDebug": no_debug} | ({"profile": profile} if profile else {})
    name = script.say("load", "eval")
    expect = REFUSED.replace("{name}", name) if profile == "high" else "function\nfalse\n"
    if profile == "none":
        expect = "function\ntrue\n"
    async with playing(script, **launch) as player:
        await player.ends(printed=expect)


@TRIES
async def test_a_profile_that_is_not_there_is_told(script: Script) -> None:
    with pytest.raises(RefusedError, match="Invalid enum value 'lax'"):
        async with playing(script, profile="lax"):
            pass
