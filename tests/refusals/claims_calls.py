"""What the ledger and its multiverse refuse: (key, call, words in English, words in Chinese)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from unittest import mock

import numpy as np
from support import recipe, small_panel, tree

from zhiyu import framework, methods, workers
from zhiyu.data.events import Event, Events, Policy
from zhiyu.explain import evidence, multiverse
from zhiyu.explain.choice import ExplainChoice
from zhiyu.explain.claims import asking, gaps, readings
from zhiyu.explain.claims.answers import regression
from zhiyu.explain.claims.inputs import Inputs, Sample
from zhiyu.explain.claims.pretrend import pretrend
from zhiyu.explain.claims.question import Asking, Implied
from zhiyu.explain.claims.resample import resampled
from zhiyu.explain.claims.rules import Answered, ledger
from zhiyu.explain.jackknife import fits
from zhiyu.explain.of.claims import Ledger
from zhiyu.measure import measure
from zhiyu.terms import Label, Place

NAN = float("nan")
NAME = Label("名", "name")
RNG = np.random.default_rng(0)
HEAD = "id,zh,en,outcome,driver,controls,effects,sign"


def inputs(n: int = 9, scope: str = "pooled") -> Inputs:
    values = {"x": RNG.uniform(1, 2, (n, 6)), "y": RNG.uniform(-1, 1, (n, 6))}
    panel, framework = small_panel(values), tree("all - -", "a all x")
    chosen = recipe(normalise={"method": "minmax", "scope": scope}, weight={"method": "equal"})
    return Inputs(measure(panel, framework, chosen), panel, framework)


def asked(outcome: str = "y", driver: str = "x", form: str = "level") -> Asking:
    return Asking("c", "c", NAME, outcome, (form,), driver, (0,), (), ("two-way",), 1)


def ran(question: Asking, **how: object) -> Callable[[Path], object]:
    def run(folder: Path) -> object:
        made = inputs(**how)  # type: ignore[arg-type]
        return regression(question, made.variables(), made, 9)

    return run


def whole(made: Inputs) -> Sample:
    return Sample.whole(made.variables())


def claims_table(*rows: str) -> Callable[[Path], object]:
    def read(folder: Path) -> object:
        (folder / "mine.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        return asking.own(folder / "mine.csv")

    return read


def alternatives(*rows: str) -> Callable[[Path], object]:
    def read(folder: Path) -> object:
        (folder / "table.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        return multiverse.read(folder / "table.csv")

    return read


def filled(_: Path) -> object:
    row = ledger([Answered(framework.load().claims["C01"], None)], {})[0]
    return Ledger((row,), {}).filled({"C01": Implied(0.0, 0.0, 0.0, "mixed", NAME)})


def no_year_before(_: Path) -> object:
    made, codes, y = inputs(), tuple("abcdef"), RNG.normal(size=(6, 5))
    made.events = Events((Policy("Pilot", NAME),), (Event("Pilot", "a", 2014), Event("Pilot", "b", 2014)))
    run = pretrend("Pilot", lambda _: (y, codes, np.arange(2013, 2018)))
    return run("c", NAME, made, whole(made), 9)


def on_cluster(address: str, missing: bool = False) -> Callable[[Path], object]:
    """Runs a task on a cluster that is not there, or without its package."""

    def run(folder: Path) -> object:
        absent = {"distributed": None} if missing else {}
        with mock.patch.dict(sys.modules, absent):  # type: ignore[arg-type]
            return workers.mapped(max, 1, {"a": 2}, cluster=address)

    return run


def otherwise(_: Path) -> object:
    return workers._refuse_other_code({"tcp://w": {**workers.code(), "numpy": "1.0"}}, Place(key="cluster"))


def losing(_: Path) -> object:
    with mock.patch.object(workers.ProcessPoolExecutor, "submit", side_effect=BrokenProcessPool):
        return workers.mapped(max, 1, {"a": 1, "b": 2}, workers=2)


def with_plugin(_: Path) -> object:
    def function() -> None: ...

    function.__module__ = "zhiyu_plugin_0123"
    mine = methods.Method("weighting", "mine", NAME, function)
    with mock.patch.dict(methods.REGISTRY["weighting"], {"mine": mine}):
        return workers.mapped(max, 1, {"a": 1, "b": 2}, workers=2)


def batch(**changed: object) -> Callable[[Path], object]:
    def run(folder: Path) -> object:
        n = changed.get("n", 6)
        y, x = RNG.normal(size=(n, 5, 1)), RNG.normal(size=(n, 5, 1))  # type: ignore[arg-type]
        if changed.get("hole"):
            y[0, 0] = NAN
        return fits(y, x, np.zeros((n, 5, 0)), np.array([[0, 0]]), changed.get("effects", "two-way"))  # type: ignore[arg-type]

    return run


def asked_of_none(_: Path) -> object:
    made = inputs()
    none = evidence.Asked(made.index, made.panel, made.framework, None, None, ExplainChoice(), 0)
    return evidence.QUESTIONS["claims"](none)


def few(_: Path) -> object:
    return resampled("c", NAME, 1, lambda rows: rows.mean(axis=1), tuple("abc"), 9, 0)


CLAIM_CALLS = [
    ("claim_unknown_name", lambda _: inputs().variables().term("x + q"), '"q"|name of a variable', "“q”|变量名"),
    ("claim_log", ran(asked(form="log")), "at or below zero|form = level", "零或负值|form = level"),
    ("claim_few_regions", few, "3 regions|at least 8", "3个地区|8个"),
    (
        "claim_incomplete",
        lambda _: gaps.complete(whole(inputs(5)), "x"),
        "5 regions|at least 8 regions",
        "5个地区|8个地区",
    ),
    (
        "claim_no_groups",
        lambda _: gaps.group_of(inputs(), ("110000",)),
        "groups of regions|[regions]",
        "分组|[regions]",
    ),
    (
        "claim_no_event",
        lambda _: readings._event("Pilot", "x")("c", NAME, inputs(), whole(inputs()), 9),
        '"Pilot"|policy events',
        "“Pilot”|政策事件表",
    ),
    ("claim_lacks", ran(asked(driver="q + r")), "no q, r|name|Add", "没有q, r|加入"),
    ("claim_incomparable", ran(asked(driver="a"), scope="year"), "anew each year|pooled", "逐年|pooled"),
    (
        "claims_columns",
        claims_table("id,zh", "a,b"),
        "mine.csv|outcome, driver|Give all",
        "mine.csv|outcome, driver|写全",
    ),
    ("claims_id", claims_table(HEAD, "a,b,c,y,x,,,+", "a,b,c,y,x,,,+"), 'row 3|"a"|of its own', "第 3 行|“a”|不同的id"),
    (
        "claims_word",
        claims_table(HEAD, "a,b,c,y,x,,two-wy,+"),
        'row 2, column effects|"two-wy"|Did you mean "two-way"|semicolons',
        "第 2 行|“two-wy”|分号",
    ),
    ("claims_empty", claims_table(HEAD, "a,b,c,y,,,,+"), "row 2, column driver|formula", "第 2 行|公式"),
    ("claims_unknown", lambda _: Ledger((), {})["C1"], '"C1"|Known', "“C1”|可选"),
    ("claim_no_before", no_year_before, '"Pilot"|two years|earlier', "“Pilot”|两年|更早"),
    ("claims_observed", filled, '"C01"|observed data|model-implied', "“C01”|观察数据|模型推论"),
    ("jackknife_cells", batch(hole=True), "different cells|Restrict", "不一致|共同"),
    ("jackknife_few", batch(n=4), "4 regions|more regions", "4个地区|更多地区"),
    ("jackknife_effects", batch(effects="month"), '"month"|two-way', "“month”|two-way"),
    ("multiverse_columns", alternatives("choice,value", "lag,1"), "detail, zh, en|Give all", "detail, zh, en|写全"),
    (
        "multiverse_choice",
        alternatives("choice,value,detail,zh,en", "lags,1,,,"),
        'row 2|"lags"|Did you mean "lag"',
        "第 2 行|“lags”",
    ),
    (
        "multiverse_value",
        alternatives("choice,value,detail,zh,en", "lag,1,,,", "lag,1,,,"),
        'row 3|"1" of the choice "lag"|once',
        "第 3 行|“lag”|一次",
    ),
    (
        "multiverse_word",
        alternatives("choice,value,detail,zh,en", "form,logs,,,"),
        'row 2|form|"logs"|Did you mean "log"',
        "第 2 行|form|“logs”",
    ),
    (
        "multiverse_detail",
        alternatives("choice,value,detail,zh,en", "lag,1,,,", "winsorise,a lot,much,,"),
        'row 3|winsorise|"much"|below 0.5',
        "第 3 行|winsorise|“much”",
    ),
    (
        "cluster_package",
        on_cluster("tcp://127.0.0.1:1", missing=True),
        "distributed|zhiyu[cluster]",
        "distributed|zhiyu[cluster]",
    ),
    ("cluster_silent", on_cluster("tcp://127.0.0.1:1"), "refused|scheduler", "refused|调度器"),
    (
        "cluster_address",
        on_cluster("127.0.0.1"),
        'cluster = "127.0.0.1"|tcp://host:port',
        'cluster = "127.0.0.1"|tcp://',
    ),
    ("cluster_other_code", otherwise, "tcp://w|numpy 1.0|same", "tcp://w|numpy 1.0|版本"),
    (
        "workers_lost",
        losing,
        "workers = 2|fewer workers",
        "workers = 2|减少进程数",
    ),
    ("workers_plugins", with_plugin, "weighting.mine|workers = 1", "weighting.mine|workers = 1"),
    ("no_claims", asked_of_none, "no claims|[explain]", "没有提出主张|[explain]"),
]
