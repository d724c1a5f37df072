"""Several networks on the same folds, and the choice between them by a stated rule."""
