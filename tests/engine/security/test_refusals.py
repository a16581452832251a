"""Every kind of refusal says the profile, the rule and how to allow it; and no tool is a way around one."""

# ruff: noqa: E501 - a row is easier to read in one line

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from llmspell_engine.language import Language
from llmspell_engine.runtime.modules import SourceFiles
from llmspell_engine.security.code import check_code
from llmspell_engine.security.foreign_modules import NODE
from llmspell_engine.security.names import NOWHERE
from llmspell_engine.security.permissions import Permissions, SecurityError
from llmspell_engine.security.profiles import PROFILES
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.registry import tool_named
from support.runtime import Script, both, run
from support.security import permissions

Ask = Callable[[Permissions], Any]


@dataclass(frozen=True)
class Refusal:
    """What is asked for, the rule that refuses it, and what the error says of allowing it."""

    name: str
    ask: Ask
    rule: str
    remedy: str
    profile: str = "medium"

    def __str__(self) -> str:
        """For the names of tests."""
        return self.name


def _url(url: str) -> Ask:
    return lambda held: anyio.run(held.check_url, url)


def _code(held: Permissions) -> None:
    check_code(held, Path("/elsewhere/x.lua"), (), ())


NOTHING = ""
"""What nothing can allow has no remedy but another call."""
REFUSALS = [
    Refusal("a file to read", lambda held: held.readable("/etc/passwd"), "read", "--allow-read /etc/passwd or read = ["),
    Refusal("a file to write", lambda held: held.writable("/etc/passwd"), "write", "--allow-write /etc/passwd or write = ["),
    Refusal("a file in the root", lambda held: held.writable("a"), "write", "--allow-write ", "high"),
    Refusal("a configuration", lambda held: held.writable("llmspell.toml"), "write", "--allow-write "),
    Refusal("a path with NUL", lambda held: held.readable("a\0b"), "read", NOTHING),
    Refusal("a host of the machine", _url("http://127.0.0.1/"), "hosts", "--allow-host 127.0.0.1 or hosts = ["),
    Refusal("a service of a cloud", _url("http://169.254.169.254/"), "hosts", "--allow-host 169.254.169.254 or"),
    Refusal("a service of a cloud, low", _url("http://[::ffff:169.254.169.254]/"), "hosts", "--allow-host ::ffff:a9fe:a9fe", "low"),
    Refusal("a host that is not listed", _url("https://example.com/"), "hosts", "--allow-host example.com or", "high"),
    Refusal("what is not encrypted", _url("http://example.com/"), "hosts", "use https://", "high"),
    Refusal("an address in an unusual form", _url("http://0x7f.1/"), "hosts", "write the address as four numbers"),
    Refusal("credentials", _url("http://a:b@example.com/"), "urls", "send credentials in a header"),
    Refusal("another scheme", _url("file:///etc/passwd"), "urls", "use http:// or https://"),
    Refusal("blanks", _url("http://a b/"), "urls", "write it with percent signs"),
    Refusal("a backslash", _url("http://127.0.0.1\\@example.com/"), "urls", "write it with percent signs"),
    Refusal("a long one", _url("http://a/" + "x" * 9000), "urls", "shorten it"),
    Refusal("a program", lambda held: held.process(["git"]), "processes", "--allow-process git or processes = ["),
    Refusal("a variable for a program", lambda held: held.process_variables(["LD_PRELOAD"]), "processes", "set it where llmspell is started"),
    Refusal("a variable", lambda held: held.variable("MY_OWN"), "variables", "--allow-env MY_OWN or variables = ["),
    Refusal("a secret", lambda held: held.variable("MY_API_KEY"), "variables", "--allow-env MY_API_KEY or", "low"),
    Refusal("a module", _code, "modules", 'modules = ["/elsewhere"] in [security]'),
]  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_a_refusal_says_profile_rule_and_remedy(case: Refusal, tmp_path: Path) -> None:
    with pytest.raises(SecurityError) as raised:
        case.ask(permissions(case.profile, root=tmp_path))
    told, error = str(raised.value), raised.value
    assert told.startswith(f"the profile '{case.profile}' does not allow ")
    assert f" (rule `{case.rule}`)" in told
    assert (error.profile, error.rule) == (case.profile, case.rule)
    assert case.remedy in error.remedy
    assert told.endswith(f"; {error.remedy}" if error.remedy else f"(rule `{case.rule}`)")
    assert bool(error.remedy) == bool(case.remedy)


