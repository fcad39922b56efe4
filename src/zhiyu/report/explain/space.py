"""Whether neighbours are alike: on the whole map by year, whether that rests on one region, which regions cluster."""

from __future__ import annotations

import math

import numpy as np

from zhiyu.explain.false_discovery import adjusted
from zhiyu.explain.of.space import CLUSTERS, Space
from zhiyu.report import words
from zhiyu.report.explain import space_figures as figures
from zhiyu.report.explain.question import Question
from zhiyu.report.material import Material
from zhiyu.report.tables import Cell, Table, column
from zhiyu.terms import Label


def question(m: Material) -> Question | None:
    """The room of the map; None where no year could be tested."""
    found: Space | None = None if m.evidence is None else m.evidence.space
    if found is None:
        return None
    told = (_alike(m, found), _rests(found), _clusters(found), _weights(found))
    return Question(
        "space",
        tuple(sentence for sentence in told if sentence is not None),
        (years(m, found), terms(m, found), regions(m, found, only=True)),
        (regions(m, found, only=False), without(m, found)),
        lambda locale: tuple(
            figure
            for figure in (figures.scatter(m, found, locale), figures.cluster_map(m, found, locale))
            if figure is not None
        ),
    )


def _alike(m: Material, found: Space) -> Label:
    """Moran's I by year: in how many years neighbours were more alike than chance, and how far it went."""
    first, last = found.years[0], found.years[-1]
    ends: dict[str, object] = {"name": m.root.label, "first": first, "last": last, "level": _level(found)}
    for end, year in (("a", first), ("b", last)):
        i, p = _at(found, found.root, year, "i", "p")
        ends |= {end: words.number(i, 2), f"p{end}": words.significant(p, 2)}
    if first == last:
        i, expected, p = _at(found, found.root, last, "i", "expected", "p")
        way = "chance" if p > found.level else "alike" if i > expected else "unlike"
        return words.label(f"report.space.{way}_one_year", **ends)
    tested = np.array([_at(found, found.root, year, "i", "expected", "p") for year in found.years])
    clear = tested[:, 2] <= found.level
    alike, unlike = (
        int((clear & (tested[:, 0] > tested[:, 1])).sum()),
        int((clear & (tested[:, 0] < tested[:, 1])).sum()),
    )
    way = "alike" if alike >= max(1, unlike) else "unlike" if unlike else "chance"
    ends |= {"number": alike if way == "alike" else unlike, "years": len(found.years)}
    every = "_every" if way != "chance" and ends["number"] == len(found.years) else ""
    return words.label(f"report.space.{way}{every}", **ends)


def _rests(found: Space) -> Label | None:
    """Whether the last year's answer is the same whichever region is left out."""
    i, p = (found.without.sel(statistic=name).values for name in ("i", "p"))
    if not np.isfinite(p).all():
        return None
    before = _at(found, found.root, found.years[-1], "p")[0] <= found.level
    turned = np.flatnonzero((p <= found.level) != before)
    values: dict[str, object] = {"year": found.years[-1], "level": _level(found), "number": len(turned)}
    values |= {"low": words.number(float(i.min()), 2), "high": words.number(float(i.max()), 2)}
    if not len(turned):
        return words.label(f"report.space.{'firm' if before else 'firm_chance'}", **values)
    far = turned[np.argmax(p[turned])] if before else turned[np.argmin(p[turned])]
    values |= {"name": found.names[found.codes[far]], "i": words.number(float(i[far]), 2)}
    key = f"report.space.{'rests' if before else 'hides'}{'' if len(turned) == 1 else '_several'}"
    return words.label(key, p=words.significant(float(p[far]), 2), **values)


def _clusters(found: Space) -> Label:
    """Regions by cluster in the last year, at the false discovery rate; else those that single tests would name."""
    year = found.years[-1]
    firm, every = found.cluster(year), found.cluster(year, significant=False)
    p = found.local.sel(year=year, statistic="p").values
    tests = int(np.isfinite(p).sum())
    alone = {code: every[code] if one <= found.level else CLUSTERS[0] for code, one in zip(found.codes, p, strict=True)}
    values = {"year": year, "level": _level(found), "tests": tests}
    kept = _listed(found, firm)
    if kept is not None:
        return words.label("report.space.clusters", listed=kept, **values)
    single = _listed(found, alone)
    if single is None:
        return words.label("report.space.no_clusters", **values)
    chance = words.number(tests * found.level, 1)
    return words.label("report.space.single_clusters", listed=single, chance=chance, **values)


def _listed(found: Space, cluster: dict[str, str]) -> Label | None:
    kinds = [kind for kind in figures.COLOUR if kind in cluster.values()]
    if not kinds:
        return None
    return words.both(
        lambda locale: ("；" if locale == "zh" else "; ").join(
            words.label(
                "report.space.listed",
                kind=words.label(f"report.space.{kind}"),
                names=words.names([found.names[code] for code in found.codes if cluster[code] == kind], locale),
            ).text(locale)
            for kind in kinds
        )
    )


def _weights(found: Space) -> Label:
    kind = words.label(f"report.space.weights_{found.kind}")
    caveat = words.label("report.space.caveat", kind=kind)
    if not found.left_out:
        return caveat
    names = words.both(lambda locale: words.names([found.names[code] for code in found.left_out], locale))
    left = words.label("report.space.left_out", names=names)
    return words.both(lambda locale: words.joined([caveat.text(locale), left.text(locale)], locale))


