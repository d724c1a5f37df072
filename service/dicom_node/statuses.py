"""The status of a C-STORE response (DICOM PS3.4 annex B.2.3); the conformance statement lists these and no others."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """`reason` names it in metrics and logs, `comment` is the Error Comment (0000,0902), 64 characters at most."""

    code: int
    reason: str
    comment: str = ""


SUCCESS = Status(0x0000, "received")
REPEATED = Status(0x0000, "repeated")
"""An object that is already here: nothing changes, and the sender need not know."""
SPOOL_FULL = Status(0xA700, "spool-full", "The spool is full. Send again later.")
DISK_FULL = Status(0xA700, "disk-full", "The disk cannot be written. Send again later.")
MISMATCH = Status(0xA900, "mismatch", "SOP class or instance differs between command and data set.")
UNREADABLE = Status(0xC000, "unreadable", "The data set or its pixel data is damaged or truncated.")
NOT_AN_IMAGE = Status(0xC001, "no-image", "The object holds no image that can be decoded.")
TOO_LARGE = Status(0xC002, "too-large", "The image has more pixels than this node decodes.")
NOT_REPORTABLE = Status(0xC003, "not-reportable", "UIDs are missing or invalid: no result can refer to it.")
FAILED = Status(0xC0FF, "unexpected-error", "The node failed on this object; see its log.")

TABLE = tuple(value for value in list(globals().values()) if isinstance(value, Status))


class StoreRefused(Exception):
    """An object is not taken; the sender keeps it and learns why."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.reason)
        self.status = status
