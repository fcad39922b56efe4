"""Events: policies and shocks that began in some regions in some year, read from a table that names them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zhiyu.data.columns import FIRST_YEAR, LAST_YEAR, REGION_COLUMNS
from zhiyu.data.regions import Regions, fold
from zhiyu.data.tables import decode
from zhiyu.terms import Label, Place, Refusal, suggestion

POLICY = ("policy", "event", "policy_en", "policy_zh", "policy_cn")
YEAR = ("first_year", "year")
BESIDE = ("attribute", "confidence", "note")


@dataclass(frozen=True)
class Event:
    """One policy in one region. `scope` is the part of the region it covers, "" for the whole; `row` its line."""

    policy: str
    region: str
    first_year: int
    scope: str = ""
    confidence: str = ""
    note: str = ""
    row: int = 0


@dataclass(frozen=True)
class Policy:
    """id : its English name in small letters and underscores; attribute : what it is meant to move, as the table says
    it."""

    id: str
    label: Label
    attribute: str = ""


@dataclass(frozen=True)
class Events:
    """Policies in the order of the table, and where and when each began."""

    policies: tuple[Policy, ...]
    rows: tuple[Event, ...]

    def policy(self, name: str) -> Policy:
        """A policy by id or by name in either language."""
        known = {fold(form): one for one in self.policies for form in (one.id, one.label.zh, one.label.en)}
        if fold(name) not in known:
            forms = [form for one in self.policies for form in (one.id, one.label.zh, one.label.en)]
            listed = Label(
                "、".join(one.label.zh for one in self.policies), "; ".join(one.label.en for one in self.policies)
            )
            raise Refusal("unknown_event", name=name, known=listed, hint=suggestion(name, forms))
        return known[fold(name)]

    def first(self, name: str, codes: Iterable[str]) -> np.ndarray:
        """(n,) the first year of a policy in each region, inf where it never began; the earliest of several rows."""
        chosen = self.policy(name).id
        began: dict[str, float] = {}
        for row in self.rows:
            if row.policy == chosen:
                began[row.region] = min(began.get(row.region, np.inf), float(row.first_year))
        return np.array([began.get(code, np.inf) for code in codes])


def read_events(path: Path, regions: Regions) -> Events:
    """Events from a CSV: a row a policy and region, regions named in any form.

    Columns: `policy` (or `policy_zh` / `policy_cn` and `policy_en`), one of the region columns that a panel may have,
    `first_year`; optional `attribute`, `city_or_scope` or `scope`, `confidence`, `note`. Others are not read. A region
    listed twice under one policy counts from the earliest year.

    Raises
    ------
    Refusal
        For a missing file, columns or rows, an unknown region or an aggregate, a cell without a policy, a first year
        that is no year, or one policy said to move two attributes.
    """
    if not path.is_file():
        raise Refusal("file_not_found", Place(file=path.name), folder=str(path.parent))
    reader = csv.DictReader(io.StringIO(decode(path.read_bytes(), path.name), newline=""), restval="")
    header = {name.strip().casefold(): name for name in reader.fieldnames or () if name}
    names = [header[name] for name in POLICY if name in header]
    region = next((header[name] for name in REGION_COLUMNS if name in header), None)
    year = next((header[name] for name in YEAR if name in header), None)
    lacking = [said for said, found in (("policy", names), ("region", region), ("first_year", year)) if not found]
    if lacking or region is None or year is None:
        raise Refusal("missing_columns", Place(file=path.name, row=1), names=", ".join(lacking))
    scope = next((header[name] for name in ("scope", "city_or_scope") if name in header), None)
    policies: dict[str, Policy] = {}
    rows = []
    for cells in reader:
        told = {column: (cell or "").strip() for column, cell in cells.items() if column is not None}
        if not any(told.values()):
            continue
        number = reader.line_num
        beside = {name: told.get(header.get(name, ""), "") for name in BESIDE}
        policy = _policy([told[name] for name in names], names, beside["attribute"], Place(path.name, row=number))
        known = policies.setdefault(policy.id, policy)
        if known.attribute != policy.attribute:
            place = Place(file=path.name, row=number, column=header["attribute"])
            raise Refusal("event_two_attributes", place, name=policy.label, one=known.attribute, other=policy.attribute)
        place = Place(file=path.name, row=number, column=region)
        code = regions.match(told[region], place)
        if regions[code].aggregate:
            raise Refusal("event_in_aggregate", place, region=regions.label(code))
        began = _year(told[year], Place(file=path.name, row=number, column=year))
        where = told[scope] if scope else ""
        rows.append(Event(policy.id, code, began, where, beside["confidence"], beside["note"], number))
    if not rows:
        raise Refusal("no_rows", Place(file=path.name))
    return Events(tuple(policies.values()), tuple(rows))


def _policy(told: list[str], columns: list[str], attribute: str, place: Place) -> Policy:
    """A policy from its names: a column `policy` in both languages alike, else one column a language."""
    named = {column.casefold(): name for column, name in zip(columns, told, strict=True) if name}
    any_name = next(iter(named.values()), "")
    if not any_name:
        raise Refusal("event_without_policy", place)
    zh = named.get("policy_zh") or named.get("policy_cn") or any_name
    en = named.get("policy_en") or any_name
    return Policy(re.sub(r"\W+", "_", en.casefold()).strip("_"), Label(zh, en), attribute)


def _year(cell: str, place: Place) -> int:
    if not re.fullmatch(r"\d{4}", cell) or not FIRST_YEAR <= int(cell) <= LAST_YEAR:
        raise Refusal("event_year", place, text=cell, low=FIRST_YEAR, high=LAST_YEAR)
    return int(cell)
