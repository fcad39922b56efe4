"""The regressions that claims ask for, read from a table: the paper's, and those of a user's own claims."""

from __future__ import annotations

import csv
from pathlib import Path

from zhiyu.explain.claims.question import Asking
from zhiyu.explain.jackknife import EFFECTS
from zhiyu.framework.rows import Claim
from zhiyu.terms import Label, Place, Refusal, suggestion, text

PAPER = Path(__file__).parent / "asked.csv"
FORMS = ("level", "log", "growth")
MAIN_EFFECTS = ("two-way", "region", "year")
OWN_COLUMNS = ("id", "zh", "en", "outcome", "driver", "controls", "effects", "sign")


def paper() -> tuple[Asking, ...]:
    """The regressions behind the paper's claims."""
    return tuple(_asking(row, Place(file=PAPER.name, row=n)) for n, row in enumerate(_rows(PAPER), start=2))


def own(path: Path) -> tuple[tuple[Claim, ...], tuple[Asking, ...]]:
    """A user's claims and their regressions: columns id, zh, en, outcome, driver, controls, effects, sign.

    Outcome, driver and each of the controls (parted by ";") are terms, as `Variables` takes them; sign is + or -.
    Further columns may give `form` and `lag`, each a list parted by ";" of which the first is the claim's own.

    Raises
    ------
    Refusal
        For a column that is not there, an id named twice, or a cell that says none of what it can.
    """
    rows = _rows(path)
    lacking = [name for name in OWN_COLUMNS if not rows or name not in rows[0]]
    if lacking:
        raise Refusal("claims_columns", Place(file=path.name), names=", ".join(lacking))
    claims: dict[str, Claim] = {}
    asked = []
    for number, row in enumerate(rows, start=2):
        place, name = Place(file=path.name, row=number), row["id"].strip()
        if not name or name in claims:
            raise Refusal("claims_id", place, name=name)
        asked.append(_asking({**row, "claim": name}, place))
        claims[name] = _claim(name, asked[-1])
    return tuple(claims.values()), tuple(asked)


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [{key: value or "" for key, value in row.items() if key} for row in csv.DictReader(file)]
    except UnicodeDecodeError as trouble:
        raise Refusal("not_utf8", Place(file=path.name)) from trouble


def _asking(row: dict[str, str], place: Place) -> Asking:
    effects = _listed(row, "effects", MAIN_EFFECTS[0])
    forms, lags = _listed(row, "form", FORMS[0]), _listed(row, "lag", "0")
    for column, found, known in (
        ("form", forms, FORMS),
        ("effects", effects, EFFECTS),
        ("effects", effects[:1], MAIN_EFFECTS),
        ("lag", lags, tuple(map(str, range(10)))),
    ):
        for word in found:
            if word not in known:
                hint = suggestion(word, known)
                raise Refusal("claims_word", _at(place, column), word=word, known=", ".join(known), hint=hint)
    sign = row["sign"].strip()
    if sign not in ("1", "-1", "+", "-", "+1"):
        raise Refusal("claims_word", _at(place, "sign"), word=sign, known="+, -", hint=Label("", ""))
    for column in ("outcome", "driver"):
        if not row[column].strip():
            raise Refusal("claims_empty", _at(place, column))
    return Asking(
        id=row["id"].strip(),
        claim=row["claim"].strip(),
        label=Label(row["zh"] or row["id"], row["en"] or row["id"]),
        outcome=row["outcome"].strip(),
        forms=forms,
        driver=row["driver"].strip(),
        lags=tuple(int(lag) for lag in lags),
        controls=_listed(row, "controls", ""),
        effects=effects,
        sign=-1 if sign.startswith("-") else 1,
    )


def _listed(row: dict[str, str], column: str, default: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in row.get(column, "").split(";") if part.strip())
    return found or ((default,) if default else ())


def _at(place: Place, column: str) -> Place:
    return Place(file=place.file, row=place.row, column=column)


def _claim(name: str, asked: Asking) -> Claim:
    """A user's claim as a row of the ledger: its rule is the common one."""
    told = {"outcome": asked.outcome, "driver": asked.driver, "controls": ", ".join(asked.controls) or "-"}
    method, rule = ({one: text(f"explain.claims.{key}", one, **told) for one in ("zh", "en")} for key in OWN_WORDS)
    return Claim(
        id=name,
        section="",
        zh=asked.label.zh,
        en=asked.label.en,
        definition_zh=asked.label.zh,
        definition_en=asked.label.en,
        variables=";".join((asked.outcome, asked.driver, *asked.controls)),
        method_zh=method["zh"],
        method_en=method["en"],
        rule_zh=rule["zh"],
        rule_en=rule["en"],
        needs_zh="",
        needs_en="",
        kind="observed",
    )


OWN_WORDS = ("own_method", "own_rule")
