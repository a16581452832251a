"""The examples of docs/tools.md do what the page says."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from llmspell_engine.assembly import Launch, assemble
from llmspell_engine.config import load
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.databases.places import DatabaseServer, place_of
from llmspell_engine.tools.python_modules import OwnTools
from support.runtime import Script, run
from support.tools import executed

PAGE = (Path(__file__).parents[3] / "docs" / "tools.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


OUT = ["42\t42\nsha256\n", "2\tdivision by zero\n", "1.5\ntrue\n", "SEk=\naGk=\n"]


@pytest.mark.parametrize(("text", "out"), list(zip(blocks("lua")[:-1], OUT, strict=True)))
def test_the_scripts(text: str, out: str) -> None:
    ran = run(Script("lua", text))
    assert (ran.out, ran.err, ran.error) == (out, "", None)


def test_the_database(tmp_path: Path) -> None:
    """The page asks PostgreSQL; a file answers the same."""
    with closing(sqlite3.connect(tmp_path / "orders.db")) as made:
        made.executescript(
            "CREATE TABLE orders (id INTEGER, customer TEXT, total REAL); "
            "INSERT INTO orders VALUES (1, 'Ann', 20.5), (2, 'Ann', 9), (3, 'Bo', 30)"
        )
    (tmp_path / "llmspell.toml").write_text(
        '[tools]\nroot = "."\n[tools.settings.database-connector.databases]\norders = "orders.db"\n'
    )
    services = assemble(Launch(folder=tmp_path)).services
    ran = run(Script("lua", blocks("lua")[-1], services=services, permissions=services.permissions))
    assert (ran.out, ran.err, ran.error) == ("1\t20.5\n", "", None)


def test_the_databases_of_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", "p@ss")
    (tmp_path / "llmspell.toml").write_text(blocks("toml")[3])
    services = assemble(Launch(folder=tmp_path)).services
    context = ToolContext(tmp_path, settings=services.tool_settings, permissions=services.permissions)
    found = {name: place_of(name, "SELECT", context) for name in ("default", "orders", "stock")}
    assert found["default"] == tmp_path / "shop.db"
    assert [one.user for one in found.values() if isinstance(one, DatabaseServer)] == ["reader", "reader"]


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
