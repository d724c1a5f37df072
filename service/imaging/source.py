"""An opened file of one or more frames."""

from typing import Protocol

from service.errors import InvalidRequest
from service.imaging.picture import DicomFacts, Picture


class ImageSource(Protocol):
    """What every family of formats opens a file as."""

    @property
    def frames(self) -> int:
        """The number of frames; raises ProblemError where it cannot be found out."""

    def facts(self, frame: int = 0) -> DicomFacts | None:
        """Return what a DICOM header says of a frame that is there, before it is decoded; None of other formats."""

    def picture(self, frame: int = 0, target: int | None = None) -> Picture:
        """Decode one frame; raises InvalidRequest where there is none of that index, ProblemError where it is damaged.

        `target` is the edge length in pixels that the caller will resize to.
        """


def check_frame(frame: int, frames: int) -> None:
    """Raise InvalidRequest unless `frame` is the index of one of `frames` frames."""
    if 0 <= frame < frames:
        return
    count = "1 frame, number 0" if frames == 1 else f"{frames} frames, numbers 0 to {frames - 1}"
    raise InvalidRequest(f"There is no frame {frame}: the file holds {count}. Ask for one of these.")
