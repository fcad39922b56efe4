"""The indicator tree: any depth, one root, and each way of getting it wrong refused with its row."""

from pathlib import Path

import numpy as np
import pytest
from support import refused, small_panel, tree

from zhiyu.framework import Framework, load, of_rows
from zhiyu.framework.tree import Tree, read_nodes

HEADER = "id,parent,zh,en,formula,unit,direction,weight,low,high\n"
DEEP = tree("r - -", "A r -", "B r -", "a1 A x", "A2 A -", "a2 A2 y", "a3 A2 z", "b B x/y")


def ids(nodes: tuple[object, ...]) -> list[str]:
    return [node.id for node in nodes]  # type: ignore[attr-defined]


def file(folder: Path, rows: str, header: str = HEADER) -> Path:
    path = folder / "tree.csv"
    path.write_text(header + rows, encoding="utf-8")
    return path


def test_looking_around() -> None:
    grown = DEEP.tree
    assert grown.root.id == "r"
    assert ids(grown.top) == ["A", "B"]
    assert ids(grown.leaves) == ["a1", "a2", "a3", "b"]
    assert ids(grown.children["A2"]) == ["a2", "a3"]
    assert ids(grown.below("A")) == ["A", "a1", "A2", "a2", "a3"]
    assert ids(grown.leaves_below("A")) == ["a1", "a2", "a3"]
    assert ids(grown.above("a3")) == ["A2", "A", "r"]
    assert grown.attribute("a3").id == grown.attribute("A").id == "A"
    assert grown.attribute("r").id == "r"
    assert grown["b"].formula == "x/y"
    assert ids(DEEP.indicators) == ids(grown.leaves)


def test_without_leaves_empty_branches_go_too() -> None:
    cut = DEEP.tree.without({"a2", "a3"})
    assert ids(cut.nodes) == ["r", "A", "B", "a1", "b"]
    assert ids(DEEP.tree.without({"b"}).top) == ["A"]
    assert DEEP.tree.without(set()).nodes == DEEP.tree.nodes


def test_what_the_data_lack() -> None:
    panel = small_panel({"x": np.ones((2, 2)), "y": np.ones((2, 2))})
    assert dict(DEEP.tree.missing(panel)) == {"a3": ("z",)}


