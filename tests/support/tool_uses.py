"""A right use of each operation of each tool, with the files and the server that they need.

What only works with somebody else at the other end, who listens or sends, is in :data:`ELSEWHERE`.
"""

# ruff: noqa: E501 (a use reads best on one line)

from __future__ import annotations

import io
import json
import sqlite3
import wave
import zipfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from llmspell_engine.security.permissions import Permissions
from llmspell_engine.tools.base import ToolContext
from PIL import Image
from pypdf import PdfWriter
from support.security import LOOPBACK
from support.web_server import Page, html, page, placed

GRAPH = {"graph_type": "directed", "nodes": [{"id": "a"}, {"id": "b"}], "edges": [{"from": "a", "to": "b"}]}
MARKDOWN = "---\ntitle: T\n---\n# Head\n\n[a](https://a.example)\n\n```lua\nx = 1\n```\n"
LOG = "2024-05-17 12:00:00 ERROR no disk\n2024-05-17 12:00:01 INFO fine\n"
SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{site}/page</loc></url></urlset>'
)
FEED = '<rss version="2.0"><channel><title>F</title><item><title>I</title></item></channel></rss>'
EVENTS = 'event: next\ndata: {"data": {"n": 1}}\n\nevent: complete\n\n'
PAGES: dict[str, Page | list[Page]] = {
    "/json": page({"a": 1}),
    "/page": html("<html><head><title>T</title></head><body><p>fine</p></body></html>"),
    "/graphql": page({"data": {"a": 1}}),
    "/schema": page({"data": {"__schema": {"queryType": {"name": "Query"}}}}),
    "/events": Page(EVENTS, headers={"Content-Type": "text/event-stream"}),
    "/feed": Page(FEED, headers={"Content-Type": "application/rss+xml"}),
    "/sitemap.xml": Page(SITEMAP, headers={"Content-Type": "application/xml"}),
    "/robots.txt": Page("User-agent: *\nDisallow: /no\n"),
}
"""What the server has."""
SETTINGS: Mapping[str, Mapping[str, Any]] = {"environment-reader": {"allow_set": True}}


@dataclass(frozen=True, slots=True)
class Use:
    """A call that succeeds.

    Attributes:
        gives: fields of its result.
        changes: the files that it makes, changes or deletes.
    """

    parameters: dict[str, Any]
    gives: dict[str, Any]
    changes: tuple[str, ...] = ()

    @property
    def chosen(self) -> str:
        """What is done, where the tool does several things."""
        choices = (self.parameters.get(name) for name in ("operation", "type", "check_type"))
        return next((str(one) for one in choices if one is not None), "")


def context(root: Path) -> ToolContext:
    """What the uses need to be allowed."""
    return ToolContext(root, settings=SETTINGS, permissions=permissions(root))


def permissions(root: Path) -> Permissions:
    """The profile of everybody, with the test's server and the program that is started."""
    return Permissions(root=root, hosts=LOOPBACK, processes=("echo",))


def at_site(parameters: dict[str, Any], site: str) -> dict[str, Any]:
    """Parameters with the server of the test in them, and the graph that ``G`` stands for."""
    text = json.dumps(placed(parameters, site)).replace("{host}", site.removeprefix("http://"))
    found: dict[str, Any] = json.loads(text.replace('"G"', json.dumps(GRAPH)))
    return found


def fill(folder: Path) -> None:
    """Put the files there that are read and changed."""
    for name, content in files().items():
        (folder / name).write_bytes(content)
    with closing(sqlite3.connect(folder / "d.db")) as database:
        database.execute("CREATE TABLE t (n)")
        database.executemany("INSERT INTO t VALUES (?)", [(1,), (2,)])
        database.commit()


@cache
def files() -> dict[str, bytes]:
    """The files by their names, but for the database."""
    return {
        "a.txt": b"one\n\ttwo\n",
        "t.csv": b"n,name\n1,a\n2,b\n3,c\n",
        "l.log": LOG.encode(),
        "m.md": MARKDOWN.encode(),
        "c.toml": b"a = 1\n",
        "c.yaml": b"a: 1\n",
        "x.xml": b"<a><b>1</b></a>",
        "x.zip": _archive(),
        "p.png": _picture(),
        "s.wav": _sound(),
        "d.pdf": _document(),
        "f.mp4": _film(),
    }


def _archive() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("in/b.txt", "bb")
    return stream.getvalue()


def _picture() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (40, 20), (255, 0, 0)).save(stream, "PNG")
    return stream.getvalue()


def _sound() -> bytes:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(8000))
    return stream.getvalue()


def _document() -> bytes:
    stream = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(200, 100)
    writer.write(stream)
    return stream.getvalue()


def _film() -> bytes:
    import av

    stream = io.BytesIO()
    with av.open(stream, "w", format="mp4") as container:
        track = container.add_stream("mpeg4", rate=10)
        assert isinstance(track, av.VideoStream)
        track.width, track.height, track.pix_fmt = 64, 48, "yuv420p"
        for number in range(20):
            picture = av.VideoFrame.from_image(Image.new("RGB", (64, 48), (number, 0, 0)))
            container.mux(track.encode(picture))
        container.mux(track.encode(None))
    return stream.getvalue()


