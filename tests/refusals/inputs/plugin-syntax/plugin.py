"""Holds what is not Python."""

exec("def broken(:")
