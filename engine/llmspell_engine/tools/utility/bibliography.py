"""Reference lists: BibTeX and YAML become what styles work on, the items of CSL."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from llmspell_engine.tools.base import ToolError

Item = dict[str, Any]
_TYPES = {
    "article": "article-journal",
    "blog": "post-weblog",
    "anthology": "book",
    "proceedings": "book",
    "conference": "paper-conference",
    "misc": "document",
    "repository": "software",
    "audio": "song",
    "video": "motion_picture",
    "case": "legal_case",
    "newspaper": "article-newspaper",
    "web": "webpage",
}
"""Types of other lists, by what CSL calls them; others are called the same."""
_PLAIN = {
    "volume": "volume",
    "issue": "issue",
    "edition": "edition",
    "doi": "DOI",
    "isbn": "ISBN",
    "issn": "ISSN",
    "note": "note",
    "abstract": "abstract",
    "language": "language",
    "page-range": "page",
    "page-total": "number-of-pages",
    "genre": "genre",
}
"""Fields of a YAML list, and what CSL calls them."""
_NAMES = ("author", "editor", "translator", "illustrator", "director")


def items_of_yaml(text: str) -> list[Item]:
    """The items of a YAML list: by keys, as Hayagriva has it, or a list of CSL items. Raises ToolError."""
    import yaml

    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        told = str(error).splitlines()[0]
        raise ToolError(f"the references are no YAML: {told}", code="invalid_bibliography") from None
    if isinstance(found, Mapping) and isinstance(found.get("references"), list):
        found = found["references"]
    if isinstance(found, list):
        return [_csl_item(entry, place) for place, entry in enumerate(found, 1)]
    if isinstance(found, Mapping):
        return [_keyed_item(str(key), entry) for key, entry in found.items()]
    raise ToolError("the references are neither a table by keys nor a list", code="invalid_bibliography")


def _csl_item(entry: Any, place: int) -> Item:
    if not isinstance(entry, Mapping) or "id" not in entry:
        raise ToolError(f"reference {place} has no 'id'", code="invalid_bibliography")
    item = {str(key): value for key, value in entry.items()}
    item["id"] = str(item["id"])
    item.setdefault("type", "document")
    if "issued" in item:
        item["issued"] = _date(item["issued"])
    return item


def _keyed_item(key: str, entry: Any) -> Item:
    if not isinstance(entry, Mapping):
        raise ToolError(f"the reference '{key}' is no table", code="invalid_bibliography")
    kind = str(entry.get("type", "misc")).lower()
    item: Item = {"id": key, "type": _TYPES.get(kind, kind)}
    if "title" in entry:
        item["title"] = _text(entry["title"])
    for name in _NAMES:
        if name in entry:
            item[name] = _people(entry[name])
    for name, wanted in _PLAIN.items():
        if name in entry:
            item[wanted] = _text(entry[name])
    item |= _places(entry)
    parent = entry.get("parent")
    parent = parent[0] if isinstance(parent, list) and parent else parent
    return item | _from_parent(parent, item) if isinstance(parent, Mapping) else item


def _places(entry: Mapping[str, Any]) -> Item:
    """Who published it, where and when, and where it is found."""
    item: Item = {}
    publisher = entry.get("publisher")
    if isinstance(publisher, Mapping):
        item["publisher"] = _text(publisher.get("name", ""))
        item["publisher-place"] = _text(publisher.get("location", ""))
    elif publisher is not None:
        item["publisher"] = _text(publisher)
    if "location" in entry:
        item["publisher-place"] = _text(entry["location"])
    if "date" in entry:
        item["issued"] = _date(entry["date"])
    if "url" in entry:
        given = entry["url"]
        item["URL"] = _text(given.get("value", "") if isinstance(given, Mapping) else given)
        if isinstance(given, Mapping) and "date" in given:
            item["accessed"] = _date(given["date"])
    serial = entry.get("serial-number")
    if isinstance(serial, Mapping):
        item |= {_PLAIN[name]: str(one) for name, one in serial.items() if name in ("doi", "isbn", "issn")}
    return item


def _from_parent(parent: Mapping[str, Any], item: Item) -> Item:
    """What a part has of the whole it stands in: a journal, a book, a conference."""
    whole = _keyed_item(str(item["id"]), parent)
    taken = {key: value for key, value in whole.items() if key not in ("id", "type", "title", *item)}
    if "title" in whole:
        taken["container-title"] = whole["title"]
    kind = str(parent.get("type", "")).lower()
    by_whole = {
        "proceedings": "paper-conference",
        "conference": "paper-conference",
        "newspaper": "article-newspaper",
    }
    if item["type"] == "article-journal" and kind in by_whole:
        taken["type"] = by_whole[kind]
    if item["type"] in ("chapter", "document") and kind in ("book", "anthology"):
        taken["type"] = "chapter"
    return taken


def _text(value: Any) -> str:
    """A text, which may be a table that says how it is written."""
    return str(value.get("value", "")) if isinstance(value, Mapping) else str(value)


def _people(value: Any) -> list[Item]:
    return [_person(one) for one in (value if isinstance(value, list) else [value])]


def _person(value: Any) -> Item:
    """A name as ``Family, Given`` or as a table; without a comma it is that of a group."""
    if isinstance(value, Mapping):
        family, given = (
            _text(value.get("name", value.get("family", ""))),
            value.get("given-name", value.get("given")),
        )
    else:
        family, _, given = (part.strip() for part in str(value).partition(","))
    return {"family": family, "given": str(given)} if given else {"literal": family}


def _date(value: Any) -> Item:
    """A date in the parts of CSL. Raises ToolError where it is none."""
    if isinstance(value, Mapping):
        return dict(value)
    text = value.isoformat() if isinstance(value, (date, datetime)) else str(value)
    parts = re.fullmatch(r"(-?\d{1,4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?(?:T.*)?", text)
    if parts is None:
        raise ToolError(
            f"'{text}' is no date; write it as 2024, 2024-05 or 2024-05-17", code="invalid_bibliography"
        )
    return {"date-parts": [[int(part) for part in parts.groups() if part]]}


def source_of_yaml(text: str) -> Any:
    """The references of a YAML list as the library has them. Raises ToolError."""
    from citeproc.source.json import CiteProcJSON

    items = items_of_yaml(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return CiteProcJSON(items)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise ToolError(
            f"the references are not as CSL has them: {error!r}", code="invalid_bibliography"
        ) from None


def source_of_bibtex(text: str) -> Any:
    """The references of a BibTeX list as the library has them. Raises ToolError."""
    from citeproc.source.bibtex import BibTeX

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = BibTeX(io.StringIO(text))
    except Exception as error:  # noqa: BLE001 (the parser has no error of its own)
        raise ToolError(
            f"the references are no BibTeX: {error or 'they break off'}", code="invalid_bibliography"
        ) from None
    if not found:
        raise ToolError("there are no references in the BibTeX", code="invalid_bibliography")
    for reference in found.values():
        _join(reference)
    return found


def _join(reference: dict[str, Any]) -> None:
    """Make texts whole that braces divide: styles put a blank between the parts when they change case."""
    from citeproc.string import MixedString, String

    for name, value in list(reference.items()):
        if isinstance(value, MixedString):
            reference[name] = MixedString([String("".join(str(part) for part in value))])
