"""How much alike two files are, and what their being alike means."""

from enum import IntEnum


class Level(IntEnum):
    """The strongest level that holds for a pair of files counts; a pair has one level.

    NEAR: dHash and pHash both within 4 of 64 bits, or thumbnails that correlate by at least 0.97. MIRRORED: the same
    after a flip or a turn by 180 degrees.
    """

    BYTES = 0
    PIXELS = 1
    NEAR = 2
    MIRRORED = 3


MIN_CORRELATION = 0.97
DESCRIPTIONS = {
    Level.BYTES: "same bytes",
    Level.PIXELS: "same pixels",
    Level.NEAR: "near",
    Level.MIRRORED: "near, mirrored or turned",
}
INSIDE_CLASS, ACROSS_CLASSES, ACROSS_SPLITS, ACROSS_SETS = range(4)
RELATIONS = ("inside a class", "across classes", "across splits", "across data sets")
"""A pair is inside a class or across two; beside that it may straddle splits, data sets, both or neither."""
