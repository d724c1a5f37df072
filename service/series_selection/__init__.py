"""Which series are classified: rules as data, shared by everything that finds series rather than being handed them."""

from service.series_selection.facts import FACTS, SeriesFacts, facts_of, facts_of_file
from service.series_selection.rules import SelectionRules, Verdict, read_rules, select

__all__ = ["FACTS", "SelectionRules", "SeriesFacts", "Verdict", "facts_of", "facts_of_file", "read_rules", "select"]
