"""DICOM objects of any pixel format, made with pydicom."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import imagecodecs
import numpy as np
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filewriter import dcmwrite
from pydicom.pixels.encoders import RLELosslessEncoder
from pydicom.uid import UID

NATIVE = (
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
)


def dataset(pixels: np.ndarray, *, frames: int | None = None, **elements: Any) -> Dataset:
    """Return a data set that describes `pixels`: `[rows, columns]`, with samples last, with frames first if `frames`.

    `elements` are set last; None removes an element.
    """
    shape = pixels.shape if frames is None else pixels.shape[1:]
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID, made.Modality = uid.MRImageStorage, "1.2.3.4", "MR"
    made.Rows, made.Columns = shape[:2]
    made.SamplesPerPixel = 1 if len(shape) == 2 else shape[2]
    made.PhotometricInterpretation = "MONOCHROME2" if len(shape) == 2 else "RGB"
    if len(shape) == 3:
        made.PlanarConfiguration = 0
    if frames is not None:
        made.NumberOfFrames = frames
    bits = pixels.dtype.itemsize * 8
    made.BitsAllocated, made.BitsStored, made.HighBit = bits, bits, bits - 1
    made.PixelRepresentation = int(pixels.dtype.kind == "i")
    for keyword, value in elements.items():
        if value is None:
            made.pop(keyword, None)
        else:
            setattr(made, keyword, value)
    return made


def dicom(
    pixels: np.ndarray,
    syntax: UID = uid.ExplicitVRLittleEndian,
    *,
    frames: int | None = None,
    data: bytes | None = None,
    preamble: bool = True,
    **elements: Any,
) -> bytes:
    """Return a file of `pixels`; `data` replaces the value of the pixel data element."""
    made = dataset(pixels, frames=frames, **elements)
    if data is None:
        data = native(pixels, syntax)
    made.PixelData = data + b"\0" * (len(data) % 2)
    made["PixelData"].VR = "OW" if syntax in NATIVE else "OB"
    made["PixelData"].is_undefined_length = syntax not in NATIVE
    return written(made, syntax, preamble)


def native(pixels: np.ndarray, syntax: UID) -> bytes:
    """Return the bytes of pixels that are not compressed; 8-bit ones in words of that byte order (OW)."""
    little_endian = syntax != uid.ExplicitVRBigEndian
    values = pixels.astype(pixels.dtype.newbyteorder("<" if little_endian else ">")).tobytes()
    if little_endian or pixels.dtype.itemsize > 1:
        return values
    return np.frombuffer(values + b"\0" * (len(values) % 2), "<u2").astype(">u2").tobytes()


def written(made: Dataset, syntax: UID = uid.ExplicitVRLittleEndian, preamble: bool = True) -> bytes:
    """Return the file; without the preamble it starts with its first element."""
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = syntax
    made.file_meta.MediaStorageSOPClassUID = uid.MRImageStorage
    made.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    file = io.BytesIO()
    if syntax in NATIVE:
        dcmwrite(file, made, enforce_file_format=True)
    else:  # pydicom must be told how private and newer transfer syntaxes are encoded
        dcmwrite(file, made, enforce_file_format=True, implicit_vr=False, little_endian=True)
    return file.getvalue() if preamble else file.getvalue()[132:]


def compressed(
    frames: Sequence[np.ndarray], syntax: UID, encoder: Callable[[np.ndarray], bytes], **elements: Any
) -> bytes:
    """Return an object of compressed frames."""
    stack = np.stack(frames)
    count = len(frames) if len(frames) > 1 else None
    data = encapsulate([encoder(frame) for frame in frames], has_bot=elements.pop("has_bot", True))
    return dicom(stack if count else frames[0], syntax, frames=count, data=data, **elements)


def rle(frame: np.ndarray) -> bytes:
    """Encode with pydicom's own encoder."""
    return RLELosslessEncoder.encode(
        frame.tobytes(),
        rows=frame.shape[0],
        columns=frame.shape[1],
        number_of_frames=1,
        samples_per_pixel=1 if frame.ndim == 2 else frame.shape[2],
        bits_allocated=frame.dtype.itemsize * 8,
        bits_stored=frame.dtype.itemsize * 8,
        pixel_representation=int(frame.dtype.kind == "i"),
        photometric_interpretation="MONOCHROME2" if frame.ndim == 2 else "RGB",
        planar_configuration=0,
        encoding_plugin="pydicom",
    )


def unsigned(frame: np.ndarray) -> np.ndarray:
    """Return the bits of the values, as codecs without a sign take them."""
    return frame.view(f"u{frame.dtype.itemsize}")


def jpeg_lossless(frame: np.ndarray) -> bytes:
    """JPEG process 14, selection value 1."""
    bits = frame.dtype.itemsize * 8
    return imagecodecs.jpeg8_encode(unsigned(frame), lossless=True, predictor=1, bitspersample=bits)


def jpeg_ls(frame: np.ndarray) -> bytes:
    return imagecodecs.jpegls_encode(unsigned(frame))


def jpeg_2000(frame: np.ndarray) -> bytes:
    return imagecodecs.jpeg2k_encode(frame, level=0, reversible=True, codecformat="j2k")


LOSSLESS = {
    "RLE": (uid.RLELossless, rle),
    "JPEG process 14": (uid.JPEGLossless, jpeg_lossless),
    "JPEG process 14 SV1": (uid.JPEGLosslessSV1, jpeg_lossless),
    "JPEG-LS": (uid.JPEGLSLossless, jpeg_ls),
    "JPEG 2000": (uid.JPEG2000Lossless, jpeg_2000),
}


def ramp(rows: int = 12, columns: int = 16, dtype: str = "u2", low: int = 0, high: int = 4095) -> np.ndarray:
    """Return values from `low` to `high`, row by row, without any symmetry."""
    return np.linspace(low, high, rows * columns).round().astype(dtype).reshape(rows, columns)


def shown(pixels: np.ndarray) -> np.ndarray:
    """Return what must be seen without a window: 8 bits as they are, more from minimum to maximum."""
    values = pixels.astype(np.float64)
    return np.rint((values - values.min()) * (255 / (values.max() - values.min()))).astype(np.uint8)
