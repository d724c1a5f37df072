"""Small files of every format for the benchmarks; those of the tests, for they must not differ."""

from tests.service.whole_files import whole_files


def corpus() -> dict[str, bytes]:
    """Return sound files by name."""
    return whole_files()


def good_files() -> dict[str, bytes]:
    """Return a synthetic slice in the formats that scans come in most."""
    from service.phantom import brain_slice
    from tests.pictures import encode
    from tests.service.imaging.dicom.objects import dicom

    pixels = brain_slice(0, "glioma", 512)
    return {"JPEG": encode(pixels, "JPEG"), "PNG": encode(pixels), "DICOM": dicom(pixels.astype("u2") * 16)}


def bad_files() -> dict[str, tuple[bytes, int]]:
    """Return files that are refused, with the status of the answer."""
    from tests.pictures import blank, encode, oversized_png, truncated_jpeg

    return {
        "truncated JPEG": (truncated_jpeg(), 422),
        "text": (b"Dear colleague, please find the scan attached." * 20, 415),
        "900 million pixels": (oversized_png(), 413),
        "blank": (encode(blank()), 422),
        "broken DICOM": (bytes(128) + b"DICM" + b"\xff" * 200, 422),
    }
