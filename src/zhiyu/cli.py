"""The command line: `zhiyu new | check | measure | explain | simulate | design | report | run | show | replay`.

Thin: every verb calls the API.

Exit codes: 0 done; 1 refused (a message says what and the remedy); 2 the command itself was misspelt; 3 `check` found
something wrong, or `replay` came out different; 70 a defect of Zhiyu; 130 interrupted.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import zhiyu
from zhiyu import spec
from zhiyu.terminal import SPOKEN, in_language, progress, say, speaks
from zhiyu.terms import LOCALES, Locale, Place, Refusal, as_locale, suggestion, text

if TYPE_CHECKING:
    from zhiyu.data.check import Finding
    from zhiyu.study import Study

REFUSED, DIFFERENT, DEFECT, INTERRUPTED = 1, 3, 70, 130


def _help(key: str) -> str:
    return text(f"cli.{key}", SPOKEN)


def _language(word: str | None) -> Locale | None:
    return None if word is None else as_locale(word)


app = typer.Typer(
    help=_help("about"),
    epilog=_help("exit_codes"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

StudyName = Annotated[str, typer.Argument(metavar="STUDY", help=_help("study"))]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help=_help("out"))]
Lang = Annotated[str | None, typer.Option("--lang", metavar="zh|en", help=_help("lang"), callback=_language)]
Json = Annotated[bool, typer.Option("--json", help=_help("json"))]
Trust = Annotated[bool, typer.Option("--trust", help=_help("trust"))]
Cluster = Annotated[str | None, typer.Option("--cluster", metavar="URL", help=_help("cluster"))]
Workers = Annotated[int | None, typer.Option("--workers", metavar="N", min=1, help=_help("workers"))]


@app.command("new", help=_help("new"))
def new(
    name: Annotated[Path, typer.Argument(metavar="NAME", help=_help("new_name"))],
    source: Annotated[str | None, typer.Option("--from", metavar="STUDY", help=_help("new_from"))] = None,
    panel: Annotated[Path | None, typer.Option("--panel", metavar="FILE", help=_help("new_panel"))] = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    from zhiyu import new as making

    if (source is None) == (panel is None):
        raise Refusal("new_from_what")
    folder = making.from_bundled(name, source) if source else making.from_panel(name, Path(panel or ""), speaks())
    say(as_json, {"study": str(folder)}, text("cli.made", speaks(), folder=folder))


@app.command("check", help=_help("check"))
def check(
    study: StudyName,
    every: Annotated[bool, typer.Option("--all", help=_help("check_all"))] = False,
    lang: Lang = None,
    as_json: Json = False,
    trust: Trust = False,
) -> None:
    from zhiyu.data.check import by_severity
    from zhiyu.data.check import check as check_panel
    from zhiyu.data.check import told as as_lines
    from zhiyu.measure.audit import audit
    from zhiyu.planning import frame

    opened = _open(study, None, trust, listen=lambda stage: None)
    locale = _locale(opened, lang)
    findings = check_panel(opened.panel())
    told = {finding.check for finding in findings}
    later = [*_found(lambda: opened.neighbours(opened.choices.data.islands)), *_found(lambda: audit(opened.measure()))]
    later += _found(opened.plan) if opened.choices.simulate is not None else []
    later += _found(lambda: frame(opened)) if opened.choices.design is not None else []
    findings = by_severity([*findings, *(finding for finding in later if finding.check not in told)])
    rows = [{"check": f.check, "severity": f.severity, "message": f.message.text(locale)} for f in findings]
    lines = as_lines(findings, locale, every)
    summary = text("cli.checked", locale, number=len(findings), study=opened.name)
    say(as_json, {"study": opened.name, "findings": rows}, "\n\n".join([*lines, summary]))
    if any(f.severity == "error" for f in findings):
        raise typer.Exit(DIFFERENT)


@app.command("measure", help=_help("measure"))
def measure(
    study: StudyName,
    out: Out = None,
    workers: Workers = None,
    cluster: Cluster = None,
    lang: Lang = None,
    as_json: Json = False,
    trust: Trust = False,
) -> None:
    from zhiyu import report

    _do(study, out, (workers, cluster), lang, as_json, trust, report.write_tables)


@app.command("explain", help=_help("explain"))
def explain(
    study: StudyName,
    question: Annotated[str | None, typer.Option("--question", metavar="NAME", help=_help("explain_question"))] = None,
    out: Out = None,
    workers: Workers = None,
    cluster: Cluster = None,
    lang: Lang = None,
    as_json: Json = False,
    trust: Trust = False,
) -> None:
    from zhiyu.folder import default_out

    with progress(as_json) as listen:
        opened = _open(study, out or default_out(study), trust, listen, (workers, cluster))
        evidence = opened.explain()
    locale = _locale(opened, lang)
    known = opened.choices.explain.questions
    if question is not None and question not in known:
        raise Refusal("unknown_question", name=question, known=", ".join(known), hint=suggestion(question, known))
    asked = [name for name in known if question in (None, name)]
    found = {name: evidence.of(name) for name in asked}
    told = {name: one.summary(locale) for name, one in found.items() if one is not None}
    why = {name: evidence.silent[name] for name in asked if name not in told}
    silent = [text("cli.silent", locale, name=name, why=reason) for name, reason in why.items()]
    rows = {name: json.loads(found[name].tidy().to_json(orient="records", force_ascii=False)) for name in told}
    say(as_json, rows | dict.fromkeys(why), "\n\n\n".join([*told.values(), *silent]))


@app.command("simulate", help=_help("simulate"))
def simulate(
    study: StudyName,
    scenario: Annotated[
        list[str] | None, typer.Option("--scenario", metavar="NAME", help=_help("simulate_scenario"))
    ] = None,
    until: Annotated[int | None, typer.Option("--until", metavar="YEAR", help=_help("simulate_until"))] = None,
    draws: Annotated[int | None, typer.Option("--draws", metavar="N", min=20, help=_help("simulate_draws"))] = None,
    deviation: Annotated[
        str | None, typer.Option("--deviation", metavar="FILE|URL", help=_help("simulate_deviation"))
    ] = None,
    save: Annotated[Path | None, typer.Option("--save", metavar="FILE", help=_help("simulate_save"))] = None,
    export: Annotated[Path | None, typer.Option("--export", metavar="FILE.mdl", help=_help("simulate_export"))] = None,
    out: Out = None,
    workers: Workers = None,
    cluster: Cluster = None,
    lang: Lang = None,
    as_json: Json = False,
    trust: Trust = False,
) -> None:
    from zhiyu import store
    from zhiyu.folder import default_out
    from zhiyu.modelling import exported
    from zhiyu.simulate.deviation import Deviation, difference, only
    from zhiyu.simulate.scenario import BASELINE
    from zhiyu.simulate.told import summary

    named = list(dict.fromkeys(scenario or [BASELINE]))
    if export is not None and len(named) > 1:
        raise Refusal("export_one", Place(key="--export"), number=len(named))
    with progress(as_json) as listen:
        opened = _open(study, out or default_out(study), trust, listen, (workers, cluster))
        asked, file = (Deviation(), "") if deviation is None else spec.read_deviation(deviation)
        options = {"horizon": ("--until", until), "draws": ("--draws", draws)}
        given = {name: one for name, (_, one) in options.items() if one is not None}
        places = {name: Place(key=options[name][0]) for name in given}
        changed = opened.deviated(asked.model_copy(update=given), file, places)
        shared = difference(opened.simulating, changed.simulating)
        if scenario:
            changed = changed.deviated(only(changed.simulating, named))
        for path in filter(None, (export, save)):
            _check_room(path)
        found = changed.simulate()
        if export is not None:
            store.write(export, exported(changed, named[0]).encode())
    locale, query = _locale(opened, lang), shared.query()
    told = [summary(found, opened.title, locale)]
    if export is not None:
        told.append(text("cli.simulate_exported", locale, file=export.resolve()))
    if save is not None:
        store.write(save, shared.toml().encode())
        told.append(text("cli.simulate_saved", locale, file=save.resolve()))
    if query:
        told.append(text("cli.simulate_shared", locale, query=query))
    rows = {name: json.loads(table.to_json(orient="records")) for name, table in found.tables().items()}
    say(as_json, rows | {"deviation": query}, "\n\n".join(told))


@app.command("design", help=_help("design"))
def design(
    study: StudyName,
    budget: Annotated[float | None, typer.Option("--budget", metavar="N", min=0, help=_help("design_budget"))] = None,
    objective: Annotated[
        list[str] | None, typer.Option("--objective", metavar="NAME", help=_help("design_objective"))
    ] = None,
    futures: Annotated[int | None, typer.Option("--futures", metavar="N", min=20, help=_help("design_futures"))] = None,
    out: Out = None,
    workers: Workers = None,
    cluster: Cluster = None,
    lang: Lang = None,
    as_json: Json = False,
    trust: Trust = False,
) -> None:
    from zhiyu import planning, report
    from zhiyu.folder import default_out
    from zhiyu.report.design.summary import summary

    place = out or default_out(study)
    with progress(as_json) as listen:
        opened = _open(study, place, trust, listen, (workers, cluster))
        asked = planning.otherwise(opened.designing, budget, objective, futures)
        opened.choices = opened.choices.model_copy(update={"design": asked})
        found = opened.design()
        hashes = report.write_design(opened)
    locale = _locale(opened, lang)
    told = [summary(found, opened.title, locale, planning.beside(opened))]
    pages = [(place / name).resolve() for name in sorted(hashes) if name.endswith(".html")]
    told += [text("cli.open_with", locale, page=page, uri=page.as_uri()) for page in pages]
    told.append(text("cli.tables_in", locale, folder=(place / "tables").resolve()))
    rows = {name: json.loads(table.to_json(orient="records")) for name, table in found.tables().items()}
    say(as_json, rows | {"files": sorted(hashes)}, "\n\n".join(told))


@app.command("report", help=_help("report"))
def report_(
    study: StudyName,
    out: Out = None,
    workers: Workers = None,
    cluster: Cluster = None,
    lang: Lang = None,
    as_json: Json = False,
    trust: Trust = False,
) -> None:
    from zhiyu import report

    _do(study, out, (workers, cluster), lang, as_json, trust, report.write)


@app.command("run", help=_help("run"))
def run(
    study: StudyName,
    out: Out = None,
    workers: Workers = None,
    cluster: Cluster = None,
    lang: Lang = None,
    as_json: Json = False,
    trust: Trust = False,
) -> None:
    from zhiyu import report

    _do(study, out, (workers, cluster), lang, as_json, trust, report.write)


@app.command("show", help=_help("show"))
def show(
    what: Annotated[str, typer.Argument(metavar="WHAT", help=_help("show_what"))] = "studies",
    row: Annotated[str | None, typer.Argument(metavar="ID", help=_help("show_id"))] = None,
    lang: Lang = None,
    as_json: Json = False,
) -> None:
    from zhiyu import showing

    found = showing.rows(what, row)
    say(as_json, found, showing.as_text(found, speaks()))


@app.command("replay", help=_help("replay"))
def replay(
    manifest: Annotated[Path, typer.Argument(metavar="MANIFEST", help=_help("replay_manifest"))],
    lang: Lang = None,
    as_json: Json = False,
    trust: Trust = False,
) -> None:
    from zhiyu import replay as replaying
    from zhiyu import report

    spoken = replaying.read_manifest(manifest)["arguments"].get("locale")
    if spoken in LOCALES:
        in_language(as_locale(spoken))
    with tempfile.TemporaryDirectory(prefix="zhiyu-replay-") as folder, progress(as_json) as listen:
        result = replaying.replay(manifest, Path(folder), report.write, trust=trust, listen=listen)
    locale = speaks()
    lines = [text("cli.replay_different", locale, name=name) for name in result.different]
    lines += [text("cli.replay_version", locale, name=n, then=then, now=now) for n, then, now in result.versions]
    verdict = "cli.replay_identical" if result.identical else "cli.replay_failed"
    lines.append(text(verdict, locale, number=len(result.same), total=len(result.same) + len(result.different)))
    found = {"identical": result.identical, "same": result.same, "different": result.different}
    say(as_json, found, "\n".join(lines))
    if not result.identical:
        raise typer.Exit(DIFFERENT)


@app.callback(invoke_without_command=True)
def about(version: Annotated[bool, typer.Option("--version", help=_help("version"))] = False) -> None:
    if version:
        typer.echo(f"zhiyu {zhiyu.__version__}")
        raise typer.Exit


def main() -> None:
    """Entry point: refusals become messages, defects a file to send, never a traceback."""
    try:
        app(standalone_mode=True)
    except Refusal as refusal:
        typer.echo(refusal.text(speaks()), err=True)
        sys.exit(REFUSED)
    except KeyboardInterrupt:
        typer.echo(text("cli.interrupted", speaks()), err=True)
        sys.exit(INTERRUPTED)
    except Exception as defect:
        with tempfile.NamedTemporaryFile("w", prefix="zhiyu-", suffix=".log", delete=False, encoding="utf-8") as log:
            traceback.print_exc(file=log)
        typer.echo(text("cli.defect", speaks(), kind=type(defect).__name__, log=log.name), err=True)
        sys.exit(DEFECT)


def _found(look: Callable[[], object]) -> list[Finding]:
    """The findings of a look, if it gives any; a refusal that ends it is an error among them."""
    from zhiyu.data.check import Finding

    try:
        found = look()
        return found if isinstance(found, list) else []
    except Refusal as refusal:
        return [Finding(refusal.key, "error", refusal.message)]


def _open(
    study: str,
    out: Path | None,
    trust: bool,
    listen: Callable[[str], None],
    asked: tuple[int | None, str | None] = (None, None),
) -> Study:
    """The study; `asked` : workers and cluster that the command names in place of the study file's."""
    from zhiyu.folder import folder_of
    from zhiyu.study import Study

    spoken = spec.spoken_in(folder_of(study))
    if spoken is not None:
        in_language(spoken)
    opened = Study.open(study, out, trust=trust, listen=listen)
    named = dict(zip(("workers", "cluster"), asked, strict=True))
    opened.compute = opened.compute.model_copy(update={key: one for key, one in named.items() if one is not None})
    return opened


