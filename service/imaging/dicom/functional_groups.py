"""What an enhanced object says of each of its frames (PS3.3 section C.7.6.16)."""

from dataclasses import dataclass

from service.imaging.dicom.header import Header


@dataclass(frozen=True)
class FunctionalGroups:
    """The groups that all frames share, and those of each frame; both may be empty."""

    shared: tuple[Header, ...]
    per_frame: tuple[Header, ...]

    def macro(self, keyword: str, frame: int) -> Header | None:
        """Return the one item of a functional group for a frame: its own, or else the shared one."""
        own = self.per_frame[frame : frame + 1]
        for group in (*own, *self.shared[:1]):
            if items := group.items(keyword):
                return items[0]
        return None


def read_functional_groups(header: Header) -> FunctionalGroups:
    """Split the two sequences into their items, which are read when they are asked for."""
    return FunctionalGroups(
        tuple(header.items("SharedFunctionalGroupsSequence")), tuple(header.items("PerFrameFunctionalGroupsSequence"))
    )
