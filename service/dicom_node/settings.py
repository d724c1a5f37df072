"""The settings of the DICOM node, environment variables `SERVICE_NODE_*` beside those of the service."""

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from service.errors import SettingsError
from service.settings import NODE_PREFIX

GIB = 1024**3
ANYBODY = "any"

AeTitle = Annotated[str, Field(pattern=r"^[!-\[\]-~]([ -\[\]-~]{0,14}[!-\[\]-~])?$")]
"""1 to 16 characters of ASCII without backslash and outer spaces (PS3.5 section 6.2, VR AE)."""


def _listed(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class NodeSettings(BaseSettings):
    """What an operator can set. Raises pydantic's ValidationError; `read_node_settings` says it in a line."""

    model_config = SettingsConfigDict(env_prefix=NODE_PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    destinations: Annotated[Path, Field(description="TOML file of where results go; see docs/hospital.md")]
    spool: Annotated[Path, Field(description="folder on a durable disk that keeps what was received and not delivered")]
    ae_title: Annotated[AeTitle, Field(description="AE title of this node; calls to another are rejected")] = "BRAINMRI"
    host: Annotated[str, Field(min_length=1, description="address to listen on; 0.0.0.0 is every interface")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Field(ge=0, le=65535, description="TCP port of the DICOM listener; 0 takes a free one")] = (
        11112
    )
    callers: Annotated[
        tuple[AeTitle, ...],
        NoDecode,
        BeforeValidator(_listed),
        Field(description="AE titles that may call, separated by commas; `any` beyond loopback must be said"),
    ] = ()
    networks: Annotated[
        tuple[IPv4Network | IPv6Network, ...],
        NoDecode,
        BeforeValidator(_listed),
        Field(description="networks that may call, such as 10.1.0.0/16; empty is everywhere"),
    ] = ()
    tls_cert: Annotated[Path | None, Field(description="PEM certificate: DICOM over TLS only")] = None
    tls_key: Annotated[Path | None, Field(description="its PEM key, unless the certificate's file holds it")] = None
    tls_client_ca: Annotated[Path | None, Field(description="PEM authority: callers must show a certificate of it")] = (
        None
    )
    max_associations: Annotated[int, Field(ge=1, le=500, description="associations at once; more are rejected")] = 16
    max_pdu: Annotated[int, Field(ge=4096, le=1024**2, description="bytes of one PDU that callers may send")] = 131_072
    idle_s: Annotated[float, Field(gt=0, le=3600, description="seconds after which a silent association is ended")] = 60
    spool_bytes: Annotated[int, Field(ge=1024**2, description="bytes of received objects; more are refused (A700)")] = (
        10 * GIB
    )
    quiet_s: Annotated[
        float, Field(gt=0, le=3600, description="seconds without a new image, and without an association, to a result")
    ] = 10
    captures: Annotated[int, Field(ge=0, le=50, description="secondary captures of a series, the most suspicious")] = 3
    keep_s: Annotated[
        float, Field(ge=0, description="seconds for which a delivered series is kept, so that late images join it")
    ] = 3600
    give_up_s: Annotated[
        float, Field(gt=0, description="seconds after which a result that cannot be delivered is a dead letter")
    ] = 3 * 86_400
    selection: Annotated[
        Path | None, Field(description="TOML file of which series are classified; unset: brain MRI by its header")
    ] = None
    pseudonym_key_file: Annotated[
        Path | None, Field(description="file of the key for destinations without identity (`openssl rand -hex 32`)")
    ] = None
    http_host: Annotated[str, Field(min_length=1, description="address of /health and /metrics")] = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535, description="port of /health and /metrics")] = 8001

    @model_validator(mode="after")
    def _known_callers(self) -> Self:
        if not (self.callers or self.networks or self.is_private):
            raise ValueError(
                f"{NODE_PREFIX}HOST listens beyond this machine. Say who may call with {NODE_PREFIX}CALLERS or "
                f"{NODE_PREFIX}NETWORKS, or say {NODE_PREFIX}CALLERS={ANYBODY}"
            )
        return self

    @property
    def is_private(self) -> bool:
        """Whether the listener can be reached from this machine only."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def known_callers(self) -> tuple[str, ...]:
        """The AE titles that may call; empty where everybody may."""
        return () if ANYBODY in self.callers else self.callers


def read_node_settings(**overrides: Any) -> NodeSettings:
    """Read the environment; `overrides` win. Raises SettingsError naming each bad variable in one line."""
    try:
        return NodeSettings(**overrides)
    except ValidationError as error:
        raise SettingsError("; ".join(map(_line, error.errors())) + ". Correct it (see --help).") from error


def unknown_node_settings(environ: Mapping[str, str]) -> list[str]:
    """Return variables that look like settings of the node but are none."""
    known = {NODE_PREFIX + name.upper() for name in NodeSettings.model_fields}
    return sorted(name for name in environ if name.upper().startswith(NODE_PREFIX) and name.upper() not in known)


def describe_node_settings() -> str:
    """Return one line per setting: variable, default, meaning."""
    return "\n".join(
        f"  {NODE_PREFIX + name.upper():<30} {_default(name):<12} {field.description}"
        for name, field in NodeSettings.model_fields.items()
    )


def _default(name: str) -> str:
    field = NodeSettings.model_fields[name]
    return "required" if field.is_required() else "-" if field.default in (None, ()) else str(field.default)


def _line(fault: Any) -> str:
    if not fault["loc"]:
        return str(fault["msg"]).removeprefix("Value error, ")
    name = f"{NODE_PREFIX}{str(fault['loc'][0]).upper()}"
    if fault["type"] == "missing":
        return f"{name} is not set"
    return f"{name}={str(fault['input'])[:80]!r}: {fault['msg']}"
