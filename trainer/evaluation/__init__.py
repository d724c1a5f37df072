"""Honest evaluation of a model file: every figure with its interval and beside its control."""