def test_a_file(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        'r,,"指数，总",Index,,,,,,\n\na,r,甲,"A, with comma",x / y,%,-1,0.4,0,100\nb,r,乙,B,z,,,0.6,,\n',
    )
    framework = load("none", tree=path)
    a, b = framework.indicators
    assert (a.direction, a.weight, a.low, a.high, a.unit, a.formula) == (-1, 0.4, 0.0, 100.0, "%", "x / y")
    assert (b.direction, b.weight, b.low, b.high) == (1, 0.6, None, None)
    assert (a.label.en, framework.tree.root.label.zh) == ("A, with comma", "指数，总")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_file_as_spreadsheets_save_it(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "tree.csv"
    path.write_bytes((HEADER + "r,,根,Root,,,,,,\na,r,叶,Leaf,x,,,,,\n").replace("\n", "\r\n").encode(encoding))
    assert [node.label.zh for node in read_nodes(path)] == ["根", "叶"]


def test_short_rows_and_missing_columns_are_empty(tmp_path: Path) -> None:
    framework = load("none", tree=file(tmp_path, "r,,,\na,r,,,x\n", "id,parent,zh,en,formula\n"))
    assert framework.indicators[0].label.zh == "a"
    assert load("none", tree=file(tmp_path, "r,\na,r,甲,A,x\n")).tree.root.id == "r"


def test_the_same_rows_from_memory(tmp_path: Path) -> None:
    rows = [{"id": "r", "parent": "", "zh": "根", "en": "root"}]
    rows += [{"id": "a", "parent": "r", "zh": "叶", "en": "leaf", "formula": "x", "direction": "-1"}]
    path = file(tmp_path, "r,,根,root,,\na,r,叶,leaf,x,-1\n", "id,parent,zh,en,formula,direction\n")
    held, read = of_rows(rows).tree, load("none", tree=path).tree
    for one, other in zip(held.nodes, read.nodes, strict=True):
        assert (one.id, one.parent, one.label, one.formula, one.direction) == (
            other.id,
            other.parent,
            other.label,
            other.formula,
            other.direction,
        )


BROKEN = [
    ("not_one_root", "a,x,甲,A,x\n".replace("a,x", "a,"), "b,,乙,B,y\n", ("a, b",)),
    ("unknown_parent", "r,,根,Root,\n", "a,rr,甲,A,x\n", ("rr",)),
    ("node_twice", "r,,根,Root,\n", "a,r,甲,A,x\na,r,乙,B,y\n", ('"a"',)),
    ("node_unreachable", "r,,根,Root,\na,r,甲,A,x\n", "p,q,丙,P,\nq,p,丁,Q,\n", ('"p"',)),
    ("node_unreachable", "r,,根,Root,\na,r,甲,A,x\n", "p,p,丙,P,x\n", ('"p"',)),
    ("node_without_formula", "r,,根,Root,\n", "a,r,甲,A,\n", ('"a"',)),
    ("leaf_with_children", "r,,根,Root,\n", "a,r,甲,A,x\nb,a,乙,B,y\n", ('"a"',)),
    ("leaf_with_children", "r,,根,Root,x\n", "a,r,甲,A,x\n", ('"r"',)),
    ("root_is_leaf", "r,,根,Root,x\n", "", ('"r"',)),
    ("node_without_formula", "r,,根,Root,\n", "", ('"r"',)),
    ("not_one_root", "", "", ()),
    ("node_without_id", "r,,根,Root,\n", ",r,甲,A,x\n", ("row 3",)),
    ("formula_syntax", "r,,根,Root,\n", "a,r,甲,A,x ** 2\n", ("row 3",)),
    ("unknown_unit", "r,,根,Root,\n", "a,r,甲,A,x,furlong\n", ("row 3", "furlong")),
    ("bad_direction", "r,,根,Root,\n", "a,r,甲,A,x,,0\n", ("row 3", "direction")),
    ("bad_direction", "r,,根,Root,\n", "a,r,甲,A,x,,up\n", ("row 3",)),
    ("number_expected", "r,,根,Root,\n", "a,r,甲,A,x,,1,half\n", ("row 3", "weight", "half")),
    ("number_expected", "r,,根,Root,\n", "a,r,甲,A,x,,1,nan\n", ("row 3", "nan")),
    ("number_expected", "r,,根,Root,\n", "a,r,甲,A,x,,1,,,inf\n", ("row 3", "high")),
    ("negative_weight", "r,,根,Root,\n", "a,r,甲,A,x,,1,-1\n", ("row 3",)),
    ("goalposts_reversed", "r,,根,Root,\n", "a,r,甲,A,x,,1,,5,5\n", ("row 3",)),
    ("goalposts_reversed", "r,,根,Root,\n", "a,r,甲,A,x,,1,,6,5\n", ("row 3",)),
]


@pytest.mark.parametrize(("key", "first", "rest", "words"), BROKEN)
def test_broken_trees(key: str, first: str, rest: str, words: tuple[str, ...], tmp_path: Path) -> None:
    with refused(key) as caught:
        load("none", tree=file(tmp_path, first + rest))
    assert caught.says("tree.csv", *words)


@pytest.mark.parametrize(("header", "lacking"), [("id,zh,en\n", "parent"), ("a,b\n", "en, id, parent, zh"), ("", "id")])
def test_missing_columns(header: str, lacking: str, tmp_path: Path) -> None:
    with refused("missing_columns") as caught:
        read_nodes(file(tmp_path, "", header))
    assert caught.says(lacking)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with refused("file_not_found"):
        read_nodes(tmp_path / "no.csv")


def test_depth_does_not_matter() -> None:
    chain = [f"n{depth} {f'n{depth - 1}' if depth else '-'} -" for depth in range(40)]
    deep = tree(*chain, "leaf n39 x").tree
    assert len(deep.above("leaf")) == 40
    assert deep.attribute("leaf").id == "n1"


def test_order_of_rows_does_not_matter() -> None:
    backwards = Tree.checked(DEEP.tree.nodes[::-1], "tree.csv")
    assert {node.id for node in backwards.below("A")} == {node.id for node in DEEP.tree.below("A")}
    assert backwards.root.id == "r"


def paper() -> Framework:
    return load("paper")


def override(folder: Path, rows: str) -> Path:
    return file(folder, rows)


def test_an_override_replaces_and_adds(tmp_path: Path) -> None:
    parent = paper().indicators[0].parent
    changed = paper().indicators[0].id
    path = override(
        tmp_path, f"{changed},{parent},改,changed,robots,count,,,,\nmine,{parent},新,new,patents,count,-1,,,\n"
    )
    mine = load("paper", override=path)
    assert mine.tree[changed].formula == "robots"
    assert mine.tree["mine"].direction == -1
    assert len(mine.indicators) == len(paper().indicators) + 1
    assert mine.indicators.ids[: len(paper().indicators)] == paper().indicators.ids


def test_an_override_under_an_unknown_parent_is_refused(tmp_path: Path) -> None:
    with refused("unknown_parent") as caught:
        load("paper", override=override(tmp_path, "mine,reserch_effort,新,new,x,,,,,\n"))
    assert caught.says("tree.csv", "research_effort")


def test_frameworks_by_name() -> None:
    with refused("unknown_framework"):
        load("papers")
    with refused("framework_without_tree"):
        load("none")


def test_rows_by_id_and_position() -> None:
    measures = paper().measures
    assert measures["2.3.1"].id == "2.3.1"
    assert measures[0].id == "1.1.1"
    assert len(measures[:3]) == 3
    with refused("unknown_id"):
        measures["9.9.9"]