NAMES = [
    ("lua", "io.open('x')", "low", 'allow it with --profile low or allow = ["io.open"] in [security]'),
    (
        "lua",
        "os.execute('x')",
        "none",
        'allow it with --profile none or allow = ["os.execute"] in [security]',
    ),
    ("lua", "io.tmpfile()", "none", "allow it with --profile none"),
    ("lua", "os.tmpname()", "none", "allow it with --profile none"),
    ("lua", "io.lines('x')", "low", "allow it with --profile low"),
    ("lua", "debug.sethook()", "none", "allow it with --profile none"),
    ("lua", "setmetatable({}, { __gc = function() end })", "none", "finalizers"),
    ("lua", "collectgarbage('stop')", "none", "finalizers"),
    ("javascript", "new SharedArrayBuffer(1)", "low", "allow it with --profile low"),
    ("javascript", "Atomics.wait", "low", "allow it with --profile low"),
]


@pytest.mark.parametrize(("language", "text", "last", "remedy"), NAMES)
def test_a_name_that_is_left_out_says_so(language: Language, text: str, last: str, remedy: str) -> None:
    ran = run(Script(language, text))
    assert ran.error is not None
    assert ran.error.kind == "SecurityError"
    assert "the profile 'medium' does not allow " in str(ran.error)
    assert "(rule `" in str(ran.error)
    assert remedy in str(ran.error)
    allowed = run(Script(language, text, permissions=permissions(last)))
    assert "SecurityError" not in (allowed.error.kind if allowed.error else "")


def _calling(language: Language, name: str) -> str:
    """A use of a name, which needs no more than that."""
    if name == "package.searchers":
        return "return package.searchers[1]"
    return f"{name}()" if language == "lua" else f"{name}(new Int32Array(new SharedArrayBuffer(8)), 0, 0)"


ANYWHERE = [(language, name) for language in NOWHERE for name in NOWHERE[language]]


@pytest.mark.parametrize("profile", ["none", "low", "medium", "high"])
@pytest.mark.parametrize(("language", "name"), ANYWHERE)
def test_what_no_profile_has_says_why_and_what_does_the_same(
    language: Language, name: str, profile: str
) -> None:
    rules = PROFILES[profile]
    allowed = replace(rules, refused={**rules.refused, language: rules.refused[language] - {name}})
    ran = run(Script(language, _calling(language, name), permissions=Permissions(rules=allowed)))
    assert ran.error is not None
    assert ran.error.kind == "SecurityError"
    if rules.refuses(language, name.partition(".")[0]):
        return  # The whole of it is left out here.
    found = NOWHERE[language][name]
    told = (
        f"the profile '{profile}' does not allow '{name}' (rule `names`); no profile does, for {found.why}; "
    )
    assert str(ran.error).endswith(told + found.instead)


BYTECODE = {
    "load('\\27Lua')": "bytecode",
    "dofile('code.lua')": "loading '{folder}/code.lua', which is bytecode",
    "require('code')": "loading '{folder}/code.lua', which is bytecode",
}


@pytest.mark.parametrize("text", BYTECODE)
def test_bytecode_is_refused_as_names_are(text: str) -> None:
    ran = run(Script("lua", text, files={"code.lua": "\x1bLuaT"}))
    assert ran.error is not None
    assert ran.error.kind == "SecurityError"
    what = BYTECODE[text].replace("{folder}", ran.folder)
    assert f"the profile 'medium' does not allow {what} (rule `names`); no profile does" in str(ran.error)


NO_NODE = "scripts do not run in Node, whose modules are not here"
IMPORTS = [
    ("qjs:std", "it reaches files and programs past all rules; use the tools"),
    ("os", "it reaches files and programs past all rules; use the tool 'system-monitor'"),
    ("node:fs", f"{NO_NODE}; use the tool 'file-operations'"),
    ("node:test", f"{NO_NODE}; use the tools, or the API's globals"),
    ("fs", f"{NO_NODE}; use the tool 'file-operations'"),
    ("fs/promises", f"{NO_NODE}; use the tool 'file-operations'"),
    ("events", f"{NO_NODE}; use the global 'Event'"),
    ("https://example.com/x.js", "code is loaded from files only; save it in a file beside the script"),
]


@pytest.mark.parametrize("profile", ["none", "medium", "high"])
@pytest.mark.parametrize(("name", "why"), IMPORTS)
def test_a_module_that_is_no_file_is_refused_where_it_is_imported(name: str, why: str, profile: str) -> None:
    for text in (f"\nimport {{ x }} from '{name}';", f"\nawait import('{name}');"):
        ran = run(Script("javascript", text, permissions=permissions(profile)))
        assert ran.error is not None
        told = f"the profile '{profile}' does not allow the module '{name}' (rule `modules`); no profile does, for {why}"
        assert (ran.error.kind, str(ran.error)) == ("SecurityError", told)
        assert ran.error.frames[0].line == 2


