"""`python -m benchmarks.stages`: what the path of an MR object to its answer costs, stage by stage.

Phantoms, or the files that are named, are checked as the DICOM node does and answered, one at a time, so that each
stage finds the caches as the model leaves them. With `--against` another checkout takes turns with this one.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from service.classifier import load_classifier
from service.dicom_node.received_object import check_object
from service.imaging import Limits
from service.observer import Observer, Stage
from service.phantom import brain_slice
from service.phantom.mr_image import mr_image
from service.prediction import Predictor
from service.reports.file_header import read_header
from service.reports.source_header import IDENTITY, identity_of
from service.series import answer_object

Costs = dict[str, float]
"""Seconds by stage; `rest` is what belongs to none."""
_LESIONS = ("none", "glioma", "meningioma", "pituitary")
_ROOT = Path(__file__).parents[1]


class _Stopwatch(Observer):
    """Adds up the stages of one answer."""

    def __init__(self) -> None:
        self.taken: Costs = {}

    def took(self, stage: Stage, seconds: float) -> None:
        self.taken[stage] = self.taken.get(stage, 0.0) + seconds


class Bench:
    """A model and objects to ask it about."""

    def __init__(self, model: Path, objects: Sequence[bytes]) -> None:
        """Load the model; raises ModelFileError, NotReportable for an object without its UIDs."""
        self._limits = Limits()
        self._predictor = Predictor(load_classifier(model), self._limits, "warn", "warn")
        self._objects = [(data, identity_of(read_header(data, self._limits, IDENTITY))) for data in objects]

    def run(self) -> list[Costs]:
        """Return the costs of each object."""
        return [self._costs(data, uids) for data, uids in self._objects]

    def _costs(self, data: bytes, uids: dict[str, str]) -> Costs:
        self._predictor.classifier.observer = watch = _Stopwatch()
        began = time.perf_counter()
        answer_object(self._predictor, data, "benchmark").model_dump_json()
        answered = time.perf_counter()
        check_object(data, uids["SOPClassUID"], uids["SOPInstanceUID"], self._limits)
        checked = time.perf_counter()
        whole, model = answered - began, watch.taken["model"]
        rest = whole - sum(watch.taken.values())
        return {
            **watch.taken,
            "rest": rest,
            "answer": whole,
            "but the model": whole - model,
            "check": checked - answered,
        }


class Turns:
    """A process that measures one checkout whenever it is asked to."""

    def __init__(self, checkout: Path, arguments: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), "--child", *arguments],
            env=os.environ | {"PYTHONPATH": str(checkout.resolve())},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self) -> list[Costs]:
        """Return the costs of each object."""
        ask, answers = self._pipes()
        print(file=ask, flush=True)
        costs: list[Costs] = json.loads(answers.readline())
        return costs

    def close(self) -> None:
        """End the process."""
        self._pipes()[0].close()
        self._process.wait()

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self._process.stdin is not None and self._process.stdout is not None
        return self._process.stdin, self._process.stdout


def milliseconds(rounds: list[list[Costs]]) -> Costs:
    """Return by stage the mean over the objects of their least cost in any round."""
    objects = list(zip(*rounds, strict=True))
    return {stage: 1e3 * statistics.mean(min(one[stage] for one in of) for of in objects) for stage in objects[0][0]}


def main() -> int:
    """Measure and print."""
    arguments = _parse()
    files = [path.resolve() for path in arguments.files]
    if arguments.child:
        bench = Bench(arguments.model, [path.read_bytes() for path in files] or _phantoms())
        for _ in sys.stdin:
            print(json.dumps(bench.run()), flush=True)
        return 0
    checkouts = [_ROOT, *([arguments.against] if arguments.against else [])]
    own = ["--model", str(arguments.model.resolve()), *map(str, files)]
    turns = [Turns(checkout, own) for checkout in checkouts]
    measured: list[list[list[Costs]]] = [[] for _ in turns]
    for number in range(arguments.rounds + 1):
        for one in range(len(turns))[:: 1 if number % 2 else -1]:
            measured[one].append(turns[one].run())
    for turn in turns:
        turn.close()
    report([milliseconds(rounds[1:]) for rounds in measured])
    return 0


def report(costs: list[Costs]) -> None:
    """Print the stages of this checkout and, of another that took turns, what they cost there."""
    for stage, cost in costs[0].items():
        there = "".join(f"   {other[stage]:7.3f} ms there, {cost / other[stage]:.2f} of it" for other in costs[1:])
        print(f"{stage:<14}{cost:7.3f} ms{there}")


def _phantoms() -> list[bytes]:
    return [mr_image(brain_slice(seed, lesion, 256), seed) for seed, lesion in enumerate(_LESIONS)]


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="*", help="DICOM files that the model answers; phantoms without any")
    parser.add_argument("--model", type=Path, default=_ROOT / "models/brain-tumor-mri/model.onnx")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--against", type=Path, help="another checkout, to be measured in turns with this one")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
