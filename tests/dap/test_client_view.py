"""Lines, columns and paths between the client's way and the engine's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from llmspell_dap.client_view import ClientView
from llmspell_dap.errors import Problem, RequestError
from llmspell_dap.protocol.arguments import InitializeArguments

if TYPE_CHECKING:
    from pathlib import Path

FROM_ONE = ClientView()
FROM_ZERO = ClientView(first_line=0, first_column=0)
URIS = ClientView(uses_uris=True)


def view(**arguments: Any) -> ClientView:
    return ClientView.of(InitializeArguments(adapter_id="llmspell", **arguments))


def test_a_client_that_says_nothing_counts_from_one_and_writes_paths() -> None:
    assert view() == ClientView(first_line=1, first_column=1, uses_uris=False, shows_types=False)


def test_a_client_may_count_lines_and_columns_differently() -> None:
    assert view(lines_start_at1=False) == ClientView(first_line=0)
    assert view(columns_start_at1=False) == ClientView(first_column=0)


def test_an_unknown_path_format_is_refused() -> None:
    with pytest.raises(RequestError, match="path format 'url' is unknown; use 'path' or 'uri'") as refusal:
        view(path_format="url")
    assert refusal.value.problem is Problem.PATH_FORMAT


@pytest.mark.parametrize(("client", "theirs"), [(FROM_ONE, 7), (FROM_ZERO, 6)])
def test_lines_go_both_ways(client: ClientView, theirs: int) -> None:
    assert client.line_out(7) == theirs
    assert client.line_in(theirs) == 7


@pytest.mark.parametrize(("client", "first"), [(FROM_ONE, 1), (FROM_ZERO, 0)])
@pytest.mark.parametrize(
    ("column", "units"),
    [(1, 0), (2, 1), (3, 3), (4, 4)],
    ids=["first", "at the emoji", "behind the emoji", "further"],
)
def test_columns_count_utf_16_units(
    tmp_path: Path, client: ClientView, first: int, column: int, units: int
) -> None:
    script = tmp_path / "s.lua"
    script.write_text("-- nothing\na😀bc\n", "utf-8")
    assert client.column_out(str(script), 2, column) == units + first
    assert client.column_in(str(script), 2, units + first) == column


@pytest.mark.parametrize("path", [None, "/no/such/file.lua"])
def test_columns_without_a_text_are_taken_as_they_are(path: str | None) -> None:
    assert FROM_ONE.column_out(path, 1, 5) == 5
    assert FROM_ZERO.column_out(path, 1, 5) == 4


def test_columns_follow_a_file_that_is_saved_anew(tmp_path: Path) -> None:
    script = tmp_path / "s.lua"
    script.write_text("😀😀x", "utf-8")
    assert FROM_ONE.column_out(str(script), 1, 3) == 5
    script.write_text("abx = 1 -- a longer text", "utf-8")
    assert FROM_ONE.column_out(str(script), 1, 3) == 3


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("/home/me/a.lua", "file:///home/me/a.lua"),
        ("/home/me/grün & 100%.lua", "file:///home/me/gr%C3%BCn%20%26%20100%25.lua"),
    ],
)
def test_paths_go_both_ways_as_uris(path: str, uri: str) -> None:
    assert URIS.path_out(path) == uri
    assert URIS.path_in(uri) == path


@pytest.mark.parametrize("uri", ["untitled:Untitled-1", "file://elsewhere/a.lua", "/home/me/a.lua"])
def test_what_is_no_local_file_is_refused(uri: str) -> None:
    with pytest.raises(RequestError, match="is not the URI of a file"):
        URIS.path_in(uri)


def test_paths_are_made_absolute_and_plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert FROM_ONE.path_in("lib/../a.lua") == str(tmp_path / "a.lua")
