"""Graphs as scripts keep them: nodes and edges, in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import ToolError

GraphType = Literal["directed", "undirected"]


class GraphNode(Result):
    """A node."""

    id: str = Field(description="What edges call it.")
    label: str | None = Field(None, description="What people call it.")
    data: Any = Field(None, description="What belongs to it.")


class GraphEdge(Result):
    """An edge."""

    source: str = Field(description="The node it leads from; `from` is read too.")
    target: str = Field(description="The node it leads to; `to` is read too.")
    label: str | None = Field(None, description="What people call it.")
    weight: float | None = Field(None, description="How long or heavy it is; 1 where left out.")
    data: Any = Field(None, description="What belongs to it.")

    @model_validator(mode="before")
    @classmethod
    def _renamed(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        return {{"from": "source", "to": "target"}.get(key, key): value for key, value in given.items()}


class Graph(Result):
    """A graph."""

    graph_type: GraphType = Field("directed", description="Whether edges have a direction.")
    nodes: list[GraphNode] = Field(default_factory=list, description="The nodes.")
    edges: list[GraphEdge] = Field(default_factory=list, description="The edges.")


_GRAPH: TypeAdapter[Graph] = TypeAdapter(Graph)


def read_graph(given: str | Mapping[str, Any], name: str) -> Graph:
    """The graph that a parameter holds, as JSON or as a value. Raises ToolError."""
    value = _value(given, name)
    try:
        graph = _GRAPH.validate_python(value)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(step) for step in fault["loc"])
        raise ToolError(f"'{name}' is no graph: {place}: {fault['msg']}", code="invalid_graph") from None
    known = {node.id for node in graph.nodes}
    if len(known) < len(graph.nodes):
        raise ToolError(f"'{name}' has two nodes of the same id", code="invalid_graph")
    for edge in graph.edges:
        for end in (edge.source, edge.target):
            if end not in known:
                raise ToolError(f"'{name}' has an edge at '{end}', which is no node", code="invalid_graph")
    return graph


def _value(given: str | Mapping[str, Any], name: str) -> Any:
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except ValueError as error:
        raise ToolError(f"'{name}' is not JSON: {error}", code="invalid_json") from None


def as_mermaid(graph: Graph) -> str:
    """The graph as a flowchart of Mermaid."""
    arrow = "-->" if graph.graph_type == "directed" else "---"
    places = {node.id: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = [f'    {places[node.id]}["{_quoted(node.label or node.id)}"]' for node in graph.nodes]
    for edge in graph.edges:
        told = f'|"{_quoted(edge.label)}"|' if edge.label else ""
        lines.append(f"    {places[edge.source]} {arrow}{told} {places[edge.target]}")
    return "\n".join(["graph LR", *lines])


def _quoted(text: str) -> str:
    return text.replace('"', "#quot;").replace("\n", " ")


def as_dot(graph: Graph) -> str:
    """The graph in the language of Graphviz."""
    kind, arrow = ("digraph", "->") if graph.graph_type == "directed" else ("graph", "--")
    lines = [f"  {json.dumps(node.id)} [label={json.dumps(node.label or node.id)}];" for node in graph.nodes]
    for edge in graph.edges:
        told = f" [label={json.dumps(edge.label)}]" if edge.label else ""
        lines.append(f"  {json.dumps(edge.source)} {arrow} {json.dumps(edge.target)}{told};")
    return "\n".join([f"{kind} {{", *lines, "}"])
