"""The audit log: who asked about which bytes, and what which model answered. No patient datum, no file name."""

from service.audit.auditor import Auditor, build_auditor
from service.audit.note import ANSWERED, Asker, ImageNote

__all__ = ["ANSWERED", "Asker", "Auditor", "ImageNote", "build_auditor"]
