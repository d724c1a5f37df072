"""How the OpenAPI document describes a request whose body is one image."""

from typing import Any

from service.api.multipart import FIELD
from service.api.upload import RAW_TYPES
from service.errors import (
    DeadlineExceeded,
    InvalidRequest,
    MalformedRequest,
    NotReady,
    PayloadTooLarge,
    RequestTimedOut,
    UnsupportedFormat,
)

BINARY = {"schema": {"type": "string", "format": "binary"}}
FORMATS = "JPEG, PNG, BMP, TIFF, WebP, GIF, DICOM or NIfTI"
_FORM = {
    "type": "object",
    "required": [FIELD],
    "properties": {FIELD: {"type": "string", "format": "binary", "description": FORMATS}},
}
IMAGE_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {"schema": _FORM},
        "image/*": BINARY,
        **dict.fromkeys(RAW_TYPES, BINARY),
    },
}
IMAGE_PROBLEMS = (
    MalformedRequest,
    RequestTimedOut,
    PayloadTooLarge,
    UnsupportedFormat,
    InvalidRequest,
    NotReady,
    DeadlineExceeded,
)
"""What can be wrong with an image that is sent, one error for each status."""
