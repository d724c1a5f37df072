"""Train, check and export brain-MRI classifiers. Research use only."""
