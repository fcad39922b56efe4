"""Panels in which one claim of the ledger is planted, or none is: what the verdicts should say is known.

`python -m benchmarks.planted_claims [REPLICATIONS]` prints, claim by claim, how often a planted effect is supported and
how often a panel without one is.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from zhiyu import framework as frameworks
from zhiyu.data import panel as panels
from zhiyu.data import neighbours
from zhiyu.data import regions as region_sets
from zhiyu.data.events import Event, Events, Policy
from zhiyu.data.panel import Panel
from zhiyu.explain.claims import answers, asking, rules
from zhiyu.explain.claims.inputs import Inputs
from zhiyu.explain.claims.readings import AI_ZONES, BIG_DATA
from zhiyu.measure import Recipe, measure
from zhiyu.terms import Label

N, T, FIRST = 31, 10, 2013
CN = region_sets.load("cn-provinces")
MAINLAND = CN.select([code for code in CN.codes if code < "70"])
FRAMEWORK = frameworks.load()
ASKED = {one.id: one for one in asking.paper()}
# leaf -> the level it shows, the numerator that carries it, and what that is divided by
LEAVES = {
    "rd_intensity": ("effort", "rd_expenditure_100m", "gdp_100m"),
    "researcher_density": ("effort", "rd_researchers_fte", "population_10k"),
    "invention_grant_density": ("knowledge", "invention_patents_granted", "population_10k"),
    "invention_stock_density": ("knowledge", "invention_patents_in_force", "population_10k"),
    "ei_paper_density": ("knowledge", "ei_papers", "population_10k"),
    "college_student_density": ("effort", "college_students", "population_10k"),
    "technology_sales_ratio": ("data", "tech_market_output_10k", "gdp_100m"),
    "technology_purchase_ratio": ("purchase", "tech_market_absorb_10k", "gdp_100m"),
    "software_product_ratio": ("software", "software_product_revenue_100m", "gdp_100m"),
    "ecommerce_ratio": ("commerce", "ecommerce_sales_100m", "gdp_100m"),
    "digital_finance_index": ("finance", "pku_dfi_total", ""),
    "tertiary_share": ("structure", "tertiary_share_pct", ""),
    "hightech_revenue_ratio": ("hightech", "hightech_mfg_revenue_100m", "gdp_100m"),
    "hightech_firm_density": ("hightech", "hightech_mfg_firms", "population_10k"),
    "scitech_spending_share": ("budget", "fiscal_scitech_100m", "fiscal_expenditure_100m"),
    "education_spending_share": ("budget", "fiscal_education_100m", "fiscal_expenditure_100m"),
    "government_rd_effort": ("public", "rd_gov_funds_10k", "fiscal_expenditure_100m"),
    "basic_research_intensity": ("public", "rd_basic_10k", "gdp_100m"),
}
NEAR = {name: neighbours.from_coordinates(MAINLAND, k=k) for name, k in (("four", 4), ("five", 5), ("six", 6))}
LEVELS = tuple(dict.fromkeys(level for level, _, _ in LEAVES.values()))
GROUPS = {  # what a claim's driver or outcome is made of
    "technology": ("effort", "knowledge"),
    "industry": ("commerce", "hightech", "software"),
    "ai": ("effort", "knowledge"),
    "factor": ("data", "purchase", "software"),
    "convergence": ("structure", "hightech"),
    "governance": ("budget", "public"),
}


def walk(rng: np.random.Generator, memory: float = 0.6) -> np.ndarray:
    """(N, T) a level: a region's own place, and movements that it remembers, all of variance about one."""
    x = np.zeros((N, T + 20))
    for t in range(1, T + 20):
        x[:, t] = memory * x[:, t - 1] + rng.normal(size=N) * np.sqrt(1 - memory**2)
    return x[:, -T:] + rng.normal(size=(N, 1)) + 0.3 * rng.normal(size=T)


def back(x: np.ndarray) -> np.ndarray:
    """(N, T) of the year before; the first year's own where there is none."""
    return np.concatenate([x[:, :1], x[:, :-1]], axis=1)


def within(x: np.ndarray) -> np.ndarray:
    """(N, T) less region and year means, of standard deviation one."""
    x = x - x.mean(axis=1, keepdims=True) - x.mean(axis=0) + x.mean()
    return x / x.std()


