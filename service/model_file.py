"""The model file: one ONNX graph with its card in the metadata.

The graph takes `image` uint8 `[N, S, S, C]` and gives `probabilities` float32 `[N, K]`, `heatmap` float32
`[N, h, w, K]` in 0..1 and `novelty` float32 `[N]`, where 1.0 is the refusal threshold.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import onnxruntime as ort
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from service.errors import ModelFileError
from service.imaging.preprocess import PreprocessSpec

CARD_KEY = "card"
CARD_SCHEMA: Final = 1


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Concept(_Frozen):
    """A coded concept: coding scheme designator, code value and code meaning (DICOM PS3.3 section 8)."""

    scheme: str
    code: str
    meaning: str


class ModelClass(_Frozen):
    """One class; `tumour` says whether it counts towards `tumor_probability`, None where the question has no sense."""

    name: str = Field(min_length=1)
    tumour: bool | None = None
    concept: Concept | None = None


class Thresholds(_Frozen):
    """Decision limits, all chosen on validation images.

    `uncertain`: below this top probability the decision is "uncertain". `novelty`: above it an image is refused.
    `conformal`: classes of at least this probability form the prediction set.
    """

    uncertain: float = Field(ge=0.0, le=1.0)
    novelty: float = Field(default=1.0, gt=0.0)
    conformal: float = Field(ge=0.0, le=1.0)


class TrainingData(_Frozen):
    """What the model was fitted on: image counts per source, split and class, how it was split, whose data it is."""

    sources: dict[str, dict[str, dict[str, int]]]
    content_sha256: str
    split_method: str
    recipe: str = ""
    citations: tuple[str, ...] = ()


class Card(_Frozen):
    """Everything about the model that the service and its reader must know."""

    card_schema: Literal[1] = CARD_SCHEMA
    name: str = Field(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    version: str = Field(min_length=1)
    task: Literal["classification"] = "classification"
    classes: tuple[ModelClass, ...] = Field(min_length=2)
    preprocess: PreprocessSpec
    backbone: str
    head: str
    thresholds: Thresholds
    training_data: TrainingData
    metrics: dict[str, JsonValue]
    libraries: dict[str, str]
    command: str
    date: str
    licence: str
    intended_use: str
    disclaimer: str

    @model_validator(mode="after")
    def _distinct_names(self) -> "Card":
        if len(set(self.class_names)) != len(self.classes):
            raise ValueError("class names must be distinct")
        return self

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names in the order of the probabilities."""
        return tuple(c.name for c in self.classes)


@dataclass(frozen=True)
class ModelFile:
    """A verified model: its card, its session and its identity (sha256 of the file's bytes)."""

    card: Card
    session: ort.InferenceSession
    sha256: str


def load_model_file(path: Path, threads: int = 1) -> ModelFile:
    """Read and verify `path`; one execution uses `threads` cores.

    Raises ModelFileError when the file is missing, not ONNX, has no card, a card of another schema, or inputs and
    outputs that contradict the card.
    """
    content = _read(path)
    session = _session(path, content, threads)
    card = _card(path, session.get_modelmeta().custom_metadata_map)
    for problem in _contradictions(session, card):
        raise ModelFileError(f"{path}: {problem}. Export the model again with this project's trainer.")
    return ModelFile(card, session, hashlib.sha256(content).hexdigest())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelFileError(
            f"{path}: cannot read the model file ({error.strerror}). Set SERVICE_MODEL_PATH to an exported model."
        ) from error


def _session(path: Path, content: bytes, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions share no public base class
        raise ModelFileError(f"{path}: not an ONNX model that can be loaded ({type(error).__name__}).") from error


def _card(path: Path, metadata: dict[str, str]) -> Card:
    if CARD_KEY not in metadata:
        raise ModelFileError(f"{path}: the metadata holds no card; it was not exported by this project's trainer.")
    try:
        return Card.model_validate_json(metadata[CARD_KEY])
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "card"
        raise ModelFileError(f"{path}: the card is not of schema {CARD_SCHEMA}: {field}: {first['msg']}.") from error


def _contradictions(session: ort.InferenceSession, card: Card) -> list[str]:
    size, channels, classes = card.preprocess.size, card.preprocess.channels, len(card.classes)
    inputs = {node.name: node for node in session.get_inputs()}
    outputs = {node.name: node for node in session.get_outputs()}
    problems = []
    if set(inputs) != {"image"}:
        problems.append(f"the inputs are {sorted(inputs)}, expected ['image']")
    else:
        problems += _mismatch(inputs["image"], "tensor(uint8)", [None, size, size, channels])
    expected: dict[str, list[int | None]] = {
        "probabilities": [None, classes],
        "heatmap": [None, None, None, classes],
        "novelty": [None],
    }
    for name, shape in expected.items():
        if name not in outputs:
            problems.append(f"the output '{name}' is missing")
        else:
            problems += _mismatch(outputs[name], "tensor(float)", shape)
    return problems


def _mismatch(node: Any, dtype: str, shape: list[int | None]) -> list[str]:
    """Compare one graph value with what the card promises; None stands for any extent."""
    if len(node.shape) == len(shape) and node.type == dtype:
        pairs = zip(node.shape, shape, strict=True)
        if all(want is None or not isinstance(have, int) or have == want for have, want in pairs):
            return []
    wanted = ["N" if extent is None else extent for extent in shape]
    return [f"'{node.name}' is {node.type} {node.shape}, the card says {dtype} {wanted}"]
