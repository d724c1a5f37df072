"""The wheel, installed into an empty environment, serves the model it brings along."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Interpreter of an environment that holds the wheel and the locked requirements of the service, nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    run(sys.executable, "-m", "venv", str(folder / "env"))
    python = folder / "env" / "bin" / "python"
    run(str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(ROOT / "requirements" / "service.txt"))
    run(str(python), "-m", "pip", "install", "-q", "--no-deps", *map(str, folder.glob("*.whl")))
    return python


def run(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_runs_from_any_folder(python: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "SERVICE_PORT": "0"}
    with subprocess.Popen(
        [python, "-m", "service"], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            listening = next(line for line in map(json.loads, process.stdout) if line["event"] == "listening")
            address = f"http://127.0.0.1:{listening['port']}"
            health = httpx.get(f"{address}/health", timeout=30).json()
            page = httpx.get(f"{address}/static/app.js", timeout=30)
        finally:
            process.terminate()

    assert health["model"]["name"] == "brain-tumor-mri"
    assert page.status_code == 200
    assert process.returncode == 0


def test_its_dependencies_agree(python: Path) -> None:
    run(str(python), "-m", "pip", "check")


def test_it_brings_no_tensorflow(python: Path) -> None:
    missing = subprocess.run([python, "-c", "import tensorflow"], capture_output=True, text=True, timeout=60)

    assert "No module named 'tensorflow'" in missing.stderr


def test_the_trainer_names_the_extra_it_needs(python: Path, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    refused = subprocess.run(
        [python, "-m", "trainer", "train", str(tmp_path), "--out", str(tmp_path / "run")],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert refused.returncode == 2
    assert "brain-mri-classifier[trainer]" in refused.stderr
