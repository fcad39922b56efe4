"""Regions: codes with their vintages, names in every form people write them, groups, places on the tile map."""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from zhiyu.data.tables import decode
from zhiyu.terms import NOWHERE, Label, Locale, Place, Refusal, suggestion

SETS = Path(__file__).parent / "sets"
FIXED = (
    *("code", "zh", "en", "zh_full", "en_full", "aliases", "since", "lon", "lat"),
    *("capital_zh", "capital_en", "col", "row", "aggregate"),
)
GENERIC = re.compile(
    r"(province|municipality|autonomousregion|specialadministrativeregion|省|市|特别行政区|"
    r"(壮族|回族|维吾尔)?自治区)$"
)

CITY = re.compile(r"(municipality|市)$")


def fold(name: str) -> str:
    """A name without what people vary: width, case, spaces, punctuation (`Xi'an`, `xian` and `ＸＩＡＮ` are one)."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", str(name)).casefold().replace("ı", "i"))


@dataclass(frozen=True)
class Region:
    """One region: its code and names, where known its coordinates, its tile (col, row), and its group per grouping."""

    code: str
    label: Label
    full: Label
    aliases: tuple[str, ...] = ()
    since: int | None = None
    lon: float | None = None
    lat: float | None = None
    tile: tuple[int, int] | None = None
    aggregate: bool = False
    groups: tuple[tuple[str, str], ...] = ()

    def group(self, grouping: str) -> str | None:
        """The id of the region's group, None where it has none."""
        return dict(self.groups).get(grouping) or None


@dataclass(frozen=True)
class Retired:
    """A code that was valid until a year, and the code that took its place."""

    code: str
    label: Label
    until: int
    successor: str


@dataclass(frozen=True)
class Group:
    """A group of a grouping; `order` is its place among the grouping's groups."""

    grouping: str
    id: str
    label: Label
    order: int


@dataclass(frozen=True)
class Inset:
    """A tile that a map draws for completeness and that holds no data."""

    label: Label
    tile: tuple[int, int]


@dataclass(frozen=True)
class Regions:
    """A named set of regions in the order of their codes, with their groups, retired codes and map insets."""

    name: str
    rows: tuple[Region, ...]
    groups: tuple[Group, ...] = ()
    retired: tuple[Retired, ...] = ()
    insets: tuple[Inset, ...] = ()

    @cached_property
    def by_code(self) -> dict[str, Region]:
        return {region.code: region for region in self.rows}

    @cached_property
    def _by_name(self) -> dict[str, str]:
        known: dict[str, str] = {}
        for region in self.rows:
            forms = [region.code, region.label.zh, region.label.en, region.full.zh, region.full.en, *region.aliases]
            if re.fullmatch(r"\d{2}0000", region.code):
                forms.append(region.code[:2])
            for form in forms:
                if known.setdefault(fold(form), region.code) != region.code:
                    raise Refusal("ambiguous_region_name", Place(file=f"{self.name}.csv"), name=form)
        known.pop("", None)
        return known

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(region.code for region in self.rows)

    def __getitem__(self, code: str) -> Region:
        return self.by_code[code]

    def __len__(self) -> int:
        return len(self.rows)

    def label(self, code: str) -> Label:
        """The short name of a region."""
        return self.by_code[code].label

    def match(self, name: str, place: Place = NOWHERE) -> str:
        """The code of the region written as `name`: a code, short or full, English, abbreviated, or an old spelling."""
        word = re.sub(r"\.0$", "", str(name))
        folded = fold(word)
        if folded in self._by_name:
            return self._by_name[folded]
        plain = GENERIC.sub("", folded)
        if plain in self._by_name and not self._is_city(folded, self._by_name[plain]):
            return self._by_name[plain]
        for old in self.retired:
            if fold(old.code) == folded:
                raise Refusal("retired_code", place, code=word, name=old.label, until=old.until, now=old.successor)
        candidates = [form for region in self.rows for form in (region.label.zh, region.label.en, region.code)]
        raise Refusal("unknown_region", place, name=name, set=self.name, hint=suggestion(word, candidates))

    def _is_city(self, folded: str, code: str) -> bool:
        """Whether a name is that of a city which shares its short name with the region: 吉林市 is not 吉林省."""
        region = self.by_code[code]
        stated = region.full != region.label
        return stated and bool(CITY.search(folded)) and not CITY.search(fold(region.full.zh))

    def select(self, codes: Iterable[str]) -> Regions:
        """The same set cut to some codes, in code order."""
        wanted = set(codes)
        return replace(self, rows=tuple(r for r in self.rows if r.code in wanted))

    @property
    def groupings(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(group.grouping for group in self.groups))

    def grouping(self, grouping: str) -> dict[Group, tuple[str, ...]]:
        """Group -> codes of its regions, in the order the set gives its groups."""
        if grouping not in self.groupings:
            raise Refusal(
                "unknown_grouping",
                name=grouping,
                known=", ".join(self.groupings) or "-",
                hint=suggestion(grouping, self.groupings),
            )
        chosen = sorted((g for g in self.groups if g.grouping == grouping), key=lambda g: g.order)
        return {g: tuple(r.code for r in self.rows if r.group(grouping) == g.id) for g in chosen}

    def names(self, codes: Iterable[str], locale: Locale) -> str:
        """Names in a sentence."""
        return ("、" if locale == "zh" else ", ").join(self.label(code).text(locale) for code in codes)


