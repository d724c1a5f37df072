"""The card of a model file and its MODEL_CARD.md."""
