"""No path of names leads from what a script holds of the host to an object of Python."""

# ruff: noqa: E501 - a script is easier to read in one line

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.runtime import Script, run
from support.security import permissions

NAMES = st.sampled_from(
    [
        "__class__", "__base__", "__subclasses__", "__globals__", "__builtins__", "__dict__", "__init__",
        "__mro__", "__self__", "__func__", "__code__", "gi_frame", "f_back", "__reduce__", "__getattribute__",
        "_values", "_prelude", "value", "args", "with_traceback", "mro", "metadata", "execute", "list", "constructor",
        "__proto__", "prototype", "caller", "callee", "toString", "valueOf",
    ]
) | st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="'\\"), min_size=1, max_size=12)  # fmt: skip
PATHS = st.lists(NAMES, min_size=1, max_size=5)
_SETTINGS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LUA = """
local caught
pcall(function()
  local _ <close> = setmetatable({}, { __close = function(_, error) caught = error end })
  Tool.get({})
end)
local plain = { ["nil"] = true, boolean = true, number = true, string = true, table = true, ["function"] = true }
for _, start in ipairs{ caught, Tool, Tool.list, State, print, Agent.builder() } do
  local value = start
  for _, name in ipairs{ PATH } do
    local ok, found = pcall(function() return value[name] end)
    value = ok and found or nil
    if not plain[type(value)] then print(name, type(value)) end
    if value == nil then break end
  end
end
"""
JAVASCRIPT = """
const plain = ["undefined", "boolean", "number", "string", "function", "symbol", "bigint"];
for (const start of [Tool, Tool.list, State, console.log, Agent.builder(), process]) {
  let value = start;
  for (const name of [PATH]) {
    try { value = value[name]; } catch { break; }
    if (value === undefined || value === null) break;
    const text = Object.prototype.toString.call(value);
    if (/python|quickjs|lupa|_Raised|<.* object at/i.test(String(typeof value === "object" ? text : value))) console.log(name, text);
  }
}
"""


@_SETTINGS
@given(PATHS)
def test_paths_of_names_stay_in_the_script(path: list[str]) -> None:
    words = ", ".join(f"'{name}'" for name in path)
    for language, text in (("lua", LUA), ("javascript", JAVASCRIPT)):
        made = Script(language, text.replace("PATH", words), permissions=permissions("low"))  # type: ignore[arg-type]
        ran = run(made)
        assert (ran.out, ran.error) == ("", None)
