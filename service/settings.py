"""The settings of the service, read from environment variables `SERVICE_*`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from service.cpu import usable_cores
from service.errors import SettingsError

ENV_PREFIX = "SERVICE_"
NODE_PREFIX = "SERVICE_NODE_"
"""Settings of the DICOM node, another process, which may stand in the same environment."""
PILLOW_MAX_PIXELS = 178_956_970  # beyond twice PIL.Image.MAX_IMAGE_PIXELS Pillow itself refuses to open a file
MIB = 1024 * 1024

NoveltyPolicy = Literal["refuse", "warn"]
HeaderPolicy = Literal["refuse", "warn", "ignore"]
Auth = Literal["none", "required"]
RATE = r"^[1-9]\d{0,5}/(second|minute|hour)$"


def _origins(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Origin = Annotated[str, Field(pattern=r"^https?://[A-Za-z0-9.\-\[\]:]+$")]
Origins = Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(_origins)]

_COMPUTED = {
    "threads": "cores it may use / workers",
    "model_path": "the model that ships",
    "auth": "by address and keys",
}
_IN_TREE = Path(__file__).parents[1] / "models" / "brain-tumor-mri" / "model.onnx"
_IN_WHEEL = Path(__file__).with_name("default_model") / "model.onnx"


def default_model_path() -> Path:
    """Return the default model: of the source tree, or the copy that an installed wheel brings along."""
    return _IN_WHEEL if _IN_WHEEL.is_file() else _IN_TREE


class Settings(BaseSettings):
    """Everything an operator can set. Raises pydantic's ValidationError; `read_settings` turns it into one line."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    model_path: Annotated[Path, Field(description="ONNX model file with its card")] = Field(
        default_factory=default_model_path
    )
    host: Annotated[str, Field(min_length=1, description="address to listen on; 0.0.0.0 is every interface")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Field(ge=0, le=65535, description="TCP port; 0 takes a free one and logs it")] = 8000
    workers: Annotated[
        int, Field(ge=1, le=64, description="processes that serve; beyond one, one that dies is replaced")
    ] = 1
    threads: Annotated[int, Field(ge=1, le=256, description="images computed at once by each worker")] = Field(
        default_factory=lambda settings: max(1, usable_cores() // settings.get("workers", 1))
    )
    queue_length: Annotated[
        int, Field(ge=0, le=10_000, description="requests admitted beyond those being computed; more get 503")
    ] = 32
    deadline_s: Annotated[
        float, Field(gt=0, le=600, description="seconds for the upload, the queue and the computation together")
    ] = 30.0
    max_bytes: Annotated[int, Field(ge=1024, le=1024 * MIB, description="bytes of one image")] = 20 * MIB
    max_batch_bytes: Annotated[
        int, Field(ge=1024, le=4096 * MIB, description="bytes of one batch, all its files together")
    ] = 200 * MIB
    max_batch_images: Annotated[int, Field(ge=1, le=100_000, description="images of one batch, frames counted")] = 1000
    max_batches: Annotated[
        int, Field(ge=1, le=1000, description="batches at once; more get 503, and each may fill its bytes")
    ] = 2
    batch_deadline_s: Annotated[
        float, Field(gt=0, le=86_400, description="seconds for the upload and all images of a batch")
    ] = 300.0
    max_pixels: Annotated[
        int, Field(ge=1, le=PILLOW_MAX_PIXELS, description="columns x rows of one image, checked before decoding")
    ] = 64_000_000
    novelty_policy: Annotated[
        NoveltyPolicy, Field(description="images unlike the training images: `refuse` with 422, or `warn` and answer")
    ] = "refuse"
    header_policy: Annotated[
        HeaderPolicy, Field(description="DICOM whose header says it is no brain MRI: `refuse`, `warn` or `ignore`")
    ] = "refuse"
    auth: Annotated[
        Auth | None,
        Field(description="`none` serves everybody; unset: `required` beyond loopback, or with keys or an issuer"),
    ] = None
    api_keys_file: Annotated[
        Path | None, Field(description="`name:hash` lines of `python -m service hash-key`; read again on SIGHUP")
    ] = None
    oidc_issuer: Annotated[str, Field(description="issuer of accepted tokens, as their `iss` has it")] = ""
    oidc_audience: Annotated[str, Field(description="what the `aud` of a token must name")] = ""
    oidc_jwks_url: Annotated[str, Field(description="where the issuer's public keys are (https)")] = ""
    oidc_scope: Annotated[str, Field(description="scope that a token must grant, or get 403; empty asks for none")] = ""
    tls_cert: Annotated[Path | None, Field(description="PEM certificate with its chain: HTTPS instead of HTTP")] = None
    tls_key: Annotated[Path | None, Field(description="its PEM key, unless the certificate's file holds it")] = None
    tls_client_ca: Annotated[
        Path | None, Field(description="PEM authority: clients must show a certificate of it (mutual TLS)")
    ] = None
    rate_limit: Annotated[
        str, Field(pattern=f"^$|{RATE}", description="requests of one caller, such as 120/minute; empty sets no limit")
    ] = ""
    cors_origins: Annotated[
        Origins, Field(description="origins whose pages may ask, such as https://viewer.hospital; separated by commas")
    ] = ()
    audit_log: Annotated[
        str,
        Field(description="file of JSON lines, one a request to classify; `-` is standard output; empty writes none"),
    ] = ""
    audit_required: Annotated[
        bool, Field(description="refuse with 503 what cannot be logged; else it is answered, and counted as a failure")
    ] = False
    hl7_facility: Annotated[str, Field(max_length=199, description="MSH-4 of HL7 messages: this facility")] = ""
    hl7_receiver: Annotated[str, Field(max_length=199, description="MSH-5 of HL7 messages: the receiver")] = ""
    hl7_accession_field: Annotated[
        Literal["18", "20"],
        Field(description="field of OBR that repeats the accession number: 18, the placer's, or 20, the filler's"),
    ] = "18"
    dicomweb_url: Annotated[
        str, Field(description="root of an archive's DICOMweb: its studies can be classified by their UID; empty: not")
    ] = ""
    dicomweb_user: Annotated[str, Field(description="user of the archive (HTTP basic)")] = ""
    dicomweb_password_file: Annotated[Path | None, Field(description="file of the user's password")] = None
    dicomweb_token_file: Annotated[Path | None, Field(description="file of a bearer token, instead of a user")] = None
    dicomweb_ca: Annotated[Path | None, Field(description="PEM authority of the archive's certificate")] = None
    dicomweb_cert: Annotated[Path | None, Field(description="PEM certificate shown to the archive (mutual TLS)")] = None
    dicomweb_key: Annotated[Path | None, Field(description="its PEM key, unless the certificate's file holds it")] = (
        None
    )
    dicomweb_timeout_s: Annotated[
        float, Field(gt=0, le=600, description="seconds without a byte of the archive; ten times that for an answer")
    ] = 30.0
    dicomweb_selection: Annotated[
        Path | None, Field(description="TOML file of which series are classified; unset: brain MRI by its header")
    ] = None
    dicomweb_captures: Annotated[
        int, Field(ge=0, le=50, description="secondary captures of a series, the most suspicious")
    ] = 3
    dicomweb_max_images: Annotated[
        int, Field(ge=1, le=100_000, description="images of the selected series of one study; more are refused")
    ] = 5000


def read_settings(**overrides: Any) -> Settings:
    """Read the environment; `overrides` win. Raises SettingsError naming each bad variable in one line."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError("; ".join(_lines(error)) + ". Correct or unset it (see --help).") from error


def unknown_settings(environ: Mapping[str, str]) -> list[str]:
    """Return variables that look like settings but are none, so that a misspelt one does not go unnoticed."""
    known = {variable(name) for name in Settings.model_fields}
    ours = [name for name in environ if name.upper().startswith(ENV_PREFIX)]
    return sorted(name for name in ours if name.upper() not in known and not name.upper().startswith(NODE_PREFIX))


def variable(field: str) -> str:
    """Return the environment variable of a field."""
    return ENV_PREFIX + field.upper()


def describe_settings() -> str:
    """Return one line per setting: variable, default, meaning."""
    return "\n".join(
        f"  {variable(name):<24} {_default(name):<36} {field.description}"
        for name, field in Settings.model_fields.items()
    )


def _default(name: str) -> str:
    default = Settings.model_fields[name].default
    return _COMPUTED.get(name) or ("-" if default in (None, "", ()) else str(default))


def _lines(error: ValidationError) -> Iterator[str]:
    for item in error.errors():
        field = str(item["loc"][0])
        yield f"{variable(field)}={str(item['input'])[:80]!r}: {item['msg']}"