@pytest.mark.parametrize("instead", sorted(set(NODE.values())))
def test_what_is_named_in_place_of_a_module_of_node_is_there(instead: str) -> None:
    names = re.findall(r"'([^']+)'", instead)
    for name in names:
        text = f"console.log(Tool.exists('{name}') || '{name}' in globalThis || '{name}' in process)"
        assert run(Script("javascript", text)).out == "true\n"


def test_a_file_in_a_further_folder_may_have_the_name_of_a_module_of_node(tmp_path: Path) -> None:
    (tmp_path / "events.js").write_text("export const mine = 1;")
    files = SourceFiles(str(tmp_path / "main.js"), [tmp_path], permissions("medium"))
    assert files.javascript_module("events", str(tmp_path / "main.js")) == tmp_path / "events.js"
    with pytest.raises(SecurityError, match="use the tool 'file-operations'"):
        files.javascript_module("fs", str(tmp_path / "main.js"))


READERS: list[tuple[str, dict[str, Any]]] = [
    ("csv-analyzer", {"operation": "analyze", "path": "{file}"}),
    ("yaml-processor", {"operation": "parse", "path": "{file}"}),
    ("toml-processor", {"operation": "parse", "path": "{file}"}),
    ("xml-processor", {"operation": "parse", "path": "{file}"}),
    ("markdown-processor", {"operation": "to_text", "path": "{file}"}),
    ("log-analyzer", {"file": "{file}"}),
    ("hash-calculator", {"operation": "hash", "input_type": "file", "file": "{file}"}),
    ("base64-encoder", {"operation": "encode", "input_file": "{file}"}),
    (
        "file-converter",
        {"operation": "encoding", "to_encoding": "utf-8", "path": "{file}", "target_path": "out.txt"},
    ),
    ("pdf-processor", {"operation": "extract_text", "input": "{file}"}),
    ("archive-handler", {"operation": "list", "path": "{file}"}),
    ("archive-handler", {"operation": "create", "path": "a.zip", "input": ["{file}"]}),
    ("diff-calculator", {"old_file": "{file}", "new_file": "{file}"}),
    ("file-operations", {"operation": "read", "path": "{file}"}),
    ("file-operations", {"operation": "copy", "source_path": "{file}", "target_path": "b.txt"}),
    ("file-operations", {"operation": "move", "source_path": "{file}/../x", "target_path": "b.txt"}),
    ("file-search", {"pattern": "secret", "path": "{folder}"}),
    ("database-connector", {"operation": "query", "query": "SELECT 1", "database": "{file}"}),
]
PLACES = {
    "a link": ("link.txt", "linked"),
    "a way up": ("../outside/secret.txt", "../outside"),
    "the root of a process": ("/proc/self/root{outside}/secret.txt", "/proc/self/root{outside}"),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("tool", "given"), READERS, ids=[f"{one} {two.get('operation', '')}" for one, two in READERS]
)
def test_no_tool_reads_what_may_not_be_read(
    tool: str, given: dict[str, Any], place: str, tmp_path: Path
) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (root / "link.txt").symlink_to(outside / "secret.txt")
    (root / "linked").symlink_to(outside)
    file, folder = (word.replace("{outside}", str(outside)) for word in PLACES[place])

    def filled(value: Any) -> Any:
        if isinstance(value, list):
            return [filled(one) for one in value]
        return value.replace("{file}", file).replace("{folder}", folder) if isinstance(value, str) else value

    made = tool_named(tool)
    assert made is not None
    context = ToolContext(root, permissions=permissions(root=root))
    with pytest.raises(
        (SecurityError, ToolError), match=r"the profile 'medium' does not allow (reading|writing)"
    ):
        anyio.run(made.completed, {key: filled(value) for key, value in given.items()}, context)
    assert not (root / "b.txt").exists()


MODULES = {
    "lua": ["dofile('{path}')", "loadfile('{path}')()"],
    "javascript": [
        "await import('{path}')",
        "await import('file://{path}')",
        "await import('./linked/x.js')",
    ],
}


@both
@pytest.mark.parametrize("profile", ["low", "medium"])
def test_code_is_loaded_from_the_scripts_folder_only(
    profile: str, language: Language, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    suffix = "lua" if language == "lua" else "js"
    (outside / f"x.{suffix}").write_text("print('RAN')" if language == "lua" else "console.log('RAN')")
    for text in MODULES[language]:
        for path in (f"{outside}/x.{suffix}", f"/proc/self/root{outside}/x.{suffix}"):
            called = text.replace("{path}", path)
            caught = (
                f"print(pcall(function() {called} end))"
                if language == "lua"
                else f"try {{ {called} }} catch (e) {{ console.log(e.message) }}"
            )
            ran = run(Script(language, caught, permissions=permissions(profile)))
            assert "RAN" not in ran.out, called
