"""The causal graph: every coupling is an arrow, signs are the theory's, loops are closed and told once."""

import json

import numpy as np
from simulate.runs import held, middle, start

from zhiyu.simulate import model, satellite
from zhiyu.simulate.graph import causal
from zhiyu.simulate.observe import COUPLINGS, STATES


def arrows(**wanted):
    """(source, target) -> sign of the arrows with these properties."""
    edges = [edge for edge in causal().edges if all(getattr(edge, key) == value for key, value in wanted.items())]
    return {(edge.source, edge.target): edge.sign for edge in edges}


def test_every_coupling_that_can_be_switched_off_is_an_arrow():
    acting = {edge.coupling for edge in causal().edges} - {""}
    inside = {edge.source for edge in causal().edges if edge.layer == "lever"}
    assert {name.split(".")[0] for name in acting} | {name.removeprefix("measures.") for name in inside} == set(
        model.NAMES
    )


def test_arrows_join_nodes_and_bear_the_grade_of_what_carries_them():
    graph_ = causal()
    ids = [node.id for node in graph_.nodes]
    assert len(set(ids)) == len(ids) == len(STATES) + len(satellite.STATES) + len(model.LEVERS)
    assert all(edge.source in ids and edge.target in ids for edge in graph_.edges)
    assert all(node.label.zh and node.label.en for node in graph_.nodes)
    grades = {edge.coupling: edge.grade for edge in graph_.edges}
    assert (grades["patent_spill"], grades["warm_data"], grades["compute_to_patents"]) == ("A", "D", "C")


def test_signs_are_those_of_the_theory():
    assert arrows(logic="dual_wheel") == {
        ("adoption", "patents"): 1,
        ("patents", "adoption"): 1,
        ("papers", "adoption"): 1,
    }
    assert arrows(logic="coevolution") == {("data", "institutions"): 1, ("institutions", "data"): 1}
    assert arrows(neighbours=True) == {("patents", "patents"): 1, ("adoption", "adoption"): 1}
    assert arrows(logic="embedding") == {("data", "output"): 1, ("adoption", "output"): 1}
    assert arrows(coupling="warm_data") == {(source, "data"): 0 for source in ("patents", "papers", "institutions")}
    assert arrows(coupling="trust_to_data") == {("incidents", "data"): -1}
    assert arrows(source="governance", target="risk") == {("governance", "risk"): -1}
    assert arrows(coupling="ai_saving_to_carbon") == {("use", "carbon"): -1}


def test_signs_of_measures_are_those_of_a_run():
    """A channel pushed alone moves its state in a run as its arrow says."""
    for channel, measure, state in (
        ("RD", "1.3.1", "patents"),
        ("pull", "3.1.1", "adoption"),
        ("inst", "2.1.1", "institutions"),
    ):
        prepared = model.prepare(start(), middle(), held({measure: 1.0}), 3, shocks=False)
        *_, last = model.run(prepared, 3)
        moved = last.levels[state][0, 1] - last.levels[state][0, 0]
        assert {np.sign(x) for x in moved} == {arrows(layer="lever")[(f"measures.{channel}", state)]}


def test_loops_are_closed_and_told_once():
    loops = causal().loops(5)
    pairs = {(edge.source, edge.target) for edge in causal().edges}
    for loop in loops:
        assert len(set(loop.nodes)) == len(loop.nodes) <= 5
        assert set(zip(loop.nodes, (*loop.nodes[1:], loop.nodes[0]), strict=True)) <= pairs
    turned = {loop.nodes[k:] + loop.nodes[:k] for loop in loops for k in range(len(loop.nodes))}
    assert len(turned) == sum(len(loop.nodes) for loop in loops)


def test_known_loops_have_their_polarity():
    signs = {loop.nodes: loop.sign for loop in causal().loops()}
    assert signs[("patents", "adoption")] == 1  # the dual wheel
    assert signs[("institutions", "data")] == 1  # co-evolution
    assert signs[("patents", "compute")] == 1
    assert signs[("risk", "incidents", "governance")] == -1
    assert signs[("researchers", "mismatch")] == -1
    assert signs[("data", "patents")] == 0  # warm data multiply a coefficient


def test_the_graph_is_plain_data_with_places():
    told = json.loads(json.dumps(causal().plain()))
    assert set(told) == {"nodes", "edges", "loops"}
    places = causal().layout()
    alone = {"telecom", "mobile", "broadband"}  # second rows: nothing else moves them
    assert set(places) == {node.id for node in causal().nodes if node.layer != "lever"} - alone
    assert len(set(places.values())) == len(places)
    assert max(np.hypot(*place) for place in places.values()) <= 1 + 1e-12
    assert set(COUPLINGS) == {edge.logic for edge in causal().edges} - {""}
