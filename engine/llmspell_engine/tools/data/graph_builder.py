"""Building graphs step by step, and what can be said of them."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.data.graphs import (
    Graph,
    GraphEdge,
    GraphNode,
    GraphType,
    as_dot,
    as_mermaid,
    read_graph,
)
from llmspell_engine.tools.data_values import DataList, DataTable, json_text
from llmspell_engine.tools.parameters import Needs, ToolParameters
from llmspell_engine.tools.requirements import Extra

Operation = Literal[
    "create_graph", "add_node", "add_edge", "analyze", "shortest_path", "export_json", "export_mermaid",
    "export_dot", "import_json",
]  # fmt: skip
GivenGraph = str | DataTable
NodeId = Annotated[str, Field(min_length=1, max_length=1000)]
_NETWORKX = Extra("networkx", "graph")


class GraphParameters(ToolParameters):
    """What is done with which graph."""

    needs: ClassVar[Needs] = {
        "add_node": ("graph", "node_id"),
        "add_edge": ("graph", "from_", "to"),
        "shortest_path": (("input", "graph"), "from_", "to"),
        **dict.fromkeys(
            ("analyze", "export_json", "export_mermaid", "export_dot", "import_json"), (("input", "graph"),)
        ),
    }

    operation: Operation = Field("create_graph", description="What to do.")
    input: GivenGraph | None = Field(None, description="The graph, as JSON or as a value.")
    graph_type: GraphType = Field("directed", description="`create_graph`: whether edges have a direction.")
    graph: GivenGraph | None = Field(None, description="The graph to add to, as JSON or as a value.")
    node_id: NodeId | None = Field(None, description="`add_node`: what edges call the node.")
    from_: NodeId | None = Field(None, alias="from", description="The node an edge or a path leads from.")
    to: NodeId | None = Field(None, description="The node an edge or a path leads to.")
    label: str | None = Field(None, description="What people call the new node or edge.")
    weight: float | None = Field(None, description="`add_edge`: how long or heavy it is.")
    data: DataTable | DataList | None = Field(None, description="What belongs to the new node or edge.")


class BuiltGraph(Result):
    """A graph, and how large it is."""

    graph: Graph = Field(description="The graph.")
    node_count: int = Field(description="How many nodes it has.")
    edge_count: int = Field(description="How many edges it has.")


class ExportedGraph(Result):
    """A graph as text."""

    output: str = Field(description="The text.")
    format: Literal["json", "mermaid", "dot"] = Field(description="Its format.")
    node_count: int = Field(description="How many nodes the graph has.")
    edge_count: int = Field(description="How many edges it has.")


class GraphFacts(Result):
    """What can be said of a graph."""

    graph_type: GraphType = Field(description="Whether edges have a direction.")
    node_count: int = Field(description="How many nodes there are.")
    edge_count: int = Field(description="How many edges there are.")
    density: float = Field(description="How many of all possible edges there are, from 0 to 1.")
    is_connected: bool = Field(description="Whether all nodes hang together, whatever the direction.")
    component_count: int = Field(description="How many pieces there are that do.")
    has_cycle: bool = Field(description="Whether a path leads back to where it began.")
    topological_order: list[str] | None = Field(
        None, description="The nodes, each behind those that lead to it; absent with a cycle."
    )
    degrees: dict[str, int] = Field(description="How many edges each node has.")
    centrality: dict[str, float] = Field(
        description="How much of the shortest paths leads through each node, from 0 to 1."
    )
    isolated_nodes: list[str] = Field(description="The nodes without edges.")


class GraphPath(Result):
    """The shortest way from one node to another."""

    path: list[str] | None = Field(None, description="The nodes on it; absent where there is no way.")
    length: float | None = Field(None, description="The weights of its edges together.")
    found: bool = Field(description="Whether there is one.")


class GraphBuilder(Tool[GraphParameters]):
    """Builds graphs of nodes and edges, analyses them, and writes them as JSON, Mermaid or DOT."""

    name = "graph-builder"
    category = "data"
    aliases = ("graph_builder",)
    Parameters = GraphParameters
    returns = BuiltGraph | ExportedGraph | GraphFacts | GraphPath
    blocks = True

    def run(self, parameters: GraphParameters, context: ToolContext) -> Outcome:
        """Do the operation."""
        operation = parameters.operation
        if operation == "create_graph":
            return _built(operation, Graph(graph_type=parameters.graph_type), "Made an empty graph")
        if operation in ("add_node", "add_edge"):
            return _extended(parameters, read_graph(parameters.graph or "", "graph"))
        name = "input" if parameters.input is not None else "graph"
        graph = read_graph(getattr(parameters, name), name)
        if operation == "import_json":
            return _built(operation, graph, "Read a graph")
        if operation in ("analyze", "shortest_path"):
            _NETWORKX.check(context)
            return _analyzed(graph) if operation == "analyze" else _path(graph, parameters)
        return _exported(operation, graph)


def _built(operation: Operation, graph: Graph, message: str) -> Outcome:
    result = BuiltGraph(graph=graph, node_count=len(graph.nodes), edge_count=len(graph.edges))
    return Outcome(operation, result, json_text(graph), message)


def _extended(parameters: GraphParameters, graph: Graph) -> Outcome:
    known = {node.id for node in graph.nodes}
    told = {"label": parameters.label, "data": parameters.data}
    if parameters.operation == "add_node":
        name = parameters.node_id or ""
        if name in known:
            raise ToolError(f"there is a node '{name}' already", code="exists")
        node = GraphNode(id=name, **told)
        changed = graph.model_copy(update={"nodes": [*graph.nodes, node]})
        return _built("add_node", changed, f"Added the node {name}")
    ends = (parameters.from_ or "", parameters.to or "")
    for end in ends:
        if end not in known:
            raise ToolError(f"there is no node '{end}'; add_node adds it", code="unknown_node")
    edge = GraphEdge.model_validate(
        {"source": ends[0], "target": ends[1], "weight": parameters.weight, **told}
    )
    changed = graph.model_copy(update={"edges": [*graph.edges, edge]})
    return _built("add_edge", changed, f"Added an edge from {ends[0]} to {ends[1]}")


def _exported(operation: Operation, graph: Graph) -> Outcome:
    writers = {"export_mermaid": ("mermaid", as_mermaid), "export_dot": ("dot", as_dot)}
    form, write = writers.get(operation, ("json", json_text))
    text = write(graph)
    result = ExportedGraph.model_validate(
        {"output": text, "format": form, "node_count": len(graph.nodes), "edge_count": len(graph.edges)}
    )
    return Outcome(operation, result, text, f"Wrote {counted(len(graph.nodes), 'node')} as {form}")


def _library_graph(graph: Graph) -> Any:
    import networkx as nx

    made: Any = nx.MultiDiGraph() if graph.graph_type == "directed" else nx.MultiGraph()
    made.add_nodes_from(node.id for node in graph.nodes)
    for edge in graph.edges:
        made.add_edge(edge.source, edge.target, weight=1.0 if edge.weight is None else edge.weight)
    return made


def _analyzed(graph: Graph) -> Outcome:
    import networkx as nx

    made = _library_graph(graph)
    directed = graph.graph_type == "directed"
    pieces = list(nx.connected_components(made.to_undirected() if directed else made))
    cyclic = not nx.is_directed_acyclic_graph(made) if directed else not _is_forest(made, len(pieces))
    simple = nx.DiGraph(made) if directed else nx.Graph(made)
    facts = GraphFacts(
        graph_type=graph.graph_type,
        node_count=len(graph.nodes),
        edge_count=len(graph.edges),
        density=round(float(nx.density(simple)), 6),
        is_connected=len(pieces) == 1,
        component_count=len(pieces),
        has_cycle=cyclic,
        topological_order=list(nx.topological_sort(made)) if directed and not cyclic else None,
        degrees={str(name): int(degree) for name, degree in made.degree()},
        centrality={
            str(name): round(float(share), 6) for name, share in nx.betweenness_centrality(simple).items()
        },
        isolated_nodes=[str(name) for name in nx.isolates(made)],
    )
    text = f"{counted(facts.node_count, 'node')}, {counted(facts.edge_count, 'edge')}, " + (
        "with a cycle" if cyclic else "without a cycle"
    )
    return Outcome("analyze", facts, text, "Analysed the graph")


def _is_forest(made: Any, pieces: int) -> bool:
    """A graph without directions has no cycle when each edge joins two pieces."""
    return bool(made.number_of_edges() == made.number_of_nodes() - pieces)


def _path(graph: Graph, parameters: GraphParameters) -> Outcome:
    import networkx as nx

    made = _library_graph(graph)
    start, end = parameters.from_ or "", parameters.to or ""
    for name in (start, end):
        if name not in made:
            raise ToolError(f"there is no node '{name}'", code="unknown_node")
    if any((edge.weight or 0) < 0 for edge in graph.edges):
        raise ToolError("an edge has a negative weight, with which nothing is short", code="invalid_graph")
    try:
        found: Any = nx.single_source_dijkstra(made, start, end)
        length, path = found
    except nx.NetworkXNoPath:
        return Outcome("shortest_path", GraphPath(found=False), "", f"No way leads from {start} to {end}")
    result = GraphPath(path=[str(one) for one in path], length=float(length), found=True)
    return Outcome("shortest_path", result, " -> ".join(map(str, path)), f"Found a way of {length:g}")
