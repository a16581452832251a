"""The examples of docs/tools.md do what the page says."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from llmspell_engine.assembly import Launch, assemble
from llmspell_engine.config import load
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.python_modules import OwnTools
from support.runtime import Script, run
from support.tools import executed

PAGE = (Path(__file__).parents[3] / "docs" / "tools.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


OUT = ["42\t42\nsha256\n", "2\tdivision by zero\n", "1.5\ntrue\n", "SEk=\naGk=\n"]


@pytest.mark.parametrize(("text", "out"), list(zip(blocks("lua"), OUT, strict=True)))
def test_the_scripts(text: str, out: str) -> None:
    ran = run(Script("lua", text))
    assert (ran.out, ran.err, ran.error) == (out, "", None)


def test_the_tools_in_python(tmp_path: Path) -> None:
    (tmp_path / "own_tools.py").write_text(blocks("python")[0])
    (tmp_path / "llmspell.toml").write_text(blocks("toml")[0])
    own = assemble(Launch(folder=tmp_path)).services.own_tools()
    assert isinstance(own, OwnTools)
    days, first = own.get("days-until"), own.get("first-line")
    assert days is not None
    assert first is not None
    context = ToolContext(tmp_path, own=own)
    soon = (date.today() + timedelta(days=3)).isoformat()
    assert executed(days, {"day": soon}, context).result == {"days": 3}
    assert executed(first, {"path": "own_tools.py"}, context).text == "from datetime import date"
    with pytest.raises(ToolError, match="'nope' does not exist"):
        executed(first, {"path": "nope"}, context)


def test_the_settings(tmp_path: Path) -> None:
    (tmp_path / "llmspell.toml").write_text(blocks("toml")[2])
    tools = load(tmp_path / "llmspell.toml").tools
    assert (tools.disabled, tools.timeout_seconds) == (("process-executor",), 60)
    assert tools.settings["web-searcher"].api_key is not None
