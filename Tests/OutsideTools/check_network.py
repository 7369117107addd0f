"""Checks a stakeholder network with other people's libraries: check_network.py NETWORK.json NETWORK.graphml NETWORK.dot

The JSON must be canonical (package rfc8785), and NetworkX must find the same betweenness, articulation points and isolated
nodes in it. NetworkX must read the same nodes and edges, with their types, from the GraphML; Graphviz's dot and neato must
draw them from the DOT without a word, with the labels of the GraphML. Prints `checked N nodes and M edges`, or fails with
exit code 1 and the reason.
"""

import json
import subprocess
import sys
import xml.etree.ElementTree as xml
from collections import Counter

import networkx as nx
import rfc8785

SVG = "{http://www.w3.org/2000/svg}"
# Our numbers have six places.
TOLERANCE = 5.1e-7


def require(condition, reason):
    if not condition:
        sys.exit(reason)


def expect_equal(what, ours, theirs):
    require(ours == theirs, f"{what}: ours is {ours!r}, theirs {theirs!r}")


def check_json(path):
    with open(path, "rb") as file:
        written = file.read()
    network = json.loads(written)
    require(rfc8785.dumps(network) == written, f"{path}: not canonical")
    nodes, edges = network["nodes"], network["edges"]
    slugs = {node["id"]: node["slug"] for node in nodes}
    require(len(slugs) == len(nodes), "an id stands twice")
    expect_equal("order of nodes", list(slugs.values()), sorted(slugs.values()))
    for ties in (edges, network["relations"]):
        order = [(slugs[tie["source"]], slugs[tie["target"]], tie.get("kind", "")) for tie in ties]
        expect_equal("order of edges or relations", order, sorted(order))
    for edge in edges:
        require(slugs[edge["source"]] < slugs[edge["target"]], f"{edge} is the wrong way round")
        expect_equal(f"weight of {edge}", edge["weight"], len(set(edge["measures"])))
        expect_equal(f"measures of {edge}", edge["measures"], sorted(edge["measures"]))
    graph = nx.Graph()
    graph.add_nodes_from(slugs)
    graph.add_edges_from((edge["source"], edge["target"]) for edge in edges)
    expect_equal("number of edges", len(edges), graph.number_of_edges())
    articulation_points = set(nx.articulation_points(graph))
    for node, betweenness in nx.betweenness_centrality(graph).items():
        ours = next(known for known in nodes if known["id"] == node)
        require(
            abs(ours["betweenness"] - betweenness) <= TOLERANCE,
            f"betweenness of {slugs[node]}: ours is {ours['betweenness']}, theirs {betweenness}",
        )
        expect_equal(f"articulation of {slugs[node]}", ours["articulation"], node in articulation_points)
    expect_equal("isolated", network["isolated"], sorted(slugs[node] for node in nx.isolates(graph)))
    return network


def ends(source, target):
    return tuple(sorted((source, target)))


def check_graphml(path, network):
    graph = nx.read_graphml(path)
    require(not graph.is_directed(), "the GraphML is directed")
    expect_equal("position", network["position"], graph.graph.get("position"))
    expect_equal("validAt", network["validAt"], graph.graph["validAt"])
    expect_equal("nodes of the GraphML", [node["id"] for node in network["nodes"]], list(graph.nodes))
    for node in network["nodes"]:
        for key, value in node.items():
            read = node["id"] if key == "id" else graph.nodes[node["id"]][key]
            expect_equal(f"{key} of {node['slug']}", value, read)
            # JSON writes a whole number without a point, also where others may be fractions.
            expected = float if key in ("load", "betweenness") else type(value)
            require(isinstance(read, expected), f"{key} of {node['slug']} is a {type(read)}")
    ours = Counter(
        (*ends(edge["source"], edge["target"]), "shares-measures", edge["weight"], " ".join(edge["measures"]))
        for edge in network["edges"]
    ) + Counter(
        (*ends(relation["source"], relation["target"]), relation["kind"], None, None)
        for relation in network["relations"]
    )
    theirs = Counter(
        (*ends(source, target), data["kind"], data.get("weight"), data.get("measures"))
        for source, target, data in graph.edges(data=True)
    )
    expect_equal("edges of the GraphML", ours, theirs)
    return graph


def check_drawing(engine, path, network, graph):
    done = subprocess.run([engine, "-Tsvg", path], capture_output=True, check=False, timeout=300)
    require(done.returncode == 0 and not done.stderr, f"{engine}: {done.returncode} {done.stderr.decode()}")
    drawing = xml.fromstring(done.stdout)
    drawn = {"node": [], "edge": []}
    for group in drawing.iter(f"{SVG}g"):
        if group.get("class") in drawn:
            texts = [text.text for text in group.iter(f"{SVG}text")]
            drawn[group.get("class")].append((group.find(f"{SVG}title").text, texts))
    expect_equal(f"nodes drawn by {engine}", Counter(node["slug"] for node in network["nodes"]),
                 Counter(slug for slug, _ in drawn["node"]))
    labels = {data["slug"]: data["label"] for _, data in graph.nodes(data=True)}
    for slug, texts in drawn["node"]:
        expect_equal(f"label of {slug} drawn by {engine}", labels[slug], texts[0])
    slugs = {node["id"]: node["slug"] for node in network["nodes"]}
    ours = Counter(f"{slugs[tie['source']]}--{slugs[tie['target']]}" for tie in network["edges"] + network["relations"])
    expect_equal(f"edges drawn by {engine}", ours, Counter(title for title, _ in drawn["edge"]))


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: check_network.py NETWORK.json NETWORK.graphml NETWORK.dot")
    network = check_json(sys.argv[1])
    graph = check_graphml(sys.argv[2], network)
    for engine in ("dot", "neato"):
        check_drawing(engine, sys.argv[3], network, graph)
    print(f"checked {len(network['nodes'])} nodes and {len(network['edges'])} edges")


if __name__ == "__main__":
    main()
