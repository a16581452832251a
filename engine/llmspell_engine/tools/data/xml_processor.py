"""XML: reading, writing, searching and checking. Entities and documents from elsewhere are never read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Literal
from xml.etree.ElementTree import Element, ParseError, tostring
from xml.parsers.expat import ExpatError, errors

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.data import documents
from llmspell_engine.tools.data.documents import (
    DocumentCheck,
    DocumentError,
    ParsedDocument,
    WrittenDocument,
)
from llmspell_engine.tools.data_values import DataTable
from llmspell_engine.tools.given import GivenPath, given_text
from llmspell_engine.tools.parameters import Needs, ToolParameters


class XmlParameters(ToolParameters):
    """What is done with which document."""

    needs: ClassVar[Needs] = {
        **dict.fromkeys(("parse", "validate"), (("input", "path"),)),
        "query": (("input", "path"), "query"),
        "generate": ("value",),
    }

    operation: Literal["parse", "generate", "query", "validate"] = Field(
        "parse", description="Make the text a value, make a value text, find elements, or check the text."
    )
    input: str | None = Field(None, description="The XML.", json_schema_extra={"x-example": "<a>1</a>"})
    path: GivenPath | None = Field(None, description="The file to read in place of `input`.")
    value: DataTable | None = Field(
        None,
        description="`generate`: the value to write, with one key for the root; keys with `@` are "
        "attributes, `#text` is the text beside them.",
    )
    query: str | None = Field(
        None,
        description="`query`: the elements, in the simple XPath of Python.",
        json_schema_extra={"x-example": ".//item[@id='3']/title"},
    )
    namespaces: dict[str, str] | None = Field(None, description="`query`: namespaces by their prefixes.")
    target_path: GivenPath | None = Field(None, description="`generate`: the file to write.")
    pretty: bool = Field(True, description="`generate`: whether each element has its line.")


class XmlElement(Result):
    """An element that was found."""

    tag: str = Field(description="Its name; with a namespace as `{namespace}name`.")
    text: str = Field(description="The text in it and in what it holds.")
    attributes: dict[str, str] = Field(description="Its attributes.")
    xml: str = Field(description="The element itself.")


class FoundElements(Result):
    """What a query found."""

    elements: list[XmlElement] = Field(description="The elements, in the order of the document.")
    count: int = Field(description="How many there are.")


class XmlProcessor(Tool[XmlParameters]):
    """Reads, writes, searches and checks XML."""

    name = "xml-processor"
    category = "data"
    aliases = ("xml_processor",)
    Parameters = XmlParameters
    returns = ParsedDocument | WrittenDocument | FoundElements | DocumentCheck
    blocks = True

    def run(self, parameters: XmlParameters, context: ToolContext) -> Outcome:
        """Read, write, search or check."""
        if parameters.operation == "generate":
            return documents.generated(_dump(parameters), parameters.target_path, context)
        text = given_text(parameters.input, parameters.path, context)
        match parameters.operation:
            case "parse":
                return documents.parsed(_load(text))
            case "query":
                return _query(text, parameters)
            case _:
                return _validate(text)


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the parsers raise into one error, with the place."""
    from defusedxml.common import DefusedXmlException

    try:
        yield
    except ExpatError as error:
        raise DocumentError("XML", errors.messages[error.code], error.lineno, error.offset + 1) from None
    except ParseError as error:
        line, column = error.position
        raise DocumentError("XML", errors.messages[error.code], line, column + 1) from None
    except RecursionError:
        raise DocumentError("XML", "it is nested too deeply", None, None) from None
    except (DefusedXmlException, ValueError) as error:
        told = "it declares entities, which are not read" if "ntit" in repr(error) else str(error)
        raise DocumentError("XML", told, None, None) from None


def _load(text: str) -> Any:
    import xmltodict

    if sum(1 for _ in _element(text).iter()) > documents.MOST_VALUES:
        raise documents.too_large()
    with _told():
        return documents.plain(xmltodict.parse(text, disable_entities=True))


def _element(text: str) -> Element:
    from defusedxml.ElementTree import fromstring

    with _told():
        found: Element = fromstring(text, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    return found


def _dump(parameters: XmlParameters) -> str:
    import xmltodict

    try:
        return str(xmltodict.unparse(parameters.value or {}, pretty=parameters.pretty, indent="  "))
    except (ValueError, TypeError, AttributeError) as error:
        raise ToolError(f"'value' cannot be XML: {error}", code="invalid_input") from None


def _query(text: str, parameters: XmlParameters) -> Outcome:
    root = _element(text)
    try:
        found = root.findall(parameters.query or "", parameters.namespaces or {})
    except (SyntaxError, KeyError, ValueError, TypeError) as error:
        # ElementTree has no error of its own for what it cannot read.
        raise ToolError(f"'{parameters.query}' is no query: {error}", code="invalid_query") from None
    elements = [_told_of(one) for one in found]
    result = FoundElements(elements=elements, count=len(elements))
    text = "\n".join(one.xml for one in elements)
    return Outcome("query", result, text, f"Found {counted(len(elements), 'element')}")


def _told_of(element: Element) -> XmlElement:
    tail, element.tail = element.tail, None
    xml = tostring(element, encoding="unicode")
    element.tail = tail
    return XmlElement(
        tag=element.tag, text="".join(element.itertext()).strip(), attributes=dict(element.attrib), xml=xml
    )


def _validate(text: str) -> Outcome:
    try:
        _element(text)
    except DocumentError as error:
        return documents.checked([error.fault])
    return documents.checked([])
