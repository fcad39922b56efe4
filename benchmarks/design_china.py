"""The China design: how long it takes, and its union archive beside each search alone and a random start."""

from __future__ import annotations

import sys
import time

import numpy as np

from benchmarks.timing import Row
from zhiyu import Study
from zhiyu.design import designing, portfolio, response
from zhiyu.design.archive import hypervolume
from zhiyu.design.evolve import evolve
from zhiyu.design.frame import framed
from zhiyu.design.futures import futures
from zhiyu.design.search import Effort, search
from zhiyu.planning import given

LEAST = 3.0  # times the volume of a random start with as many simulations


def rows() -> list[Row]:
    """Lines of the page, after the volumes are shown to be what they should."""
    study = Study.open("china-provinces")
    known, choice = given(study), study.designing
    began = time.perf_counter()
    plan = designing.design(known, choice)
    whole = time.perf_counter() - began
    frame, wide = framed(known, choice), len(plan.objectives)
    members = futures(known.posterior, choice.futures, known.seed)
    evaluate = response.evaluator(known.base, members, frame.options, frame.objectives, frame.counts)
    linear = portfolio.table(response.table(evaluate).values)
    effort = Effort(refined=designing.REFINED, size=choice.population, generations=choice.generations)
    began = time.perf_counter()
    found = search(evaluate, linear.slopes, frame.rules, wide, effort, seed=known.seed)
    took, archive = time.perf_counter() - began, found.archive
    generations = -(-found.simulations // effort.size)
    began = time.perf_counter()
    random = {
        start: evolve(evaluate, frame.rules, wide, None, effort.size, generations, known.seed, start)
        for start in ("even", "sparse")
    }
    alone = (time.perf_counter() - began) / len(random)
    volumes = {name: hypervolume(one.objectives[one.kept], archive.reference) for name, one in random.items()}
    print(archive.volume, archive.volumes, volumes, file=sys.stderr)
    assert archive.volume >= max(archive.volumes.values()) * (1 - 1e-12)
    lp, seeded = (archive.volumes[name] / archive.volume for name in ("lp", "nsga2"))
    even, sparse = (archive.volume / volumes[name] if volumes[name] else np.inf for name in ("even", "sparse"))
    said = (
        f"China design: {len(frame.options)} options, {choice.futures} futures, {wide} objectives, "
        f"{found.simulations:,} simulations: hypervolume over nothing done {even:.1f} times that of NSGA-II from an "
        f"even random start, {sparse:.1f} times from a sparse one; LP alone {lp:.0%} of the union, seeded NSGA-II "
        f"{seeded:.0%}"
    )
    return [
        Row(f"China design from start to plan, {plan.simulations:,} simulations", whole),
        Row(said, took, "NSGA-II of pymoo, random start, as many simulations", alone),
    ]