def _check_room(path: Path) -> None:
    """Refuses a file that could not be written, before the long work whose result it is for."""
    from zhiyu import store

    with store.writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with tempfile.TemporaryFile(dir=path.parent):
            pass


def _locale(study: Study, lang: str | None) -> Locale:
    return study.locale if lang is None else as_locale(lang)


def _do(
    name: str,
    out: Path | None,
    asked: tuple[int | None, str | None],
    lang: str | None,
    as_json: bool,
    trust: bool,
    write: Callable[[Study], dict[str, str]],
) -> None:
    """Open, compute, write, say where it is."""
    from zhiyu.folder import default_out

    place = out or default_out(name)
    with progress(as_json) as listen:
        study = _open(name, place, trust, listen, asked)
        hashes = write(study)
        manifest = study.write_manifest(hashes)
    locale = _locale(study, lang)
    pages = [str((place / f).resolve()) for f in sorted(hashes) if f.endswith(".html")]
    kept = all(done.kept for done in study.done.values())
    lines = [text("cli.unchanged" if kept else "cli.done", locale, title=study.title, seconds=f"{study.seconds:.1f}")]
    lines += [text("cli.open_with", locale, page=page, uri=Path(page).as_uri()) for page in pages]
    lines.append(text("cli.tables_in", locale, folder=(place / "tables").resolve()))
    lines.append(text("cli.manifest_in", locale, path=manifest.resolve()))
    if pages and study.choices.design is not None and not study.choices.report.design:
        lines.append(text("cli.design_waits", locale, study=study.name))
    say(
        as_json,
        {"study": study.name, "out": str(place), "files": sorted(hashes), "manifest": str(manifest)},
        "\n".join(lines),
    )