def years(m: Material, found: Space) -> Table:
    """Statistics of the root by year."""
    columns = (
        column("year", "year", head=True),
        column("moran_i", "number", 3),
        column("moran_expected", "number", 3),
        column("moran_z", "number", 2),
        column("moran_p", "number", 4),
        column("geary_c", "number", 3),
        column("geary_p", "number", 4),
        column("getis_z", "number", 2),
        column("getis_p", "number", 4),
    )
    names = ("i", "expected", "z", "p", "c", "c_p", "g_z", "g_p")
    rows: list[tuple[Cell, ...]] = [(year, *_at(found, found.root, year, *names)) for year in found.years]
    notes = (words.label("report.note.space", permutations=found.permutations), *m.coverage)
    return Table("space_years", words.label("report.table.space_years", name=m.root.label), columns, tuple(rows), notes)


def terms(m: Material, found: Space) -> Table:
    """Statistics of each top node in the last year, adjusted over the nodes, and in the first."""
    first, last = found.years[0], found.years[-1]
    before = () if first == last else (column("moran_first", "number", 3, label=_in_year(first)),)
    columns = (
        column("node", shown=False),
        column("node_name", "label", head=True),
        *before,
        column("moran_last", "number", 3, label=_in_year(last)),
        column("moran_z", "number", 2),
        column("moran_p", "number", 4),
        column("p_adjusted", "number", 4),
    )
    below = [name for name in found.terms if name != found.root and math.isfinite(_at(found, name, last, "i")[0])]
    corrected = adjusted(np.array([_at(found, name, last, "p")[0] for name in below]))
    rows: list[tuple[Cell, ...]] = []
    for name, q in sorted(zip(below, corrected, strict=True), key=lambda one: -_at(found, one[0], last, "i")[0]):
        then = () if first == last else _at(found, name, first, "i")
        rows.append((name, words.heading(found.terms[name]), *then, *_at(found, name, last, "i", "z", "p"), float(q)))
    title = words.label("report.table.space_terms", kind=m.kind, year=last)
    notes = (words.label(f"report.note.space_terms{'_one_year' if first == last else ''}", first=first), *m.coverage)
    return Table("space_terms", title, columns, tuple(rows), notes)


def regions(m: Material, found: Space, only: bool) -> Table:
    """Local statistics of the last year's regions whose single test is clear; or, as a file, of all and every year."""
    columns = (
        column("year", "year", shown=not only),
        column("region", shown=False),
        column("region_name", "label", head=True),
        column("cluster", shown=False),
        column("cluster_name", "label"),
        column("own_score", "number", 2),
        column("neighbours_mean", "number", 2),
        column("local_i", "number", 3),
        column("local_z", "number", 2),
        column("local_p", "number", 4),
        column("p_adjusted", "number", 4),
        column("getis_star", "number", 2),
    )
    kinds = {kind: words.label(f"report.space.{kind}") for kind in CLUSTERS}
    named = ["value", "lag", "i", "z", "p", "adjusted", "g_z"]
    local = found.local.sel(statistic=named, region=list(found.codes)).transpose("year", "region", "statistic")
    rows: list[tuple[Cell, ...]] = []
    for year in found.years[-1:] if only else found.years:
        cluster = found.cluster(year, significant=False)
        for code, numbers in zip(found.codes, local.sel(year=year).values.tolist(), strict=True):
            if not only or numbers[named.index("p")] <= found.level:
                rows.append((year, code, found.names[code], cluster[code], kinds[cluster[code]], *numbers))
    if only:
        rows.sort(key=lambda row: _order(row[9]))
    last = found.years[-1]
    title = words.label("report.table.space_regions" if only else "report.table.space_local", year=last)
    notes = (words.label("report.note.space_local", level=_level(found), permutations=found.permutations), *m.coverage)
    name = "space_regions" if only else "space_local"
    return Table(name, title, columns, tuple(rows), notes, ordered=len(rows) if only else 0)


def without(m: Material, found: Space) -> Table:
    """Moran's I of the last year with each region left out in turn."""
    columns = (
        column("region"),
        column("region_name", "label"),
        column("moran_i", "number", 3),
        column("moran_p", "number", 4),
    )
    i, p = (found.without.sel(statistic=name).values for name in ("i", "p"))
    rows = [
        (code, found.names[code], float(one), float(other))
        for code, one, other in zip(found.codes, i, p, strict=True)
        if math.isfinite(one)
    ]
    title = words.label("report.table.space_without", year=found.years[-1])
    return Table("space_without", title, columns, tuple(rows), m.coverage)


def _at(found: Space, term: str, year: int, *names: str) -> tuple[float, ...]:
    here = found.clustering.sel(term=term, year=year)
    return tuple(float(here.sel(statistic=name)) for name in names)


def _in_year(year: int) -> Label:
    return words.label("report.column.moran_year", year=year)


def _level(found: Space) -> str:
    return words.percent(found.level, 0)


def _order(cell: Cell) -> float:
    """A cell as a key to sort by, nan before all."""
    value = float(str(cell))
    return value if math.isfinite(value) else -math.inf
