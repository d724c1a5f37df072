"""Folds that are drawn once, and ordinary training runs on them: what a comparison and a cross-validation share."""