def bundled() -> tuple[str, ...]:
    """Names of the shipped sets."""
    return tuple(sorted(path.stem for path in SETS.glob("*.csv") if "." not in path.stem))


def load(name: str) -> Regions:
    """A shipped set by name (`cn-provinces`, `eu-countries`)."""
    if name not in bundled():
        raise Refusal("unknown_region_set", name=name, known=", ".join(bundled()), hint=suggestion(name, bundled()))
    return read(SETS / f"{name}.csv")


def read(path: Path) -> Regions:
    """A set from `NAME.csv`, with `NAME.groups.csv`, `NAME.retired.csv` and `NAME.insets.csv` beside it, if there."""
    rows = _rows(path)
    if not rows or not {"code", "zh", "en"} <= set(rows[0]):
        raise Refusal("region_set_columns", Place(file=path.name, row=1))
    regions = sorted((_region(row, path, number) for number, row in enumerate(rows, start=2)), key=lambda r: r.code)
    seen: set[str] = set()
    for region in regions:
        if region.code in seen:
            raise Refusal("duplicate_region_code", Place(file=path.name), code=region.code)
        seen.add(region.code)
    groups = [
        Group(row["grouping"], row["id"], Label(row["zh"], row["en"]), int(row["order"]))
        for row in _rows(path.with_suffix(".groups.csv"), ("grouping", "id", "zh", "en", "order"), "order")
    ]
    named = {group.grouping for group in groups}
    for column in [c for c in rows[0] if c not in FIXED and c not in named]:  # a user's grouping needs no second file
        ids = dict.fromkeys(row[column] for row in rows if row[column])
        groups += [Group(column, name, Label(name, name), order) for order, name in enumerate(ids, start=1)]
    retired = [
        Retired(row["code"], Label(row["zh"], row["en"]), int(row["until"]), row["successor"])
        for row in _rows(path.with_suffix(".retired.csv"), ("code", "zh", "en", "until", "successor"), "until")
    ]
    insets = [
        Inset(Label(row["zh"], row["en"]), (int(row["col"]), int(row["row"])))
        for row in _rows(path.with_suffix(".insets.csv"), ("zh", "en", "col", "row"), "col")
    ]
    return Regions(path.stem, tuple(regions), tuple(groups), tuple(retired), tuple(insets))


def from_names(names: Sequence[str]) -> Regions:
    """A set made of the names found in the data themselves: for panels of regions no shipped set knows."""
    rows = [Region(str(name), Label(str(name), str(name)), Label(str(name), str(name))) for name in sorted(set(names))]
    return Regions("panel", tuple(rows))


def _rows(path: Path, columns: tuple[str, ...] = (), whole: str = "") -> list[dict[str, str]]:
    """Rows of a CSV, none if there is no file; refuses one without `columns`, or with text in column `whole`."""
    if not path.is_file():
        return []
    reader = csv.DictReader(io.StringIO(decode(path.read_bytes(), path.name), newline=""), restval="")
    lacking = [column for column in columns if column not in (reader.fieldnames or ())]
    if lacking:
        raise Refusal("missing_columns", Place(file=path.name, row=1), names=", ".join(lacking))
    rows = []
    for row in reader:
        if whole and not re.fullmatch(r"\d+", row[whole].strip()):
            raise Refusal("number_expected", Place(file=path.name, row=reader.line_num, column=whole), text=row[whole])
        rows.append({column: cell for column, cell in row.items() if column is not None})
    return rows


def _region(row: dict[str, str], path: Path, number: int) -> Region:
    def decimal(column: str) -> float | None:
        try:
            value = float(row[column]) if row.get(column) else None
        except ValueError:
            value = math.nan
        if value is not None and not math.isfinite(value):
            raise Refusal("number_expected", Place(file=path.name, row=number, column=column), text=row[column])
        return value

    col, tile_row, since = decimal("col"), decimal("row"), decimal("since")
    label = Label(row["zh"], row["en"])
    return Region(
        code=row["code"],
        label=label,
        full=Label(row.get("zh_full") or label.zh, row.get("en_full") or label.en),
        aliases=tuple(alias for alias in (row.get("aliases") or "").split("|") if alias),
        since=int(since) if since else None,
        lon=decimal("lon"),
        lat=decimal("lat"),
        tile=(int(col), int(tile_row)) if col is not None and tile_row is not None else None,
        aggregate=(row.get("aggregate") or "") == "1",
        groups=tuple((column, row[column] or "") for column in row if column not in FIXED and column is not None),
    )
