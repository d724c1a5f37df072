"""Ways to damage a file, and what must hold whatever comes of it."""

from hypothesis import strategies as st

from service.errors import ProblemError
from service.imaging import Limits, decode

LIMITS = Limits(max_pixels=250_000)

edits = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.sampled_from([0, 1, 4, 16]),
        st.one_of(st.binary(max_size=8), st.sampled_from([b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff"])),
    ),
    min_size=1,
    max_size=6,
)


def edited(data: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    """Replace, at each place (a share of the length), a few bytes by others."""
    for share, removed, inserted in changes:
        place = int(share * len(data))
        data = data[:place] + inserted + data[place + removed :]
    return data


def check(data: bytes, target: int | None = None, frame: int = 0) -> None:
    """A small 8-bit picture, or a problem with an explanation; nothing else."""
    try:
        picture = decode(data, LIMITS, target, frame)
    except ProblemError as problem:
        assert problem.detail
        return
    assert picture.image.mode in ("L", "RGB")
    assert 1 <= picture.image.width * picture.image.height <= LIMITS.max_pixels
    assert picture.frames > picture.frame == frame
