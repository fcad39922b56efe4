"""Fails as soon as it is read."""

raise ZeroDivisionError("division by zero")
