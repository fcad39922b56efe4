"""What to do about it: portfolios of measures that hold up under uncertainty."""
