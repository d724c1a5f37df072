"""A service that pulls from a real archive."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from pydicom import dcmread

from service.runtime import Runtime
from tests.orthanc import PASSWORD, USER, Orthanc
from tests.service.reports.scans import MODEL
from tests.serving import serve, settings_for


def archive_settings(pacs: Orthanc, folder: Path, **changes: Any) -> dict[str, Any]:
    """Return the settings that name the archive."""
    secret = folder / "archive-password"
    secret.write_text(PASSWORD)
    return {"dicomweb_url": pacs.dicom_web, "dicomweb_user": USER, "dicomweb_password_file": secret, **changes}


@contextmanager
def pulling_service(pacs: Orthanc, folder: Path, **changes: Any) -> Iterator[tuple[httpx.Client, Runtime]]:
    """Serve the default model beside an archive."""
    with serve(settings_for(MODEL, **archive_settings(pacs, folder, **changes))) as served:
        yield served


def study_of(data: bytes) -> str:
    """Return the StudyInstanceUID of a file."""
    return str(dcmread(io.BytesIO(data)).StudyInstanceUID)
