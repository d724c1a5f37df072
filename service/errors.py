"""The error tree of the service.

ServiceError
├── SettingsError             a setting is not what the service accepts (exit code 2)
├── ModelFileError            the model file is missing, foreign or contradicts its card (exit code 2)
├── ClientError               the command-line client cannot read its files or reach its server (exit code 2)
├── PeerError                 an archive has not taken, or not given, an object
│   ├── PeerUnavailable       it may later: it is down, busy, or does not let this caller in yet
│   ├── PeerRefused           it will not, however often it is asked
│   │   └── PeerTooLarge      what it gives has more bytes than are taken
│   └── PeerLacks             it does not have what it was asked for
└── ProblemError              becomes an RFC 9457 problem
    ├── MalformedRequest      400
    ├── Unauthenticated       401
    ├── Forbidden             403
    ├── StudyNotFound         404
    ├── NotAcceptable         406
    ├── RequestTimedOut       408
    ├── PayloadTooLarge       413
    ├── TooManyPixels         413
    ├── UnsupportedFormat     415
    ├── InvalidRequest        422
    ├── FrameRequired         422
    ├── NotABrainMri          422
    ├── UnreadableImage       422
    ├── BlankImage            422
    ├── OutOfDistribution     422
    ├── NotReportable         422
    ├── TooManyRequests       429
    ├── ArchiveFailed         502
    ├── QueueFull             503
    ├── NotReady              503
    ├── IssuerUnavailable     503
    ├── AuditUnavailable      503
    └── DeadlineExceeded      504
"""

from collections.abc import Mapping
from typing import ClassVar

UNEXPECTED_ERROR = "unexpected-error"
"""What an error nobody expected is called where a ProblemError has its code."""


class ServiceError(Exception):
    """Base of every error that the service raises on purpose."""


class SettingsError(ServiceError):
    """An environment variable is not what the service accepts; the message names the variable."""


class ModelFileError(ServiceError):
    """The model file cannot be served; the message names the file and what is wrong with it."""


class ClientError(ServiceError):
    """The command-line client cannot go on; the message names the option, the file or the server, and the cause."""


class PeerError(ServiceError):
    """An archive has not done what it was asked; the message says why, and repeats nothing that it has sent."""


class PeerUnavailable(PeerError):
    """It may do it later."""


class PeerRefused(PeerError):
    """It will not do it, however often it is asked."""


class PeerTooLarge(PeerRefused):
    """What it gives has more bytes than are taken."""


class PeerLacks(PeerError):
    """It does not have what it was asked for."""


class ProblemError(ServiceError):
    """An error a client can read: `detail` names the cause and the remedy.

    `extensions` become further members of the problem object (RFC 9457 section 3.2), `headers` go into the answer.
    """

    status: ClassVar[int]
    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(
        self,
        detail: str,
        *,
        retry_after_s: int | None = None,
        extensions: Mapping[str, float] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.extensions = dict(extensions or {})
        self.headers = dict(headers or {})


class MalformedRequest(ProblemError):
    """The request carries no image or its multipart framing is broken."""

    status, code, title = 400, "malformed-request", "Malformed request"


class Unauthenticated(ProblemError):
    """The request carries no API key or token, or one that is not accepted."""

    status, code, title = 401, "unauthenticated", "Not authenticated"


class Forbidden(ProblemError):
    """The caller is known, but may not use this service."""

    status, code, title = 403, "forbidden", "Not allowed"


class StudyNotFound(ProblemError):
    """The archive has no study of that UID."""

    status, code, title = 404, "study-not-found", "No such study"


class NotAcceptable(ProblemError):
    """None of the media types that the request accepts can be sent."""

    status, code, title = 406, "not-acceptable", "Not acceptable"


class RequestTimedOut(ProblemError):
    """The body did not arrive before the deadline."""

    status, code, title = 408, "request-timed-out", "Request body arrived too slowly"


class PayloadTooLarge(ProblemError):
    """The body has more bytes than the service accepts."""

    status, code, title = 413, "payload-too-large", "Payload too large"


class TooManyPixels(ProblemError):
    """The image header announces more pixels than the service decodes."""

    status, code, title = 413, "too-many-pixels", "Too many pixels"


class UnsupportedFormat(ProblemError):
    """The content is not one of the supported image formats."""

    status, code, title = 415, "unsupported-format", "Unsupported image format"


class InvalidRequest(ProblemError):
    """The request is well formed, but a field or a parameter is not what the service expects."""

    status, code, title = 422, "invalid-request", "Invalid request"


class FrameRequired(ProblemError):
    """The object holds several frames, and the request does not say which one is meant."""

    status, code, title = 422, "frame-required", "Frame required"


class NotABrainMri(ProblemError):
    """The DICOM header says that the image is no brain MRI, or no diagnostic image of one."""

    status, code, title = 422, "not-a-brain-mri", "Not a brain MRI by its header"


class UnreadableImage(ProblemError):
    """The format is known, but the content is truncated, corrupt or empty."""

    status, code, title = 422, "unreadable-image", "Unreadable image"


class BlankImage(ProblemError):
    """The image shows nothing: all its pixels are nearly the same."""

    status, code, title = 422, "blank-image", "Blank image"


class OutOfDistribution(ProblemError):
    """The image is unlike everything the model was trained on."""

    status, code, title = 422, "out-of-distribution", "Image outside the training distribution"


class NotReportable(ProblemError):
    """The images cannot be reported as the object that is asked for."""

    status, code, title = 422, "not-reportable", "Not reportable"


class TooManyRequests(ProblemError):
    """The caller has sent more requests than its rate allows."""

    status, code, title = 429, "too-many-requests", "Too many requests"


class ArchiveFailed(ProblemError):
    """The archive cannot be reached, or does not give or take what it is asked for."""

    status, code, title = 502, "archive-failed", "Archive failed"


class QueueFull(ProblemError):
    """All workers are busy and the waiting queue is full."""

    status, code, title = 503, "queue-full", "Service is at capacity"


class NotReady(ProblemError):
    """The service is starting or draining."""

    status, code, title = 503, "not-ready", "Service is not ready"


class IssuerUnavailable(ProblemError):
    """The keys of the token's issuer cannot be fetched, so that no token can be checked."""

    status, code, title = 503, "issuer-unavailable", "Token issuer is not reachable"


class AuditUnavailable(ProblemError):
    """The audit log cannot be written, and this service answers nothing that it cannot log."""

    status, code, title = 503, "audit-unavailable", "Audit log cannot be written"


class DeadlineExceeded(ProblemError):
    """Queueing and computing took longer than the deadline."""

    status, code, title = 504, "deadline-exceeded", "Deadline exceeded"
