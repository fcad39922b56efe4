"""Speeds as ratios to a named peer or a plain reference, both measured in one run; never timed tests."""
