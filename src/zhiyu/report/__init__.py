"""What to tell: tables, figures and the document, written beside each other so that one proves the other."""

from __future__ import annotations

from zhiyu.report.document import document, tables
from zhiyu.report.material import Material, collect
from zhiyu.store import canonical
from zhiyu.study import Study

__all__ = ["Material", "collect", "document", "render", "tables", "write"]


def write(study: Study) -> dict[str, str]:
    """Write the report of a study into its `out` folder; relative path -> SHA-256. Files that stand already are left."""
    material = collect(study)
    parts = [
        study.key("measure"),
        canonical(study.choices.model_dump(mode="json")),
        material.text,
        material.name,
        canonical(dict(material.versions)),
    ]
    return study.write("report", lambda: render(material), parts)


def render(material: Material) -> dict[str, bytes]:
    """Every file of a report by its relative path: one document a language, every table as CSV and Parquet."""
    made = tables(material)
    files = {f"report.{locale}.html": document(material, made, locale) for locale in material.choices.report.languages}
    for table in made.values():
        files[f"tables/{table.id}.csv"] = table.csv()
        files[f"tables/{table.id}.parquet"] = table.parquet()
    return files
