"""Where results go: the file of destinations, and what a destination is sent."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from service.dicom_node.settings import AeTitle
from service.dicomweb import DicomWebOptions
from service.errors import SettingsError
from service.series import Kind

VARIABLE = "SERVICE_NODE_DESTINATIONS"


class _Destination(BaseModel):
    """What every destination has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
    results: tuple[Kind, ...] = ("report", "secondary-capture")
    deidentified: bool = False


class DicomDestination(_Destination):
    """An archive that takes C-STORE; with `ca`, `cert` or `tls` over TLS."""

    protocol: Literal["dicom"]
    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=1, le=65535)]
    called_aet: AeTitle
    calling_aet: AeTitle | None = None
    timeout_s: Annotated[float, Field(gt=0, le=600)] = 30.0
    tls: bool = False
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    @property
    def uses_tls(self) -> bool:
        """Whether the association is over TLS, with the system's authorities unless `ca` names another."""
        return self.tls or bool(self.ca or self.cert)


class DicomWebDestination(_Destination):
    """An archive that takes STOW-RS."""

    protocol: Literal["dicomweb"]
    pacs: DicomWebOptions


DestinationOptions = DicomDestination | DicomWebDestination


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    destination: Annotated[
        tuple[Annotated[DestinationOptions, Field(discriminator="protocol")], ...], Field(min_length=1)
    ]


_FILE = TypeAdapter(_File)


def read_destinations(path: Path) -> tuple[DestinationOptions, ...]:
    """Read the TOML file; raises SettingsError, which names the file, the key and what is wrong with it."""
    try:
        destinations = _FILE.validate_python(tomllib.loads(path.read_text("utf-8"))).destination
    except OSError as error:
        raise SettingsError(f"{VARIABLE}={path}: cannot be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{VARIABLE}={path}: no TOML in UTF-8 ({error}).") from error
    except ValidationError as error:
        raise SettingsError(f"{VARIABLE}={path}: " + "; ".join(map(_line, error.errors())) + ".") from error
    names = [one.name for one in destinations]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise SettingsError(f"{VARIABLE}={path}: the name {repeated[0]!r} stands twice. Give each its own.")
    return destinations


def _line(fault: Any) -> str:
    return f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
