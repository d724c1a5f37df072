"""Which images train, validate and test: groups, hold-out, folds, ordered series."""
