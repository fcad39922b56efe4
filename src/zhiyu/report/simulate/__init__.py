"""What follows if: the model's skill, its coefficients, and what scenarios change, in the report."""
