"""The service runs with what requirements/service.txt locks, and its DICOM node with requirements/hospital.txt."""

import importlib.metadata
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OF_THE_HOSPITAL = (
    "service.deidentification",
    "service.dicom_node",
    "service.dicomweb",
    "service.studies",
    "service.api.study",
)
"""Packages that need the extra `hospital`; nothing else of the service may import them."""
NOT_OF_THE_SERVICE = ("scipy", "requests", "dicomanonymizer", "tqdm")
_IMPORT_EVERYTHING = """
import importlib, json, pkgutil, sys
# nibabel, pydicom and pynetdicom load these where they are installed; the service must do without
for name in sys.argv[2].split(","):
    sys.modules[name] = None
left_out = tuple(filter(None, sys.argv[1].split(",")))
before = set(sys.modules)  # what this installation's .pth files load into every process
import service
for module in pkgutil.walk_packages(service.__path__, "service."):
    if not module.name.startswith(left_out or "-"):
        importlib.import_module(module.name)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules if name not in before})))
"""


@pytest.fixture(scope="module", params=["service", "hospital"])
def lock(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def imported(lock: str) -> set[str]:
    """Top-level names in a fresh process that has imported every module which runs with this lock."""
    left_out, missing = (
        (OF_THE_HOSPITAL, ("scipy", "requests", "dicomanonymizer", "tqdm")) if lock == "service" else ((), ("scipy",))
    )
    command = [sys.executable, "-c", _IMPORT_EVERYTHING, ",".join(left_out), ",".join(missing)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    return set(json.loads(ended.stdout))


def locked_distributions(lock: str) -> set[str]:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    names = re.findall(r"^([A-Za-z0-9._-]+)==", text, flags=re.MULTILINE)
    return {normalise(name) for name in names}


def normalise(name: str) -> str:
    """PyPA specification "Names and normalization"."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_service_imports_nothing_that_is_not_locked(imported: set[str], lock: str) -> None:
    owners = importlib.metadata.packages_distributions()
    locked = locked_distributions(lock)
    foreign = {
        module: owners[module]
        for module in imported - sys.stdlib_module_names - {"service"}
        if module in owners and not {normalise(name) for name in owners[module]} & locked
    }

    assert foreign == {}


@pytest.mark.parametrize("module", ["trainer", "tensorflow", "keras", "tf2onnx", "onnx", "sklearn"])
def test_it_never_imports_the_trainer_or_its_libraries(imported: set[str], module: str) -> None:
    assert module not in imported


def test_a_starting_service_does_not_load_what_only_some_need() -> None:
    """DICOM and NIfTI files, tokens of an issuer, traces."""
    unneeded = {"pydicom", "nibabel", "imagecodecs", "jwt", "cryptography", "opentelemetry.sdk"}
    code = f"import sys, service.command; print({unneeded} & set(sys.modules))"

    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )

    assert ended.stdout.strip() == "set()"


def test_the_lock_pins_the_hash_of_every_distribution(lock: str) -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / "requirements" / f"{lock}.txt").read_text().strip())

    assert blocks
    assert all("==" in block and "--hash=sha256:" in block for block in blocks if not block.startswith("#"))
