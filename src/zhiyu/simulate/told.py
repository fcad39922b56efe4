"""A simulation in words: differences from the baseline with their bands, the skill behind them, what is silent."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from zhiyu.simulate.origins import REFERENCE, SHOWN
from zhiyu.simulate.simulation import GAP, Simulation
from zhiyu.simulate.trajectories import BAND, NATION, RATIOS
from zhiyu.terms import Label, Locale, label, text

MARK = {"zh": "、", "en": ", "}
LEAST = 0.0005  # a difference that is shown as nought is not told
SEEN, FINEST = 0.05, 3  # in hundredths: what one decimal shows; decimals at most


def outcome(name: str) -> Label:
    """An outcome's name."""
    return label(f"simulate.outcome.{name}")


def named(of: Simulation, name: str) -> Label:
    """An outcome's name, with what stands for it in the study."""
    own = outcome(name)
    stands = next((column.label for column in of.columns if column.state == name), Label("", ""))
    return Label(
        f"{own.zh}（{stands.zh}）" if stands.zh not in ("", own.zh) else own.zh,
        f"{own.en} ({stands.en})" if stands.en not in ("", own.en) else own.en,
    )


def decimals(band: Sequence[float]) -> tuple[int, ...]:
    """Decimals for low, middle and high: one; an end that one shows as nought takes as many as its first digit needs.

    So a band that reaches nought is told from one that does not. One that is nought throughout keeps one decimal.
    """
    if max(map(abs, band)) < SEEN:
        return (1, 1, 1)
    low, _, high = band
    return _reaching(low), 1, _reaching(high)


def _reaching(x: float) -> int:
    """Decimals up to the first digit that is not nought; one where `FINEST` do not reach it."""
    return next((n for n in range(1, FINEST + 1) if round(x, n)), 1)


def summary(of: Simulation, title: Label, locale: Locale) -> str:
    """What each scenario changes by the last year, how far the model can be trusted, and what it is silent about."""
    heading = text(
        "simulate.told.title",
        locale,
        title=title,
        base=of.plan.base_year,
        last=of.plan.years[-1],
        draws=of.draws,
        level=f"{of.hindcast.level:.0%}",
    )
    parts = [heading, "\n".join([skill(of, locale), *quiet(of, locale)])]
    table = of.tidy()
    last = table[table.year == of.plan.years[-1]]
    for name, title in list(zip(of.plan.names, of.plan.labels, strict=True))[1:]:
        lines = _differences(of, last[last.scenario == name], locale)
        if name in of.idle:
            lines.append("  " + text("simulate.told.idle", locale, names=MARK[locale].join(of.idle[name])))
        parts.append("\n".join([f"{title.text(locale)} ({name})", *lines]))
    parts.append(text("simulate.told.assumed", locale))
    return "\n\n".join(parts)


def skill(of: Simulation, locale: Locale) -> str:
    """How the model did in the past, against a random walk with drift."""
    pooled = of.skill[(of.skill.horizon == 0) & of.skill.headline & (of.skill.n > 0)]
    covered = pooled.coverage.between(0.85, 0.97)
    first, last = of.hindcast.tested
    return text(
        "simulate.told.skill" if of.hindcast.later else "simulate.told.skill_seen",
        locale,
        first=first,
        last=last,
        mean=f"{100 * pooled.rmse_skill.mean():.0f}",
        better=int((pooled.low > 0).sum()),
        worse=int((pooled.high < 0).sum()),
        number=len(pooled),
        covered=int(covered.sum()),
        level=f"{of.hindcast.level:.0%}",
        reference=text(f"simulate.forecaster.{REFERENCE}", locale),
    )


def quiet(of: Simulation, locale: Locale) -> list[str]:
    """What the model is silent about in this study, and why; states whose forecast has shown no skill."""
    lines = []
    for why in dict.fromkeys(of.silent.values()):
        names = MARK[locale].join(outcome(s).text(locale) for s, reason in of.silent.items() if reason == why)
        lines.append(text("simulate.told.silent", locale, names=names, why=why))
    logics = [text(f"simulate.logic.{logic}", locale) for logic in of.observed.silent_logics]
    lines += [text("simulate.told.silent_logic", locale, name=name) for name in logics]
    untried = [str(state) for state in of.skill.observable[of.skill.n == 0]]
    if untried:
        names = MARK[locale].join(outcome(state).text(locale) for state in untried)
        lines.append(text("simulate.told.untried", locale, names=names))
    gated = [state for state, shown in of.hindcast.gate.items() if shown != SHOWN and state not in untried]
    unshown = [outcome(state).text(locale) for state in gated]
    if unshown:
        lines.append(text("simulate.told.unshown", locale, names=MARK[locale].join(unshown)))
    return lines


def _differences(of: Simulation, rows: pd.DataFrame, locale: Locale) -> list[str]:
    """A line each outcome that visibly differs, with a band on one side of zero, the greatest difference first."""
    told = rows[((rows.low > 0) | (rows.high < 0)) & (rows.middle.abs() >= LEAST)]
    nation = told[told.part == NATION]
    order = nation.middle.abs().to_numpy().argsort(kind="stable")[::-1]
    gaps = {str(row.outcome): row for row in told[told.part == GAP].itertuples()}
    lines = []
    for row in nation.iloc[order].itertuples():
        name = str(row.outcome)
        unit = "share" if name in RATIOS else "points"
        line = "  " + text(f"simulate.told.{unit}", locale, name=named(of, name), **_band(row))
        if name in gaps:
            line += text("simulate.told.gap", locale, **_band(gaps[name]))
        lines.append(line)
    rest = rows[rows.part == NATION].shape[0] - len(nation)
    if rest:
        lines.append("  " + text("simulate.told.rest" if lines else "simulate.told.nothing", locale, number=rest))
    return lines


def _band(row: object) -> dict[str, str]:
    band = [100 * float(getattr(row, name)) for name in BAND]
    # rounded first: what is shown as nought has no sign
    return {name: f"{round(x, n) + 0.0:+.{n}f}" for name, x, n in zip(BAND, band, decimals(band), strict=True)}
