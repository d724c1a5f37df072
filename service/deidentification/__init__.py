"""Results without identity, for an archive of research (DICOM PS3.15 annex E)."""

from service.deidentification.burnt_in import without_burnt_in
from service.deidentification.profile import deidentified
from service.deidentification.pseudonyms import Pseudonyms, read_key

__all__ = ["Pseudonyms", "deidentified", "read_key", "without_burnt_in"]