ELSEWHERE = {
    "dns-lookup": "test_dns_lookup",
    "email-sender": "test_email_sender",
    "socket-listener": "test_listeners",
    "web-searcher": "test_web_searcher",
    "webhook-listener": "test_listeners",
}
"""The modules that test what needs somebody at the other end."""

# fmt: off
USES: dict[str, list[Use]] = {
    "api-tester": [
        Use({'input': '{site}/json', 'expected_status': 200}, {'passed': True, 'failures': [], 'url': '{site}/json', 'method': 'GET'}),
    ],
    "archive-handler": [
        Use({'operation': 'create', 'path': 'n.zip', 'input': ['a.txt']}, {'archive_path': 'n.zip', 'archived_files': ['a.txt'], 'total_size': 9, 'compression_level': 6}, ('n.zip',)),
        Use({'operation': 'list', 'path': 'x.zip'}, {'format': 'zip', 'files': [{'name': 'in/b.txt', 'size': 2, 'is_dir': False}], 'file_count': 1}),
        Use({'operation': 'extract', 'path': 'x.zip', 'target_path': 'out'}, {'extracted_files': ['in/b.txt'], 'total_size': 2, 'output_dir': 'out'}, ('out/in/b.txt',)),
    ],
    "audio-processor": [
        Use({'operation': 'detect', 'file_path': 's.wav'}, {'file_path': 's.wav', 'format': 'wav', 'supported': True}),
        Use({'operation': 'metadata', 'file_path': 's.wav'}, {'file_path': 's.wav', 'metadata': {'format': 'wav', 'codec': 'pcm_s16le', 'duration_seconds': 0.5, 'sample_rate': 8000, 'channels': 1, 'size': 8044}}),
        Use({'operation': 'convert', 'source_path': 's.wav', 'target_path': 's.flac'}, {'source_path': 's.wav', 'target_path': 's.flac', 'target_format': 'flac', 'success': True}, ('s.flac',)),
    ],
    "base64-encoder": [
        Use({'operation': 'encode', 'input': 'hé'}, {'output': 'aMOp', 'variant': 'standard', 'binary': False, 'size': 4}),
        Use({'operation': 'decode', 'input': 'aMOp', 'output_file': 'o.txt'}, {'variant': 'standard', 'binary': False, 'output_file': 'o.txt', 'size': 3}, ('o.txt',)),
    ],
    "calculator": [
        Use({'input': '2 * x', 'variables': {'x': 4}}, {'input': '2 * x', 'result': 8, 'result_type': 'integer', 'variables': {'x': 4}}),
        Use({'operation': 'validate', 'input': '1 +'}, {'input': '1 +', 'valid': False, 'error': "'1 +' is no expression"}),
        Use({'operation': 'functions'}, {'arithmetic': ['+', '-', '*', '/', '//', '%', '^', '**'], 'comparison': ['==', '!=', '<', '<=', '>', '>='], 'logical': ['and', 'or', 'not', '&&', '||', '!'], 'trigonometric': ['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'atan2', 'deg', 'rad']}),
    ],
    "citation-formatter": [
        Use({'operation': 'format_citation', 'format': 'bibtex', 'style': 'apa', 'input': '@book{a, author={Ann Lee}, title={Tides}, year={1999}, publisher={P}}'}, {'style': 'apa', 'references': [{'key': 'a', 'citation': '(Lee, 1999)', 'reference': 'Lee, A. (1999). Tides. P.'}], 'count': 1}),
        Use({'operation': 'validate_bibliography', 'format': 'bibtex', 'input': '@book{a, author={Ann Lee}, title={Tides}, year={1999}, publisher={P}}'}, {'valid': True, 'entries': ['a'], 'entry_count': 1, 'warnings': []}),
        Use({'operation': 'list_styles'}, {}),
    ],
    "cron-parser": [
        Use({'operation': 'next', 'input': '0 9 * * MON', 'at': '2024-05-17T12:00:00'}, {'expression': '0 9 * * MON', 'valid': True, 'times': ['2024-05-20T09:00:00+00:00', '2024-05-27T09:00:00+00:00', '2024-06-03T09:00:00+00:00', '2024-06-10T09:00:00+00:00', '2024-06-17T09:00:00+00:00']}),
        Use({'operation': 'previous', 'input': '0 9 * * MON', 'at': '2024-05-17T12:00:00'}, {'expression': '0 9 * * MON', 'valid': True, 'times': ['2024-05-13T09:00:00+00:00', '2024-05-06T09:00:00+00:00', '2024-04-29T09:00:00+00:00', '2024-04-22T09:00:00+00:00', '2024-04-15T09:00:00+00:00']}),
        Use({'operation': 'matches', 'input': '0 9 * * MON', 'at': '2024-05-17T12:00:00'}, {'expression': '0 9 * * MON', 'valid': True, 'matches': False}),
        Use({'operation': 'explain', 'input': '0 9 * * MON', 'at': '2024-05-17T12:00:00'}, {'expression': '0 9 * * MON', 'valid': True, 'explanation': 'At 09:00 on Monday'}),
        Use({'operation': 'validate', 'input': '0 9 * * MON', 'at': '2024-05-17T12:00:00'}, {'expression': '0 9 * * MON', 'valid': True, 'explanation': 'At 09:00 on Monday'}),
    ],
    "csv-analyzer": [
        Use({'operation': 'analyze', 'path': 't.csv'}, {'row_count': 3, 'column_count': 2, 'delimiter': ','}),
        Use({'operation': 'convert', 'path': 't.csv', 'target_path': 't.json', 'options': {'format': 'json'}}, {'format': 'json', 'row_count': 3, 'columns': ['n', 'name'], 'target_path': 't.json'}, ('t.json',)),
        Use({'operation': 'filter', 'path': 't.csv', 'options': {'filter': 'n > 1'}}, {'output': 'n,name\n2,b\n3,c\n', 'format': 'csv', 'row_count': 2, 'columns': ['n', 'name']}),
        Use({'operation': 'sample', 'path': 't.csv', 'options': {'size': 1}}, {'output': 'n,name\n1,a\n', 'format': 'csv', 'row_count': 1, 'columns': ['n', 'name']}),
        Use({'operation': 'transform', 'path': 't.csv', 'options': {'columns': ['n']}}, {'output': 'n\n1\n2\n3\n', 'format': 'csv', 'row_count': 3, 'columns': ['n']}),
        Use({'operation': 'validate', 'path': 't.csv', 'options': {'rules': {'n': {'type': 'integer', 'max': 2}}}}, {'valid': False, 'errors': [{'row': 3, 'column': 'n', 'value': '3', 'message': 'it is more than 2'}], 'error_count': 1}),
    ],
    "data-validator": [
        Use({'input': {'n': 1}, 'rules': {'rules': [{'type': 'Object'}]}}, {'valid': True, 'errors': []}),
    ],
    "database-connector": [
        Use({'operation': 'query', 'database': 'd.db', 'query': 'SELECT n FROM t WHERE n > ?', 'parameters': [1]}, {'columns': ['n'], 'rows': [{'n': 2}], 'row_count': 1, 'truncated': False}),
        Use({'operation': 'schema', 'database': 'd.db'}, {'tables': [{'name': 't', 'kind': 'table', 'columns': [{'name': 'n', 'type': '', 'nullable': True, 'primary_key': False}]}], 'table_count': 1}),
    ],
    "datetime-handler": [
        Use({'operation': 'parse', 'input': '2024-05-17 12:00'}, {'input': '2024-05-17 12:00', 'parsed': '2024-05-17T12:00:00Z', 'format_used': '%Y-%m-%d %H:%M'}),
        Use({'operation': 'now', 'timezone': 'UTC'}, {'timezone': 'UTC', 'format': '%Y-%m-%dT%H:%M:%S%.fZ'}),
        Use({'operation': 'convert_timezone', 'input': '2024-05-17T12:00:00Z', 'target_timezone': 'Europe/Berlin'}, {'input': '2024-05-17T12:00:00Z', 'target_timezone': 'Europe/Berlin', 'original': '2024-05-17T12:00:00Z', 'converted': '2024-05-17T14:00:00+02:00'}),
        Use({'operation': 'add', 'input': '2024-05-17', 'amount': 2, 'unit': 'days'}, {'input': '2024-05-17', 'amount': 2.0, 'unit': 'days', 'original': '2024-05-17T00:00:00Z'}),
        Use({'operation': 'subtract', 'input': '2024-05-17', 'amount': 2, 'unit': 'days'}, {'input': '2024-05-17', 'amount': 2.0, 'unit': 'days', 'original': '2024-05-17T00:00:00Z'}),
        Use({'operation': 'difference', 'start': '2024-05-17', 'end': '2024-05-20', 'unit': 'days'}, {'start': '2024-05-17', 'end': '2024-05-20', 'difference': {'seconds': 259200.0, 'minutes': 4320.0, 'hours': 72.0, 'days': 3.0, 'weeks': 0.42857142857142855, 'text': '3 days, 0:00:00'}}),
        Use({'operation': 'info', 'input': '2024-05-17'}, {'input': '2024-05-17'}),
        Use({'operation': 'formats'}, {'available_formats': ['RFC 3339', 'ISO date', 'date and time', 'RFC 2822', 'day first', 'Unix time']}),
    ],
    "diff-calculator": [
        Use({'old_text': 'a\nb', 'new_text': 'a\nc'}, {'type': 'text', 'format': 'unified', 'diff': '--- old\n+++ new\n@@ -1,2 +1,2 @@\n a\n-b\n+c', 'stats': {'added_lines': 1, 'removed_lines': 1, 'unchanged_lines': 1, 'similarity': 0.5}}),
        Use({'type': 'json', 'old_json': {'a': 1}, 'new_json': {'a': 2}}, {'type': 'json', 'diff': [{'path': '$.a', 'change': 'changed', 'old': 1, 'new': 2}], 'summary': {'added': 0, 'removed': 0, 'changed': 1, 'identical': False}}),
    ],
    "environment-reader": [
        Use({'operation': 'get', 'variable_name': 'LANG'}, {'variable_name': 'LANG', 'value': 'C.UTF-8', 'found': True}),
        Use({'operation': 'list'}, {}),
        Use({'operation': 'pattern', 'pattern': 'LAN*'}, {'variables': {'LANG': 'C.UTF-8'}, 'count': 1, 'pattern': 'LAN*'}),
        Use({'operation': 'set', 'variable_name': 'LANG', 'value': 'x'}, {'variable_name': 'LANG', 'value': 'x', 'success': True}),
    ],
    "file-converter": [
        Use({'operation': 'encoding', 'path': 'a.txt', 'to_encoding': 'utf-16', 'target_path': 'o.txt'}, {'input_path': 'a.txt', 'output_path': 'o.txt', 'operation': 'encoding', 'from_encoding': 'utf-8'}, ('o.txt',)),
        Use({'operation': 'line_endings', 'path': 'a.txt', 'line_ending': 'crlf'}, {'input_path': 'a.txt', 'output_path': 'a.txt', 'operation': 'line_endings', 'from_encoding': 'utf-8'}, ('a.txt',)),
        Use({'operation': 'indentation', 'path': 'a.txt'}, {'input_path': 'a.txt', 'output_path': 'a.txt', 'operation': 'indentation', 'from_encoding': 'utf-8'}, ('a.txt',)),
    ],
    "file-operations": [
        Use({'operation': 'read', 'path': 'a.txt'}, {'input': 'one\n\ttwo\n', 'size': 9, 'path': 'a.txt'}),
        Use({'operation': 'write', 'path': 'n.txt', 'input': 'x'}, {'path': 'n.txt', 'size': 1}, ('n.txt',)),
        Use({'operation': 'append', 'path': 'a.txt', 'input': 'x'}, {'path': 'a.txt', 'size': 10, 'appended_size': 1}, ('a.txt',)),
        Use({'operation': 'delete', 'path': 'a.txt'}, {'path': 'a.txt', 'recursive': False}, ('a.txt',)),
        Use({'operation': 'create_dir', 'path': 'n/m', 'recursive': True}, {'path': 'n/m', 'recursive': True}),
        Use({'operation': 'list_dir', 'path': '.'}, {'count': 13}),
        Use({'operation': 'copy', 'source_path': 'a.txt', 'target_path': 'c.txt'}, {'source': 'a.txt', 'target': 'c.txt'}, ('c.txt',)),
        Use({'operation': 'move', 'source_path': 'a.txt', 'target_path': 'c.txt'}, {'source': 'a.txt', 'target': 'c.txt'}, ('a.txt', 'c.txt')),
        Use({'operation': 'metadata', 'path': 'a.txt'}, {'path': 'a.txt', 'size': 9, 'is_file': True, 'is_dir': False}),
        Use({'operation': 'exists', 'path': 'a.txt'}, {'exists': True, 'path': 'a.txt'}),
    ],
    "file-search": [
        Use({'path': '.', 'pattern': 'two'}, {'matches': [{'path': 'a.txt', 'line': 2, 'column': 2, 'text': '\ttwo', 'before': ['one'], 'after': []}], 'count': 1, 'files_searched': 7, 'files_skipped': 6}),
    ],
    "file-watcher": [
        Use({'operation': 'watch', 'input': ['.'], 'timeout_ms': 60}, {'events': [], 'event_count': 0}),
        Use({'operation': 'config'}, {'max_events': 10000, 'default_timeout': 300.0, 'default_debounce_ms': 100, 'max_paths': 100}),
    ],
    "graph-builder": [
        Use({'operation': 'create_graph'}, {'graph': {'graph_type': 'directed', 'nodes': [], 'edges': []}, 'node_count': 0, 'edge_count': 0}),
        Use({'operation': 'add_node', 'graph': 'G', 'node_id': 'c'}, {'graph': {'graph_type': 'directed', 'nodes': [{'id': 'a'}, {'id': 'b'}, {'id': 'c'}], 'edges': [{'source': 'a', 'target': 'b'}]}, 'node_count': 3, 'edge_count': 1}),
        Use({'operation': 'add_edge', 'graph': 'G', 'from': 'b', 'to': 'a'}, {'graph': {'graph_type': 'directed', 'nodes': [{'id': 'a'}, {'id': 'b'}], 'edges': [{'source': 'a', 'target': 'b'}, {'source': 'b', 'target': 'a'}]}, 'node_count': 2, 'edge_count': 2}),
        Use({'operation': 'analyze', 'graph': 'G'}, {'graph_type': 'directed', 'node_count': 2, 'edge_count': 1, 'density': 0.5}),
        Use({'operation': 'shortest_path', 'graph': 'G', 'from': 'a', 'to': 'b'}, {'path': ['a', 'b'], 'length': 1.0, 'found': True}),
        Use({'operation': 'export_json', 'graph': 'G'}, {'output': '{\n  "graph_type": "directed",\n  "nodes": [\n    {\n      "id": "a"\n    },\n    {\n      "id": "b"\n    }\n  ],\n  "edges": [\n    {\n      "source": "a",\n      "target": "b"\n    }\n  ]\n}', 'format': 'json', 'node_count': 2, 'edge_count': 1}),
        Use({'operation': 'export_mermaid', 'graph': 'G'}, {'output': 'graph LR\n    n0["a"]\n    n1["b"]\n    n0 --> n1', 'format': 'mermaid', 'node_count': 2, 'edge_count': 1}),
        Use({'operation': 'export_dot', 'graph': 'G'}, {'output': 'digraph {\n  "a" [label="a"];\n  "b" [label="b"];\n  "a" -> "b";\n}', 'format': 'dot', 'node_count': 2, 'edge_count': 1}),
        Use({'operation': 'import_json', 'input': 'G'}, {'graph': {'graph_type': 'directed', 'nodes': [{'id': 'a'}, {'id': 'b'}], 'edges': [{'source': 'a', 'target': 'b'}]}, 'node_count': 2, 'edge_count': 1}),
    ],
    "graphql-query": [
        Use({'operation': 'query', 'endpoint': '{site}/graphql', 'input': '{ a }'}, {'operation': 'query', 'endpoint': '{site}/graphql', 'result': {'a': 1}}),
        Use({'operation': 'mutation', 'endpoint': '{site}/graphql', 'input': 'mutation { a }'}, {'operation': 'mutation', 'endpoint': '{site}/graphql', 'result': {'a': 1}}),
        Use({'operation': 'introspection', 'endpoint': '{site}/schema'}, {'operation': 'introspection', 'endpoint': '{site}/schema', 'result': {'queryType': {'name': 'Query'}}}),
        Use({'operation': 'subscription', 'endpoint': '{site}/events', 'input': 'subscription { n }'}, {'operation': 'subscription', 'endpoint': '{site}/events', 'result': [{'n': 1}]}),
    ],
    "hash-calculator": [
        Use({'operation': 'hash', 'input': 'a'}, {'algorithm': 'sha256', 'format': 'hex'}),
        Use({'operation': 'verify', 'input': 'a', 'expected_hash': 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'}, {'verified': True, 'algorithm': 'sha256'}),
    ],
    "html-to-markdown": [
        Use({'input': '{site}/page'}, {'markdown': 'fine', 'title': 'T', 'url': '{site}/page', 'length': 4}),
    ],
    "http-requester": [
        Use({'input': '{site}/json'}, {'status_code': 200, 'ok': True, 'body': {'a': 1}, 'encoding': 'json'}),
    ],
    "image-processor": [
        Use({'operation': 'detect', 'file_path': 'p.png'}, {'file_path': 'p.png', 'format': 'png', 'mime_type': 'image/png', 'supported': True}),
        Use({'operation': 'metadata', 'file_path': 'p.png'}, {'file_path': 'p.png', 'metadata': {'format': 'png', 'width': 40, 'height': 20, 'mode': 'RGB', 'has_alpha': False, 'frames': 1, 'exif': {}}}),
        Use({'operation': 'resize', 'source_path': 'p.png', 'target_path': 'o.png', 'width': 4, 'height': 2}, {'source_path': 'p.png', 'target_path': 'o.png', 'target_format': 'png', 'width': 4}, ('o.png',)),
        Use({'operation': 'convert', 'source_path': 'p.png', 'target_path': 'o.jpg'}, {'source_path': 'p.png', 'target_path': 'o.jpg', 'target_format': 'jpeg', 'width': 40}, ('o.jpg',)),
        Use({'operation': 'crop', 'source_path': 'p.png', 'target_path': 'o.png', 'width': 4, 'height': 2}, {'source_path': 'p.png', 'target_path': 'o.png', 'target_format': 'png', 'width': 4}, ('o.png',)),
        Use({'operation': 'rotate', 'source_path': 'p.png', 'target_path': 'o.png', 'degrees': 90}, {'source_path': 'p.png', 'target_path': 'o.png', 'target_format': 'png', 'width': 20}, ('o.png',)),
        Use({'operation': 'thumbnail', 'source_path': 'p.png', 'target_path': 'o.png'}, {'source_path': 'p.png', 'target_path': 'o.png', 'target_format': 'png', 'width': 40}, ('o.png',)),
    ],
    "json-processor": [
        Use({'operation': 'query', 'input': {'a': [1, 2]}, 'query': '.a[1]'}, {'result': 2, 'count': 1}),
        Use({'operation': 'validate', 'input': {'a': 1}, 'schema': {'type': 'object'}}, {'valid': True, 'errors': []}),
        Use({'operation': 'stream', 'input': '{"a":1}\n{"a":2}', 'query': '.a'}, {'result': [1, 2], 'count': 2}),
    ],
    "keyword-extractor": [
        Use({'input': 'Tides rise and tides fall. The moon pulls the tides.'}, {'language': 'en'}),
    ],
    "log-analyzer": [
        Use({'file': 'l.log'}, {'lines': 2, 'forms': {'plain': 2}, 'levels': {'info': 1, 'error': 1}, 'errors': 1}),
    ],
    "markdown-processor": [
        Use({'operation': 'to_html', 'path': 'm.md'}, {'output': '<h1>Head</h1>\n<p><a href="https://a.example">a</a></p>\n<pre><code class="language-lua">x = 1\n</code></pre>\n'}),
        Use({'operation': 'to_text', 'path': 'm.md'}, {'output': 'Head\na\nx = 1'}),
        Use({'operation': 'outline', 'path': 'm.md'}, {'headings': [{'level': 1, 'text': 'Head', 'slug': 'head', 'line': 4}]}),
        Use({'operation': 'links', 'path': 'm.md'}, {'links': [{'text': 'a', 'url': 'https://a.example', 'image': False}]}),
        Use({'operation': 'code_blocks', 'path': 'm.md'}, {'code_blocks': [{'language': 'lua', 'code': 'x = 1\n', 'line': 8}]}),
        Use({'operation': 'front_matter', 'path': 'm.md'}, {'front_matter': {'title': 'T'}, 'body': '# Head\n\n[a](https://a.example)\n\n```lua\nx = 1\n```\n'}),
    ],
    "pdf-processor": [
        Use({'operation': 'extract_text', 'input': 'd.pdf'}, {'path': 'd.pdf', 'content': '', 'page_count': 1}),
        Use({'operation': 'extract_metadata', 'input': 'd.pdf'}, {'path': 'd.pdf', 'page_count': 1, 'version': '1.3', 'encrypted': False}),
        Use({'operation': 'extract_pages', 'input': 'd.pdf'}, {'path': 'd.pdf', 'pages': [{'page': 1, 'content': ''}], 'page_count': 1}),
    ],
    "process-executor": [
        Use({'executable': 'echo', 'arguments': ['hi']}, {'executable': '/usr/bin/echo', 'arguments': ['hi'], 'exit_code': 0, 'success': True}),
    ],
    "qr-code": [
        Use({'input': 'hi', 'target_path': 'q.svg'}, {'version': 1, 'format': 'svg', 'width': 116, 'target_path': 'q.svg'}, ('q.svg',)),
    ],
    "random-generator": [
        Use({'operation': 'integer', 'min': 1, 'max': 3, 'count': 4, 'seed': 1}, {'value': 1, 'values': [1, 3, 1, 2], 'seeded': True}),
        Use({'operation': 'float', 'seed': 1}, {'value': 13.436424411240122, 'values': [13.436424411240122], 'seeded': True}),
        Use({'operation': 'boolean', 'seed': 1}, {'value': True, 'values': [True], 'seeded': True}),
        Use({'operation': 'string', 'length': 5, 'seed': 1}, {'value': 'i0VpE', 'values': ['i0VpE'], 'seeded': True}),
        Use({'operation': 'password', 'length': 12}, {'seeded': False}),
        Use({'operation': 'bytes', 'length': 4}, {'seeded': False}),
        Use({'operation': 'choice', 'items': ['a', 'b'], 'seed': 1}, {'value': 'a', 'values': ['a'], 'seeded': True}),
        Use({'operation': 'shuffle', 'items': ['a', 'b', 'c'], 'seed': 1}, {'value': 'a', 'values': ['a', 'c', 'b'], 'seeded': True}),
    ],
    "regex-tester": [
        Use({'operation': 'test', 'pattern': 'b+', 'input': 'abbc'}, {'valid': True, 'matched': True}),
        Use({'operation': 'match', 'pattern': 'b+', 'input': 'abbc'}, {'valid': True, 'matched': True, 'matches': [{'text': 'bb', 'start': 1, 'end': 3, 'groups': [], 'named': {}}], 'count': 1}),
        Use({'operation': 'replace', 'pattern': 'b', 'input': 'abbc', 'replacement': 'x'}, {'valid': True, 'matched': True, 'count': 2, 'output': 'axxc'}),
        Use({'operation': 'split', 'pattern': 'b+', 'input': 'abbc'}, {'valid': True, 'parts': ['a', 'c']}),
        Use({'operation': 'validate', 'pattern': '('}, {'valid': False, 'error': "'(' is no regular expression: missing ) at position 1"}),
    ],
    "robots-checker": [
        Use({'input': '{site}/page'}, {'url': '{site}/page', 'allowed': True, 'reason': "'{site}/robots.txt' allows 'llmspell' to fetch it", 'found': True}),
    ],
    "rss-reader": [
        Use({'input': '{site}/feed'}, {'url': '{site}/feed', 'format': 'rss20', 'title': 'F', 'description': ''}),
    ],
    "schema-inferrer": [
        Use({'input': {'a': 1}}, {'json_schema': {'$schema': 'https://json-schema.org/draft/2020-12/schema', 'type': 'object', 'properties': {'a': {'type': 'integer'}}, 'required': ['a']}, 'samples': 1}),
    ],
    "service-checker": [
        Use({'target': '{host}', 'check_type': 'tcp'}, {'target': '{host}', 'check_type': 'tcp', 'available': True, 'status': 'up'}),
        Use({'target': '{site}/page', 'check_type': 'http'}, {'target': '{site}/page', 'check_type': 'http', 'available': True, 'status': '200'}),
        Use({'target': 'localhost', 'check_type': 'dns'}, {'target': 'localhost', 'check_type': 'dns', 'available': True, 'status': 'up'}),
    ],
    "similarity-calculator": [
        Use({'operation': 'compare', 'input': 'tide', 'other': 'tides'}, {'similarity': 0.8889, 'method': 'sequence'}),
        Use({'operation': 'rank', 'input': 'tide', 'candidates': ['moon', 'tides']}, {'ranking': [{'text': 'tides', 'index': 1, 'similarity': 0.8889}, {'text': 'moon', 'index': 0, 'similarity': 0.0}], 'method': 'sequence'}),
    ],
    "sitemap-crawler": [
        Use({'input': '{site}/sitemap.xml'}, {'urls': [{'url': '{site}/page'}], 'count': 1, 'sitemaps': ['{site}/sitemap.xml'], 'errors': []}),
    ],
    "statistics-calculator": [
        Use({'operation': 'describe', 'input': [1, 2, 3]}, {'count': 3, 'sum': 6.0, 'min': 1.0, 'max': 3.0}),
        Use({'operation': 'histogram', 'input': [1, 2, 3], 'bins': 2}, {'bins': [{'start': 1.0, 'end': 2.0, 'count': 1}, {'start': 2.0, 'end': 3.0, 'count': 2}], 'count': 3}),
        Use({'operation': 'correlate', 'input': [1, 2, 3], 'other': [2, 4, 6]}, {'count': 3, 'correlation': 1.0, 'rank_correlation': 1.0, 'covariance': 2.0}),
    ],
    "system-monitor": [
        Use({'operation': 'all'}, {'cpu_count': 2}),
        Use({'operation': 'stats'}, {'cpu_count': 2}),
        Use({'operation': 'cpu'}, {'cpu_count': 2}),
        Use({'operation': 'memory'}, {}),
        Use({'operation': 'disk'}, {}),
    ],
    "template-creator": [
        Use({'input': 'Hi {{ name }}', 'context': {'name': 'Ann'}}, {'rendered': 'Hi Ann', 'engine': 'tera', 'template_length': 13, 'context_size': 1}),
    ],
    "text-analyzer": [
        Use({'input': 'One two. Three two.'}, {'characters': 19, 'characters_without_spaces': 16, 'words': 4, 'unique_words': 3}),
    ],
    "text-manipulator": [
        Use({'input': 'Big tide', 'operation': 'uppercase'}, {'result': 'BIG TIDE', 'operation': 'uppercase', 'original_length': 8, 'result_length': 8}),
        Use({'input': 'Big tide', 'operation': 'lowercase'}, {'result': 'big tide', 'operation': 'lowercase', 'original_length': 8, 'result_length': 8}),
        Use({'input': 'Big tide', 'operation': 'reverse'}, {'result': 'edit giB', 'operation': 'reverse', 'original_length': 8, 'result_length': 8}),
        Use({'input': 'Big tide', 'operation': 'trim'}, {'result': 'Big tide', 'operation': 'trim', 'original_length': 8, 'result_length': 8}),
        Use({'input': 'Big tide', 'operation': 'replace', 'options': {'from': 'tide', 'to': 'moon'}}, {'result': 'Big moon', 'operation': 'replace', 'original_length': 8, 'result_length': 8}),
        Use({'input': 'Big tide', 'operation': 'substring', 'options': {'start': 0, 'end': 3}}, {'result': 'Big', 'operation': 'substring', 'original_length': 8, 'result_length': 3}),
        Use({'input': 'Big tide', 'operation': 'split', 'options': {'delimiter': ' '}}, {'result': ['Big', 'tide'], 'operation': 'split', 'original_length': 8, 'result_length': 2}),
        Use({'input': 'Big tide', 'operation': 'join', 'options': {'delimiter': '-'}}, {'result': 'Big tide', 'operation': 'join', 'original_length': 8, 'result_length': 8}),
        Use({'input': 'Big tide', 'operation': 'snake_case'}, {'result': 'big_tide', 'operation': 'snake_case', 'original_length': 8, 'result_length': 8}),
        Use({'input': 'Big tide', 'operation': 'camel_case'}, {'result': 'bigTide', 'operation': 'camel_case', 'original_length': 8, 'result_length': 7}),
        Use({'input': 'Big tide', 'operation': 'pascal_case'}, {'result': 'BigTide', 'operation': 'pascal_case', 'original_length': 8, 'result_length': 7}),
        Use({'input': 'Big tide', 'operation': 'sanitize'}, {'result': 'Big tide', 'operation': 'sanitize', 'original_length': 8, 'result_length': 8}),
        Use({'input': 'Big tide', 'operation': 'truncate', 'options': {'max_length': 6}}, {'result': 'Big...', 'operation': 'truncate', 'original_length': 8, 'result_length': 6}),
        Use({'input': 'Big tide', 'operation': 'indent', 'options': {'spaces': 2}}, {'result': '  Big tide', 'operation': 'indent', 'original_length': 8, 'result_length': 10}),
        Use({'input': 'Big tide', 'operation': 'dedent'}, {'result': 'Big tide', 'operation': 'dedent', 'original_length': 8, 'result_length': 8}),
        Use({'input': 'Big tide', 'operation': 'normalize_whitespace'}, {'result': 'Big tide', 'operation': 'normalize_whitespace', 'original_length': 8, 'result_length': 8}),
        Use({'input': 'Big tide', 'operation': 'count'}, {'result': '2', 'operation': 'count', 'original_length': 8, 'result_length': 1}),
        Use({'input': 'Big tide', 'operation': 'word_wrap', 'options': {'width': 4}}, {'result': 'Big\ntide', 'operation': 'word_wrap', 'original_length': 8, 'result_length': 8}),
    ],
    "toml-processor": [
        Use({'operation': 'parse', 'path': 'c.toml'}, {'value': {'a': 1}}),
        Use({'operation': 'generate', 'value': {'a': 1}, 'target_path': 'o.toml'}, {'target_path': 'o.toml', 'size': 6}, ('o.toml',)),
        Use({'operation': 'validate', 'path': 'c.toml'}, {'valid': True, 'errors': []}),
        Use({'operation': 'set', 'path': 'c.toml', 'key': 'a', 'value': 2}, {'output': 'a = 2\n', 'size': 6}),
    ],
    "unit-converter": [
        Use({'operation': 'convert', 'value': 1, 'from': 'km', 'to': 'm'}, {'value': 1000.0, 'from_unit': 'kilometer', 'to_unit': 'meter'}),
        Use({'operation': 'compatible', 'from': 'km'}, {'unit': 'kilometer', 'dimension': '[length]', 'base': '1000 meter', 'units': ['angstrom', 'angstrom_star', 'astronomical_unit', 'bohr', 'classical_electron_radius', 'fermi', 'light_year', 'meter', 'micron', 'nautical_mile', 'parsec', 'planck_length', 'x_unit_Cu', 'x_unit_Mo']}),
        Use({'operation': 'describe', 'from': 'km'}, {'unit': 'kilometer', 'dimension': '[length]', 'base': '1000 meter'}),
    ],
    "url-analyzer": [
        Use({'input': 'https://a.example/b?c=1'}, {'url': 'https://a.example/b?c=1', 'scheme': 'https', 'host': 'a.example', 'ascii_host': 'a.example'}),
    ],
    "uuid-generator": [
        Use({'operation': 'generate'}, {'version': 'v4'}),
        Use({'operation': 'component_id', 'prefix': 'agent'}, {'prefix': 'agent'}),
        Use({'operation': 'deterministic', 'namespace': 'dns', 'name': 'a.example'}, {'id': '05149b90-bca9-5cf7-9708-f45959ecfde6', 'namespace': 'dns', 'name': 'a.example'}),
        Use({'operation': 'custom', 'prefix': 'p'}, {'prefix': 'p'}),
        Use({'operation': 'validate', 'uuid': '9073926b-929f-31c2-abc9-fad77ae3e8eb'}, {'valid': True, 'version': 'v3', 'variant': 'specified in RFC 4122'}),
    ],
    "video-processor": [
        Use({'operation': 'detect', 'file_path': 'f.mp4'}, {'file_path': 'f.mp4', 'format': 'mp4', 'supported': True}),
        Use({'operation': 'metadata', 'file_path': 'f.mp4'}, {'file_path': 'f.mp4', 'metadata': {'format': 'mp4', 'codec': 'mpeg4', 'width': 64, 'height': 48, 'duration_seconds': 2.0, 'frame_rate': 10.0, 'frames': 20, 'size': 1724}}),
        Use({'operation': 'thumbnail', 'file_path': 'f.mp4', 'target_path': 'o.png'}, {'video_path': 'f.mp4', 'target_path': 'o.png', 'timestamp_seconds': 0.0, 'width': 64}, ('o.png',)),
        Use({'operation': 'extract_frame', 'file_path': 'f.mp4', 'target_path': 'o.png', 'timestamp_seconds': 1}, {'video_path': 'f.mp4', 'target_path': 'o.png', 'timestamp_seconds': 1.0, 'width': 64}, ('o.png',)),
    ],
    "web-scraper": [
        Use({'input': '{site}/page', 'selector': 'p'}, {'url': '{site}/page', 'title': 'T', 'content': 'fine'}),
    ],
    "webhook-caller": [
        Use({'input': '{site}/json', 'payload': {'a': 1}}, {'status_code': 200, 'attempts': 1, 'response': {'a': 1}}),
    ],
    "webpage-monitor": [
        Use({'input': '{site}/page'}, {'url': '{site}/page', 'content': 'fine', 'changed': False, 'added': []}),
    ],
    "xml-processor": [
        Use({'operation': 'parse', 'path': 'x.xml'}, {'value': {'a': {'b': '1'}}}),
        Use({'operation': 'generate', 'value': {'a': {'b': '1'}}, 'target_path': 'o.xml'}, {'target_path': 'o.xml', 'size': 58}, ('o.xml',)),
        Use({'operation': 'query', 'path': 'x.xml', 'query': './/b'}, {'elements': [{'tag': 'b', 'text': '1', 'attributes': {}, 'xml': '<b>1</b>'}], 'count': 1}),
        Use({'operation': 'validate', 'path': 'x.xml'}, {'valid': True, 'errors': []}),
    ],
    "yaml-processor": [
        Use({'operation': 'parse', 'path': 'c.yaml'}, {'value': {'a': 1}}),
        Use({'operation': 'generate', 'value': {'a': 1}, 'target_path': 'o.yaml'}, {'target_path': 'o.yaml', 'size': 5}, ('o.yaml',)),
        Use({'operation': 'validate', 'path': 'c.yaml'}, {'valid': True, 'errors': []}),
    ],}
# fmt: on
"""The uses, by tool."""
