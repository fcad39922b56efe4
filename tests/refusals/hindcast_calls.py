"""What the hindcast refuses: years too few for a single origin."""

from __future__ import annotations

import numpy as np
from refusals.call import Call
from support import small_panel

from zhiyu.simulate.hindcast import hindcast
from zhiyu.simulate.observe import Column, observe
from zhiyu.terms import Label

PANEL = small_panel({"gdp": np.ones((2, 3))}, range(2010, 2013))
SEEN = observe(PANEL, [Column("output", "gdp", "", None, Label("甲", "a"))])

HINDCAST_CALLS = [Call("hindcast_years", lambda _: hindcast(SEEN), "at least 4|2010-2012", "至少需要4年|2010-2012")]
