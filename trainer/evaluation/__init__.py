"""Honest evaluation of a model file: every figure with its interval and beside its control."""

from trainer.evaluation.predictions import Predictions, predict
from trainer.evaluation.scores import evaluate

__all__ = ["Predictions", "evaluate", "predict"]
