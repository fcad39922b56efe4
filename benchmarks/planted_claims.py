"""Panels in which one claim of the ledger is planted, or none is: what the verdicts should say is known.

`python -m benchmarks.planted_claims [REPLICATIONS] [CLAIM ...]` prints, claim by claim, how often a planted effect is
supported and how often a panel without one is.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from zhiyu import framework as frameworks
from zhiyu.data import neighbours
from zhiyu.data import panel as panels
from zhiyu.data import regions as region_sets
from zhiyu.data.events import Event, Events, Policy
from zhiyu.explain import multiverse
from zhiyu.explain.claims import answers, asking, rules, specifications
from zhiyu.explain.claims.inputs import Inputs
from zhiyu.explain.claims.plans import PLANS
from zhiyu.explain.claims.question import Agreement, Verdict
from zhiyu.explain.claims.readings import AI_ZONES, BIG_DATA
from zhiyu.measure import Recipe, measure
from zhiyu.terms import Label

N, T, FIRST = 31, 10, 2013
CN = region_sets.load("cn-provinces")
MAINLAND = CN.select([code for code in CN.codes if code < "70"])
FRAMEWORK = frameworks.load()
ASKED = {one.id: one for one in asking.paper()}
ALTERNATIVES = multiverse.read()
MOST = 100  # specifications behind a verdict that decides
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
NEAREST = {"four": 4, "five": 5, "six": 6}
NEAR = {name: neighbours.row_standardise(neighbours.from_coordinates(MAINLAND, k=k)) for name, k in NEAREST.items()}
ABROAD = ("internet", "government", "exports", "frontier")
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


@dataclass
class World:
    """What is drawn before a claim is planted: levels by name, and logarithms of outcomes, all (N, T)."""

    rng: np.random.Generator
    effect: float
    levels: dict[str, np.ndarray]
    output: np.ndarray
    income: np.ndarray
    energy: np.ndarray
    carbon: np.ndarray
    trade: np.ndarray
    abroad: dict[str, np.ndarray]  # of countries, for which these regions stand in
    treated: np.ndarray  # positions of the regions in which the events begin

    def mean(self, name: str) -> np.ndarray:
        """(N, T) mean of the levels behind a driver."""
        return np.mean([self.levels[level] for level in GROUPS[name]], axis=0)

    def before(self, name: str) -> np.ndarray:
        """The same of the year before, within region and year."""
        return within(back(self.mean(name)))

    def lift(self, name: str, by: np.ndarray) -> None:
        """Adds `effect` times `by` to every level behind a name."""
        for level in GROUPS[name]:
            self.levels[level] = self.levels[level] + self.effect * by


def _wheels_grow(w: World) -> None:
    wheels = np.mean([w.mean("technology"), w.mean("industry")], axis=0)
    w.output = np.cumsum(0.02 * w.rng.normal(size=(N, T)) + 0.02 * w.effect * within(back(wheels)), axis=1)
    w.lift("technology", 0.3 * np.arange(T))
    w.lift("industry", 0.3 * np.arange(T))


def _data_yield(w: World) -> None:
    w.output = w.output + 0.1 * w.effect * w.before("factor")


def _institutions(w: World) -> None:
    there = back(w.mean("governance"))
    w.output = w.output + 0.4 * w.effect * (there > np.median(there)) * back(w.mean("factor"))


def _mix(w: World) -> None:
    w.lift("factor", 0.15 * np.arange(T) ** 2)
    w.output = 0.02 * w.rng.normal(size=(N, T)) + 0.03 * np.arange(T) + 0.05 * w.mean("factor")


def _spill(w: World) -> None:
    near = NEAR["five"].matrix
    spread = np.linalg.inv(np.eye(N) - 0.9 * w.effect * near)
    w.levels = {name: spread @ x for name, x in w.levels.items()}
    w.output = w.output + 0.1 * w.effect * near @ within(back(np.mean(list(w.levels.values()), axis=0)))


def _openness(w: World) -> None:
    w.trade = 0.3 * walk(w.rng, 0.9)
    for name in w.levels:
        w.levels[name] = w.levels[name] + w.effect * within(back(w.trade))
    w.output = w.output + w.effect * (0.8 * np.minimum(w.trade, np.median(w.trade)) + 0.15 * w.trade)


def _embedding(w: World) -> None:
    names = (("software", "hightech"), ("commerce",), ("budget", "public"), ("data", "purchase"))
    fields = [np.mean([w.levels[x] for x in part], axis=0) for part in names]
    product = np.prod([x - x.mean(axis=0) for x in fields], axis=0)
    w.output = w.output + 0.1 * w.effect * within(back(product))


def _climb(w: World) -> None:
    w.levels = {name: x + 0.25 * w.effect * np.arange(T) for name, x in w.levels.items()}


def _knowledge(w: World) -> None:
    w.levels["knowledge"] = w.levels["knowledge"] + w.effect * within(back(w.levels["effort"]))


def _event(outcome: str, year: int, size: float) -> Callable[[World], None]:
    def plant(w: World) -> None:
        w.lift(outcome, w.before("ai"))
        # 1.8 standard deviations within regions: the base is one year, with a year's own noise
        begun = np.isin(np.arange(N), w.treated)[:, None] * (np.arange(FIRST, FIRST + T) >= year)
        w.lift(outcome, size * begun)

    return plant


def _purchases(w: World) -> None:
    w.levels["purchase"] = w.levels["purchase"] + w.effect * w.before("ai")


def _quality(w: World) -> None:
    ai = w.before("ai")
    w.income = w.income + 0.1 * w.effect * ai
    own = 0.1 * w.rng.normal(size=(N, 1)) + 0.02 * w.rng.normal(size=(N, T))
    w.output = own + 0.1 * w.effect * np.cumsum(ai, axis=1)


def _narrowing(w: World) -> None:
    narrower = 1.0 - 0.06 * w.effect * np.arange(T)
    apart = [0.4 * w.rng.normal(size=(N, 1)) + 0.02 * w.rng.normal(size=(N, T)) for _ in range(2)]
    w.output, w.income = (x * narrower for x in apart)


def _advantage(w: World) -> None:
    for outcome, driver in (("exports", "internet"), ("frontier", "government")):
        w.abroad[outcome] = w.abroad[outcome] + w.effect * within(back(w.abroad[driver]))


def _carbon(w: World) -> None:
    ai = 0.1 * w.effect * w.before("ai")
    w.energy, w.carbon = w.energy + ai, w.carbon + ai


def _divide(w: World) -> None:
    """Without the effect the gap is the other way round: equal gaps cannot be planted on two scales."""
    east = np.array([region.group("region4") == "East" for region in MAINLAND.rows])[:N, None]
    w.lift("ai", 2.0 * east)
    w.output = 0.05 * w.output + (1.0 - w.effect) * 0.6 * east


STARTS = {BIG_DATA: 2016, AI_ZONES: 2019}
PLANTED: dict[str, Callable[[World], None]] = {
    "C01": lambda w: w.lift("industry", w.before("technology")),
    "C02": lambda w: w.lift("technology", w.before("industry")),
    "C03": _wheels_grow,
    "C04": _data_yield,
    "C05": _institutions,
    "C06": _mix,
    "C08": _spill,
    "C09": _openness,
    "C10": lambda w: None,  # in what is published: see `_gathered`
    "C11": _embedding,
    "C12": _climb,
    "C13": _knowledge,
    "C14": _event("factor", STARTS[BIG_DATA], 2.0),
    "C15": _event("convergence", STARTS[AI_ZONES], 2.4),
    "C16": lambda w: w.lift("governance", within(back(w.levels["knowledge"]))),
    "C17": _purchases,
    "C18": _quality,
    "C19": _narrowing,
    "C20": _advantage,
    "C21": _carbon,
    "C23": _divide,
}


def panel(claim: str, effect: float, seed: int) -> Inputs:
    """A study's data with `claim` planted at `effect` (1 or, for none, 0), everything else being unrelated."""
    rng = np.random.default_rng(seed)
    levels = {name: walk(rng) for name in LEVELS}
    outcomes = [0.1 * walk(rng) for _ in range(4)]
    treated, trade = rng.permutation(N)[: N // 3], 0.3 * walk(rng)
    abroad = {name: walk(rng) for name in ABROAD}
    world = World(rng, effect, levels, *outcomes, trade=trade, abroad=abroad, treated=treated)
    PLANTED[claim](world)
    values = published(world)
    if claim == "C10" and effect:
        _gathered(values)
    made = panels.build(values, MAINLAND.codes[:N], np.arange(FIRST, FIRST + T), MAINLAND)
    others = {name: w for name, w in NEAR.items() if name != "five"}
    events = _events([MAINLAND.codes[i] for i in world.treated])
    index = measure(made, FRAMEWORK, Recipe())
    return Inputs(index, made, FRAMEWORK, NEAR["five"], others, "region4", events, seed)


def _gathered(values: dict[str, np.ndarray]) -> None:
    """Researchers and contracts of the largest quarter grow faster, and the larger half is the richer."""
    rank = np.argsort(np.argsort(-values["rd_researchers_fte"][:, 0]))[:, None]
    tilt = np.exp(0.12 * np.arange(T) * (rank < N // 4))
    values["gdp_real2011_100m"] *= np.exp(1.0 * (rank < N // 2))
    for name in ("rd_researchers_fte", "tech_market_output_10k"):
        values[name] = np.sort(values[name], axis=0)[::-1][rank[:, 0]] * tilt


def published(w: World) -> dict[str, np.ndarray]:
    """Levels as a yearbook prints them: totals in their units."""
    people = np.exp(8.0 + 0.3 * w.rng.normal(size=(N, 1)) + 0.05 * walk(w.rng))
    gdp = np.exp(w.output + 1.0) * people
    values = {
        "population_10k": people,
        "gdp_real2011_100m": gdp,
        "gdp_100m": gdp.copy(),
        "fiscal_expenditure_100m": np.full((N, T), 500.0),
        "capital_stock_real2011_100m": people * np.exp(0.2 * walk(w.rng)),
        "disposable_income_pc_yuan": np.exp(10.0 + w.income),
        "final_energy_10kt_sce": np.exp(5.0 + w.energy),
        "co2_apparent_mt": np.exp(5.0 + w.carbon),
        "trade_goods_100m": gdp * np.exp(w.trade - 1.0),
        "internet_users_pct": 50.0 + 10.0 * w.abroad["internet"],
        "e_gov_index": 0.5 + 0.1 * w.abroad["government"],
        "hightech_exports_pct": 30.0 + 5.0 * w.abroad["exports"],
        "gdp_pc_ppp_wb": np.exp(9.5 + 0.1 * w.abroad["frontier"]),
    }
    for level, name, over in LEAVES.values():
        share = 12.0 + w.levels[level] + 0.1 * w.rng.normal(size=(N, T))
        values[name] = np.maximum(share, 0.1) * (values[over] if over else 1.0)
    return values


def _events(codes: list[str]) -> Events:
    policies = tuple(Policy(name, Label(name, name)) for name in STARTS)
    return Events(policies, tuple(Event(name, code, year) for name, year in STARTS.items() for code in codes))


def verdict(claim: str, effect: float, seed: int, draws: int = 399, most: int = MOST) -> Verdict:
    """The verdict on one claim in one replication, with the multiverse's where there is something to take back."""
    inputs, plan = panel(claim, effect, seed), PLANS[claim]
    answered = answers.answer(FRAMEWORK.claims[claim], plan, ASKED, inputs, draws, index_draws=0)
    row = rules.ledger([answered], {})[0]
    if not most or row.verdict not in ("supported", "contradicted"):
        return row
    space = specifications.space(plan, ASKED, inputs, ALTERNATIVES)
    picks, asked = space.picks(most, seed), {name: ASKED[name] for name in plan.parts if name in ASKED}
    ran = specifications.run(inputs, specifications.Task(plan, asked, space, picks))
    share = rules.agreeing(row, ran.words)
    found = Agreement(share, ran.words, ran.effect, ran.low, ran.high, (), (), picks, np.zeros(0), False, 0)
    return rules.settled(row, found)


CLAIMS = tuple(PLANTED)


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
