"""The folder of a study: where it is, what it may name, and where its results go."""

from __future__ import annotations

from pathlib import Path

from zhiyu.spec import FILE
from zhiyu.terms import Place, Refusal, suggestion

BUNDLED = Path(__file__).parent / "studies"


def bundled() -> tuple[str, ...]:
    """Names of the studies that come with the package."""
    return tuple(sorted(path.parent.name for path in BUNDLED.glob(f"*/{FILE}")))


def inside(folder: Path, name: str, key: str) -> Path:
    """The path of a study's file, refused if it leads out of the study folder."""
    try:
        path = (folder / name).resolve()
        path.exists()
    except (OSError, ValueError, RuntimeError) as trouble:  # a name too long, a NUL in it, a circle of links
        raise Refusal("not_a_path", Place(file=FILE, key=key), name=name[:80]) from trouble
    if Path(name).is_absolute() or not path.is_relative_to(folder.resolve()):
        raise Refusal("path_escapes", Place(file=FILE, key=key), name=name)
    return path


def default_out(name_or_path: str | Path) -> Path:
    """Where results go unless said otherwise: out/NAME here for a bundled study, else out/ in the study's folder."""
    folder = folder_of(name_or_path)
    return Path("out") / folder.name if folder.parent == BUNDLED else folder / "out"


def folder_of(name_or_path: str | Path) -> Path:
    """The folder of a bundled study by name, or of a path to a folder or its study.toml."""
    path = Path(name_or_path)
    if path.name == FILE and path.is_file():
        return path.parent
    if (path / FILE).is_file():
        return path
    name = str(name_or_path)
    if name in bundled():
        return BUNDLED / name
    if path.is_dir():
        raise Refusal("no_study_file", Place(file=str(path)))
    raise Refusal("unknown_study", name=name, known=", ".join(bundled()), hint=suggestion(name, bundled()))
