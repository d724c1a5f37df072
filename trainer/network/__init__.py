"""The network that is trained, from augmentation to logits."""
