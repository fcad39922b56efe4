"""What hindcast and forecast refuse: too few years, years that are not there, and arguments that are no such number."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
from refusals.call import Call
from support import small_panel

from zhiyu.simulate.hindcast import forecast, hindcast
from zhiyu.simulate.observe import Column, observe
from zhiyu.terms import Label

PANEL = small_panel({"gdp": np.ones((2, 3))}, range(2010, 2013))
SEEN = observe(PANEL, [Column("output", "gdp", "", None, Label("甲", "a"))])


def beyond(folder: Path) -> object:
    """A forecast from a year that the data do not reach."""
    (folder / "states.csv").write_text("state,formula\noutput,gdp\n", encoding="utf-8")
    choices = SimpleNamespace(simulate=SimpleNamespace(states="states.csv"))
    inputs = {"states.csv": folder / "states.csv"}
    study = SimpleNamespace(
        choices=choices, inputs=inputs, name="small", history=lambda: PANEL, neighbours=lambda: None
    )
    return forecast(study, until=2013)


HINDCAST_CALLS = [
    Call("hindcast_years", lambda _: hindcast(SEEN), "at least 4|2010-2012", "至少需要4年|2010-2012"),
    Call("argument_whole", lambda _: hindcast(SEEN, horizon=0), 'horizon is "0"|1 or more', "horizon为“0”|不小于 1"),
    Call("forecast_until", beyond, "until is 2013|end in 2012|horizon", "2013年|只到2012年|horizon"),
]
