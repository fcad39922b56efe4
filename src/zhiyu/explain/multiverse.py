"""The multiverse of a claim: every defensible choice as a table, all their combinations, and what moves the answer."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from zhiyu.terms import Label, Place, Refusal, suggestion

BUNDLED = Path(__file__).with_suffix(".csv")
CHOICES: tuple[str, ...] = (
    *("normalise", "weight", "form", "lag", "controls", "effects", "winsorise", "start", "leave_out", "neighbours"),
)
COLUMNS = ("choice", "value", "detail", "zh", "en")

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Alternative:
    """One value of one choice; `detail` is what it stands for: terms, codes of regions, a year, a share."""

    choice: str
    value: str
    detail: str
    label: Label


@dataclass(frozen=True)
class Space:
    """The combinations of c choices: names and, of each, its levels, the first of which is the stated one."""

    names: tuple[str, ...]
    levels: tuple[tuple[Alternative, ...], ...]

    @property
    def size(self) -> int:
        """Number of all combinations."""
        return int(np.prod([len(found) for found in self.levels], dtype=np.int64)) if self.names else 1

    def picks(self, most: int, seed: int) -> np.ndarray:
        """(s, c) which level of each choice: all combinations, or `most` of them without replacement, in order.

        The first is always the stated specification, all zeros.
        """
        shape = tuple(len(found) for found in self.levels)
        if self.size <= most:
            chosen = np.arange(self.size)
        else:
            others = np.random.default_rng(seed).choice(self.size - 1, size=most - 1, replace=False) + 1
            chosen = np.concatenate([[0], np.sort(others)])
        return np.stack(np.unravel_index(chosen, shape), axis=-1) if shape else np.zeros((1, 0), dtype=int)

    def specification(self, row: Sequence[int]) -> dict[str, Alternative]:
        """A row of picks as choice -> alternative."""
        return {name: found[int(k)] for name, found, k in zip(self.names, self.levels, row, strict=True)}


def read(path: Path = BUNDLED) -> tuple[Alternative, ...]:
    """The alternatives of a table with columns choice, value, detail, zh, en.

    Raises
    ------
    Refusal
        For a column that is not there, an unknown choice, or a value named twice.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except UnicodeDecodeError as trouble:
        raise Refusal("not_utf8", Place(file=path.name)) from trouble
    lacking = [name for name in COLUMNS if not rows or name not in rows[0]]
    if lacking:
        raise Refusal("multiverse_columns", Place(file=path.name), names=", ".join(lacking))
    found: dict[tuple[str, str], Alternative] = {}
    for number, row in enumerate(rows, start=2):
        place = Place(file=path.name, row=number)
        choice, value = (row["choice"] or "").strip(), (row["value"] or "").strip()
        if choice not in CHOICES:
            hint = suggestion(choice, CHOICES)
            raise Refusal("multiverse_choice", place, name=choice, known=", ".join(CHOICES), hint=hint)
        if (choice, value) in found or not value:
            raise Refusal("multiverse_value", place, choice=choice, value=value)
        label = Label(row["zh"] or value, row["en"] or value)
        found[choice, value] = Alternative(choice, value, (row["detail"] or "").strip(), label)
    return tuple(found.values())


def of(alternatives: Sequence[Alternative], choice: str) -> tuple[Alternative, ...]:
    """The alternatives of one choice, in the table's order."""
    return tuple(one for one in alternatives if one.choice == choice)


def first_order(effect: np.ndarray, picks: np.ndarray) -> np.ndarray:
    """(c,) share of the variance of an effect (s,) that each choice answers for alone; nan where nothing varies.

    S_j = Var_l(mean of effect | choice j at level l) / Var(effect), levels weighted by how often they occur: the
    first-order Sobol index where all combinations were run, and one-way analysis of variance where a sample was.
    What the shares lack to one is interaction. Specifications without an effect (nan) are left out.

    Source: Sobol' (1993); Saltelli et al. (2008), Global sensitivity analysis: the primer.
    """
    seen = np.isfinite(effect)
    y, rows = effect[seen], picks[seen]
    total = float(y.var()) if len(y) else 0.0
    if not total > 1e-24:
        return np.full(picks.shape[1], np.nan)
    shares = []
    for column in rows.T:
        number = np.bincount(column)
        means = np.divide(np.bincount(column, y), number, out=np.zeros(len(number)), where=number > 0)
        shares.append(float((number * (means - y.mean()) ** 2).sum()) / len(y) / total)
    return np.array(shares)


def mapped(
    work: Callable[[Any, T], R],
    about: Any,
    tasks: Mapping[str, T],
    workers: int = 1,
    cluster: str = "",
    found: Callable[[str], R | None] | None = None,
    keep: Callable[[str, R], None] | None = None,
) -> dict[str, R]:
    """work(about, task) of every task by its key, here, in local processes or on a cluster: the same numbers.

    Tasks are what they are whatever runs them, so that the number of workers moves no figure. What `found` has of a
    run before is not done again; `keep` is told of each result as soon as it is there.

    Parameters
    ----------
    about : what all tasks share, sent to each worker once
    cluster : address of a Dask scheduler, "tcp://host:port"; needs the package `distributed`

    Raises
    ------
    Refusal
        For a cluster without the package, or one that does not answer.
    """
    done: dict[str, R] = {}
    for key in tasks:
        kept = found(key) if found is not None else None
        if kept is not None:
            done[key] = kept
    left = {key: task for key, task in tasks.items() if key not in done}
    for key, result in _run(work, about, left, workers, cluster):
        done[key] = result
        if keep is not None:
            keep(key, result)
    return {key: done[key] for key in tasks}


def _run(
    work: Callable[[Any, T], R], about: Any, tasks: Mapping[str, T], workers: int, cluster: str
) -> Iterator[tuple[str, R]]:
    if cluster:
        yield from _on_cluster(work, about, tasks, cluster)
    elif workers > 1 and len(tasks) > 1:
        from multiprocessing import get_context

        # spawned, not forked: a fork of a process whose numerical library has threads may hang
        with ProcessPoolExecutor(workers, get_context("spawn"), _remember, (work, about)) as pool:
            yield from zip(tasks, pool.map(_recalled, tasks.values()), strict=True)
    else:
        for key, task in tasks.items():
            yield key, work(about, task)


_REMEMBERED: list[Any] = []


def _remember(work: Callable[[Any, Any], Any], about: Any) -> None:
    _REMEMBERED[:] = [work, about]


def _recalled(task: Any) -> Any:
    work, about = _REMEMBERED
    return work(about, task)


def _on_cluster(
    work: Callable[[Any, T], R], about: Any, tasks: Mapping[str, T], cluster: str
) -> Iterator[tuple[str, R]]:
    place = Place(key=f'cluster = "{cluster}"')
    try:
        from distributed import Client, as_completed  # type: ignore[import-not-found,unused-ignore]
    except ImportError as trouble:
        raise Refusal("cluster_package", place) from trouble
    try:
        client = Client(cluster, timeout="10s", set_as_default=False)
    except (OSError, TimeoutError, ValueError) as trouble:
        raise Refusal("cluster_silent", place, why=str(trouble)[:120]) from trouble
    try:
        shared = client.scatter(about, broadcast=True)
        names = {client.submit(work, shared, task, pure=False): key for key, task in tasks.items()}
        for future in as_completed(names, loop=client.loop):
            yield names[future], future.result()
    finally:
        client.close()
