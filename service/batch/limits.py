"""How much one batch may ask for, and how much of it is left."""

from dataclasses import dataclass

from service.errors import PayloadTooLarge
from service.settings import Settings

_INFLATION = 5


@dataclass(frozen=True)
class BatchLimits:
    """Bounds of one batch.

    `max_bytes` counts all that is sent, `max_file_bytes` one file once it is out of its ZIP, `max_images` the frames of
    all files and the files that could not be opened. `image_s` is the time in seconds for each image, waiting included;
    `drain_s` for how long a batch goes on once the service shuts down.
    """

    max_bytes: int
    max_file_bytes: int
    max_images: int
    image_s: float
    drain_s: float

    @property
    def max_inflated_bytes(self) -> int:
        """What all the files in the ZIPs of a batch may hold together: five times what may be sent."""
        return _INFLATION * self.max_bytes


def batch_limits(settings: Settings) -> BatchLimits:
    """Return the bounds of a batch that the settings say; it gives way to a shutdown after half a deadline."""
    return BatchLimits(
        max_bytes=settings.max_batch_bytes,
        max_file_bytes=settings.max_bytes,
        max_images=settings.max_batch_images,
        image_s=settings.deadline_s,
        drain_s=settings.deadline_s / 2,
    )


class Budget:
    """What a batch has left of its limits."""

    def __init__(self, limits: BatchLimits) -> None:
        self.limits = limits
        self.images = limits.max_images
        self._inflated = limits.max_inflated_bytes

    def check_images(self) -> None:
        """Raise PayloadTooLarge where no image is left."""
        if self.images < 1:
            raise too_many_images(self.limits.max_images)

    def take_images(self, count: int) -> None:
        """Count the frames of a file; raises PayloadTooLarge, and takes none, where they are more than are left."""
        if count > self.images:
            raise too_many_images(self.limits.max_images)
        self.images -= count

    def take_refusal(self) -> None:
        """Count a file that was not opened."""
        self.images = max(self.images - 1, 0)

    def take_inflated(self, size: int) -> None:
        """Count the bytes of a ZIP entry before it is inflated; raises PayloadTooLarge."""
        if size > self._inflated:
            raise PayloadTooLarge(
                f"The files in the ZIPs of a batch may hold {self.limits.max_inflated_bytes} bytes together. Send them "
                "in several requests, or raise SERVICE_MAX_BATCH_BYTES on the server."
            )
        self._inflated -= size


def file_too_large(max_bytes: int) -> PayloadTooLarge:
    """Refuse one file of a batch."""
    return PayloadTooLarge(
        f"The file has more than {max_bytes} bytes. Send a smaller one, or raise SERVICE_MAX_BYTES on the server."
    )


def too_many_images(max_images: int) -> PayloadTooLarge:
    """Refuse what would be more images than a batch may hold."""
    return PayloadTooLarge(
        f"A batch may hold {max_images} images; with these there would be more. Send them in several requests, or "
        "raise SERVICE_MAX_BATCH_IMAGES on the server."
    )
