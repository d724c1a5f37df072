"""How often a model refuses what is not a brain MRI, kind by kind, and what is."""
