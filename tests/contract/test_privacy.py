"""Nothing of this project reports to anybody."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("module", ["service.classifier", "trainer.evaluation"])
def test_onnxruntime_keeps_no_usage_events(module: str, model_path: Path, tmp_path: Path) -> None:
    load = "from pathlib import Path; from service.classifier import Classifier; Classifier(Path(sys.argv[1]))"
    code = f"import sys, {module}; {load}"
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"} | home

    subprocess.run(
        [sys.executable, "-B", "-c", code, str(model_path)], cwd=ROOT, env=environment, check=True, timeout=120
    )

    assert not [path for path in tmp_path.rglob("*") if "onnxruntime" in path.name.lower()]
