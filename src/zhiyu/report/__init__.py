"""What to tell: tables, figures and the document, written beside each other so that one proves the other."""

from __future__ import annotations

from zhiyu.report import simulation
from zhiyu.report.design import page as plan_page
from zhiyu.report.document import document, tables
from zhiyu.report.material import Material, collect
from zhiyu.report.tables import table_files
from zhiyu.store import canonical
from zhiyu.study import Study

__all__ = ["Material", "collect", "document", "documents", "files", "tables", "write", "write_design", "write_tables"]


def write(study: Study) -> dict[str, str]:
    """Write a study's report, its simulation if it has one and its plan if it asks for one, into its `out` folder.

    Returns relative path -> SHA-256. Files that stand already are left.
    """
    if study.choices.simulate is not None:
        study.plan()  # a scenario that does not fit is refused before hours are spent
    material = collect(study)
    written = simulation.write(study) | (write_design(study) if study.choices.report.design else {})
    return written | study.write("report", lambda: render(material), _parts(study, material))


def write_design(study: Study) -> dict[str, str]:
    """Write a study's plan, found if it has not been: a page a language, and its tables."""
    return plan_page.write(study)


def write_tables(study: Study) -> dict[str, str]:
    """Write the tables of a study's report, without its documents."""
    material = collect(study)
    return study.write("tables", lambda: table_files(tables(material)), _parts(study, material))


def render(material: Material) -> dict[str, bytes]:
    """Every file of a report by its relative path: one document a language, every table as CSV and Parquet."""
    made = tables(material)
    pages = {f"report.{locale}.html": document(material, made, locale) for locale in material.choices.report.languages}
    return pages | table_files(made)


def _parts(study: Study, material: Material) -> list[str]:
    """All that a report is made from, for the cache to tell one from another."""
    chosen = canonical(study.choices.model_dump(mode="json"))
    return [study.key("measure"), chosen, material.text, material.name, canonical(dict(material.versions))]
