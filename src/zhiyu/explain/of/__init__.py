"""Labelled faces: a kernel's question put to an index or a panel, regions and years by name."""