def mean(levels: dict[str, np.ndarray], name: str) -> np.ndarray:
    """(N, T) mean of the levels behind a driver."""
    return np.mean([levels[level] for level in GROUPS[name]], axis=0)


def panel(claim: str, effect: float, seed: int) -> Inputs:
    """A study's data with `claim` planted at `effect` standard deviations, everything else being unrelated."""
    rng = np.random.default_rng(seed)
    levels = {name: walk(rng) for name in LEVELS}
    output, income, energy, carbon = (0.1 * walk(rng) for _ in range(4))
    capital, trade = 0.2 * walk(rng), 0.3 * walk(rng)
    starts = {BIG_DATA: 2016, AI_ZONES: 2019}
    treated = rng.permutation(N)[: N // 3]
    years = np.arange(FIRST, FIRST + T)
    noise = 0.1

    def lift(name: str, by: np.ndarray) -> None:
        for level in GROUPS[name]:
            levels[level] = levels[level] + effect * by

    if claim == "C01":
        lift("industry", within(back(mean(levels, "technology"))))
    elif claim == "C02":
        lift("technology", within(back(mean(levels, "industry"))))
    elif claim == "C03":
        wheels = np.mean([mean(levels, "technology"), mean(levels, "industry")], axis=0)
        output = np.cumsum(0.02 * rng.normal(size=(N, T)) + 0.02 * effect * within(back(wheels)), axis=1)
        lift("technology", 0.3 * np.arange(T))
        lift("industry", 0.3 * np.arange(T))
    elif claim == "C05":
        rules_there = back(mean(levels, "governance"))
        stronger = rules_there > np.median(rules_there)
        output = output + 0.1 * effect * 2.0 * stronger * within(back(mean(levels, "factor")))
    elif claim == "C06":
        later = np.maximum(np.arange(T) - T // 2, 0.0)
        levels["data"] = levels["data"] + 0.3 * effect * later
        output = 0.02 * rng.normal(size=(N, T)) + 0.03 * np.arange(T) + 0.05 * mean(levels, "factor")
    elif claim == "C08":
        near = NEAR["five"].matrix / NEAR["five"].matrix.sum(axis=1, keepdims=True)
        spread = np.linalg.inv(np.eye(N) - 0.7 * effect * near)
        levels = {name: spread @ x for name, x in levels.items()}
        output = output + 0.1 * effect * near @ within(back(np.mean(list(levels.values()), axis=0)))
    elif claim == "C09":
        trade = 0.3 * walk(rng, 0.9)
        for name in levels:
            levels[name] = levels[name] + effect * within(back(trade))
        output = output + 0.5 * effect * np.minimum(trade, np.median(trade)) + 0.1 * effect * trade
    elif claim == "C23":
        east = np.array([region.group("region4") == "East" for region in MAINLAND.rows])[:N, None]
        lift("ai", 2.0 * east)
        output = 0.05 * output + (1.0 - effect) * 0.6 * east
    elif claim == "C04":
        output = output + 0.1 * effect * within(back(mean(levels, "factor")))
    elif claim == "C11":
        names = (("software", "hightech"), ("commerce",), ("budget", "public"), ("data", "purchase"))
        dims = [np.mean([levels[x] for x in part], axis=0) for part in names]
        product = np.prod([x - x.mean(axis=0) for x in dims], axis=0)
        output = output + 0.1 * effect * within(back(product))
    elif claim == "C12":
        levels = {name: x + 0.25 * effect * np.arange(T) for name, x in levels.items()}
    elif claim == "C13":
        levels["knowledge"] = levels["knowledge"] + effect * within(back(levels["effort"]))
    elif claim in ("C14", "C15"):
        outcome, policy = ("factor", BIG_DATA) if claim == "C14" else ("convergence", AI_ZONES)
        lift(outcome, within(back(mean(levels, "ai"))))
        lift(outcome, 1.5 * np.isin(np.arange(N), treated)[:, None] * (years >= starts[policy]))
    elif claim == "C16":
        lift("governance", within(back(levels["knowledge"])))
    elif claim == "C17":
        levels["purchase"] = levels["purchase"] + effect * within(back(mean(levels, "ai")))
    elif claim == "C18":
        ai = within(back(mean(levels, "ai")))
        income = income + 0.1 * effect * ai
        output = 0.1 * rng.normal(size=(N, 1)) + 0.02 * rng.normal(size=(N, T)) + 0.1 * effect * np.cumsum(ai, axis=1)
    elif claim == "C19":
        narrower = 1.0 - 0.06 * effect * np.arange(T)
        output = (0.4 * rng.normal(size=(N, 1)) + 0.02 * rng.normal(size=(N, T))) * narrower
        income = (0.4 * rng.normal(size=(N, 1)) + 0.02 * rng.normal(size=(N, T))) * narrower
    elif claim == "C21":
        ai = within(back(mean(levels, "ai")))
        energy, carbon = energy + 0.1 * effect * ai, carbon + 0.1 * effect * ai
    values = _published(levels, output, income, energy, carbon, capital, trade, noise, rng)
    if claim == "C10" and effect:
        rank = np.argsort(np.argsort(-values["rd_researchers_fte"][:, 0]))[:, None]
        tilt = np.exp(0.12 * effect * np.arange(T) * (rank < N // 4))
        values["gdp_real2011_100m"] *= np.exp(1.0 * (rank < N // 2))
        for name in ("rd_researchers_fte", "tech_market_output_10k"):
            order = np.sort(values[name], axis=0)[::-1]
            values[name] = order[rank[:, 0]] * tilt
    made = panels.build(values, MAINLAND.codes[:N], years, MAINLAND)
    events = _events(starts, [MAINLAND.codes[i] for i in treated])
    index = measure(made, FRAMEWORK, Recipe())
    others = {name: w for name, w in NEAR.items() if name != "five"}
    return Inputs(index, made, FRAMEWORK, NEAR["five"], others, "region4", events, seed)


def _published(
    levels: dict[str, np.ndarray],
    output: np.ndarray,
    income: np.ndarray,
    energy: np.ndarray,
    carbon: np.ndarray,
    capital: np.ndarray,
    trade: np.ndarray,
    noise: float,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Levels as a yearbook prints them: totals in their units."""
    people = np.exp(8.0 + 0.3 * rng.normal(size=(N, 1)) + 0.05 * walk(rng))
    gdp = np.exp(output + 1.0) * people
    values = {
        "population_10k": people,
        "gdp_real2011_100m": gdp,
        "gdp_100m": gdp,
        "fiscal_expenditure_100m": np.full((N, T), 500.0),
        "capital_stock_real2011_100m": people * np.exp(capital),
        "disposable_income_pc_yuan": np.exp(10.0 + income),
        "final_energy_10kt_sce": np.exp(5.0 + energy),
        "co2_apparent_mt": np.exp(5.0 + carbon),
        "trade_goods_100m": gdp * np.exp(trade - 1.0),
    }
    for level, name, over in LEAVES.values():
        share = 12.0 + levels[level] + noise * rng.normal(size=(N, T))
        values[name] = np.maximum(share, 0.1) * (values[over] if over else 1.0)
    return values


def _events(starts: dict[str, int], codes: list[str]) -> Events:
    policies = tuple(Policy(name, Label(name, name)) for name in starts)
    return Events(policies, tuple(Event(name, code, year) for name, year in starts.items() for code in codes))


def verdict(claim: str, effect: float, seed: int, draws: int = 399) -> rules.Verdict:
    """The verdict on one claim in one replication."""
    inputs = panel(claim, effect, seed)
    row = FRAMEWORK.claims[claim]
    answered = answers.answer(row, rules.PLANS[claim], ASKED, inputs, draws, index_draws=0)
    return rules.ledger([answered], {})[0]


CLAIMS = tuple(f"C{k:02d}" for k in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 23))


def main(replications: int = 200, chosen: tuple[str, ...] = ()) -> None:
    """Prints the table."""
    print("claim  planted: supported contradicted   none: supported contradicted   seconds")
    for claim in chosen or CLAIMS:
        began, rates = time.perf_counter(), []
        for effect in (1.0, 0.0):
            said = [verdict(claim, effect, 1000 + seed).verdict for seed in range(replications)]
            rates += [said.count(word) / replications for word in ("supported", "contradicted")]
        print(claim, *(f"{rate:10.3f}" for rate in rates), f"{time.perf_counter() - began:8.1f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200, tuple(sys.argv[2:]))
