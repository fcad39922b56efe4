"""Files of a simulation: what scenarios change, the model's skill, its coefficients, and the members behind them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from zhiyu.report import words
from zhiyu.report.tables import Cell, Column, Kind, Table, column
from zhiyu.simulate import parameters
from zhiyu.simulate.members import members
from zhiyu.simulate.simulation import PARTS, Simulation
from zhiyu.simulate.told import named
from zhiyu.store import canonical
from zhiyu.study import Study
from zhiyu.terms import Label

DIGITS = 3
MEMBERS = "tables/members.parquet"
SHOWN_AS: Mapping[str, Kind] = {"horizon": "integer", "n": "integer", "used": "integer", "year": "year"}
TEXTS = ("scenario", "outcome", "part", "observable", "best_naive", "reason", "parameter", "state", "grade")
YES_NO = ("headline", "supported")


def tables(of: Simulation) -> dict[str, Table]:
    """What a simulation found, by id: differences, skill, posterior."""
    labels = {
        "scenario": dict(zip(of.plan.names, of.plan.labels, strict=True)),
        "outcome": {name: named(of, name) for name in map(str, of.compared.differences.outcome.values)},
        "observable": {name: named(of, name) for name in of.hindcast.states},
        "parameter": {parameter.name: parameter.label for parameter in parameters.core()},
        "part": {part: words.label(f"report.simulate.part.{part}") for part in PARTS},
    }
    return {name: _table(name, frame, labels) for name, frame in of.tables().items()}


def render(of: Simulation, seed: int) -> dict[str, bytes]:
    """Every file of a simulation by its relative path: tables as CSV and Parquet, members with their hash."""
    files = {MEMBERS: members(of.stability.posterior, parameters.satellite(), of.draws, seed).draws.parquet()}
    for name, table in tables(of).items():
        files[f"tables/{name}.csv"] = table.csv()
        files[f"tables/{name}.parquet"] = table.parquet()
    return files


def write(study: Study) -> dict[str, str]:
    """Write a study's simulation into its `out` folder, nothing where it has none; relative path -> SHA-256."""
    if study.choices.simulate is None:
        return {}
    found, seed = study.simulate(), study.choices.seed
    titles = canonical([label.__dict__ for label in found.plan.labels])
    parts = [study.key("ensemble"), study.key("hindcast"), titles]
    return study.write("simulation", lambda: render(found, seed), parts)


def _table(name: str, frame: pd.DataFrame, labels: Mapping[str, Mapping[str, Label]]) -> Table:
    """A frame as a table: each column under its name, ids with their labels beside them."""
    columns: list[Column] = []
    cells: list[list[Cell]] = []
    for key in map(str, frame.columns):
        values = frame[key].tolist()
        columns.append(_column(key))
        cells.append([int(value) if key in YES_NO else value for value in values])
        if key in labels:
            columns.append(column(f"{key}_name", "label", label=words.label(f"report.simulate.{key}")))
            cells.append([labels[key][value] for value in values])
    title = words.label(f"report.simulate.table.{name}")
    return Table(name, title, tuple(columns), tuple(zip(*cells, strict=True)))


def _column(key: str) -> Column:
    kind: Kind = "text" if key in TEXTS else SHOWN_AS.get(key, "integer" if key in YES_NO else "number")
    return column(key, kind, DIGITS, label=words.label(f"report.simulate.{key}"))
