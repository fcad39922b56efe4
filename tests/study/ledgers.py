"""A study that puts a user's own claims to its data, and its ledger, by one process or by many."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from zhiyu import Study
from zhiyu.explain.of.claims import Ledger
from zhiyu.folder import BUNDLED
from zhiyu.spec import Compute

FIGURES = ("words", "effect", "low", "high", "shares", "picks")
OWN = """id,zh,en,outcome,driver,controls,effects,sign,form,lag
M1,上网带动网购,online people shop online,i3b2,i1b1,own,two-way;trend,+,level;growth,0;1;2
M/2,网速带动普及,speed brings people online,i2a1,i2a2,,two-way;trend,+,level;log,0;1
"""
WAYS = """choice,value,detail,zh,en
form,level,,原值,level
form,log,,对数,log
form,growth,,增量,growth
lag,0,,同年,same year
lag,1,,滞后一年,a year late
lag,2,,滞后两年,two years late
effects,two-way,,双向,two-way
effects,trend,,趋势,trends
winsorise,none,,不缩尾,none
winsorise,some,0.02,缩尾2%,at 2%
leave_out,nobody,,全部,all
leave_out,smallest,LU MT,不含卢森堡与马耳他,without the smallest
leave_out,Greece,EL,不含希腊,without Greece
"""


def europe(folder: Path) -> Path:
    """A copy of a bundled study that puts two claims of a user's own to its data, in a few hundred ways."""
    shutil.copytree(BUNDLED / "europe-desi", folder)
    (folder / "mine.csv").write_text(OWN, encoding="utf-8")
    (folder / "ways.csv").write_text(WAYS, encoding="utf-8")
    with (folder / "study.toml").open("a", encoding="utf-8") as file:
        file.write('\n[explain]\nquestions = ["claims"]\nclaims = "mine.csv"\nmultiverse = "ways.csv"\n')
        file.write("specifications = 64\n")
    return folder


def ledger(folder: Path, out: Path | None = None, **compute: object) -> Ledger:
    found = Study.open(folder, out, compute=Compute.model_validate(compute)).explain()
    assert isinstance(found.ledger, Ledger), found.silent
    return found.ledger


def assert_same(one: Ledger, other: Ledger) -> None:
    assert one.claims.equals(other.claims)
    for a, b in zip(one.verdicts, other.verdicts, strict=True):
        for figure in FIGURES:
            np.testing.assert_array_equal(getattr(a.agreement, figure), getattr(b.agreement, figure), strict=True)
