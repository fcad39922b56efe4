"""The scale that all scenarios of one outcome share."""

import numpy as np
import pytest

from zhiyu.report.simulate.scenarios import _span


def test_it_holds_zero_and_every_value_with_room():
    for values in ([[1.0, 2.0], [4.0, np.nan]], [[-3.0, -1.0]], [[-2.0, 5.0]]):
        low, high = _span(np.array(values))
        assert low < min(0.0, np.nanmin(values))
        assert high > max(0.0, np.nanmax(values))
    assert _span(np.array([0.0, 10.0])) == pytest.approx((-0.6, 10.6))


def test_where_nothing_moves_there_is_a_scale_nevertheless():
    assert _span(np.zeros(3)) == (-1.0, 1.0)
    assert _span(np.full(3, np.nan)) == (-1.0, 1.0)
