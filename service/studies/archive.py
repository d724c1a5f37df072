"""The archive that the settings name."""

from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from pydantic import ValidationError

from service.dicomweb import ArchiveSession, DicomWebOptions, QidoUser, StowUser, WadoUser
from service.errors import SettingsError
from service.settings import Settings, variable

_PREFIX = "dicomweb_"


@dataclass(frozen=True)
class Archive:
    """What searches, retrieves and stores; of one thread, until the block of its `with` ends."""

    qido: QidoUser
    wado: WadoUser
    stow: StowUser
    session: ArchiveSession

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.close()


def archive_options(settings: Settings) -> DicomWebOptions:
    """Return where the archive is and how this caller shows who it is; raises SettingsError naming the variables."""
    given = {
        name: value
        for name in DicomWebOptions.model_fields
        if (value := getattr(settings, _PREFIX + name)) not in (None, "")
    }
    try:
        return DicomWebOptions.model_validate(given)
    except ValidationError as error:
        raise SettingsError("; ".join(map(_line, error.errors())) + ". Correct it (see --help).") from error


def open_archive(options: DicomWebOptions) -> Archive:
    """Return the archive; it is not called yet."""
    session = ArchiveSession(options)
    return Archive(QidoUser(session), WadoUser(session), StowUser(session), session)


def _line(fault: Any) -> str:
    name = variable(_PREFIX + str(fault["loc"][0])) if fault["loc"] else variable(_PREFIX) + "*"
    return f"{name}: {fault['msg'].removeprefix('Value error, ')}"
