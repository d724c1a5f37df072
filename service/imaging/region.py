"""The part of a picture that the model sees."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Region:
    """A rectangle in fractions of a picture's width and height, so that it holds for the picture at any scale."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0

    def box(self, size: tuple[int, int]) -> tuple[float, float, float, float]:
        """Return left, top, right, bottom in pixels of a picture of `size` (width, height)."""
        width, height = size
        return self.left * width, self.top * height, self.right * width, self.bottom * height


WHOLE = Region()
