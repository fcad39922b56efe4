"""A study's own method."""

import numpy as np

from zhiyu.methods import method


@method("normalise", "zscore", zh="标准分", en="z-score")
def zscore(x, reference):
    return (x - np.nanmean(reference, axis=0)) / np.nanstd(reference, axis=0)
