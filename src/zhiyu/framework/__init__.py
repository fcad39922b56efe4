"""What we mean: the paper as tables that users can edit, and the tree of indicators that a study measures."""

from zhiyu.framework.framework import Framework, Rows, load, of_rows

__all__ = ["Framework", "Rows", "load", "of_rows"]
