"""Answer a batch without a server: `python -m tests.service.batch.running MODEL FILE` prints what it takes.

That is a line of JSON: the peak of memory it added in MiB, and how many results came of each status.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from service.admission import Admission
from service.batch.answering import Batch, ReceivedFile
from service.batch.auditing import UNAUDITED
from service.batch.limits import BatchLimits, Budget
from service.classifier import Classifier
from service.imaging import Limits
from service.prediction import Predictor
from service.schemas import BatchResult

MIB = 1024 * 1024
LIMITS = BatchLimits(max_bytes=40 * MIB, max_file_bytes=20 * MIB, max_images=1000, image_s=30, drain_s=15)
LONG_S = 60.0


def answer(
    classifier: Classifier, files: Sequence[ReceivedFile], limits: BatchLimits = LIMITS, batch_s: float = LONG_S
) -> list[BatchResult]:
    """Return all results."""

    async def scenario() -> list[BatchResult]:
        admission = Admission(threads=1, queue_length=0)
        predictor = Predictor(classifier, Limits(), "refuse")
        with admission.admit(batch_s) as slot:
            batch = Batch(predictor, admission, slot, Budget(limits), UNAUDITED, explain=False, request_id="id")
            return [result async for result, _ in batch.results(files)]

    return asyncio.run(scenario())


def peak_kib() -> int:
    """Return the greatest resident memory so far (`VmHWM`; `ru_maxrss` would begin at the parent's)."""
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])


def main(model: str, file: str) -> None:
    """Load everything that decodes, then measure."""
    from service.imaging.dicom import source as _  # noqa: F401
    from service.imaging.nifti import source as __  # noqa: F401

    classifier = Classifier(Path(model))
    data = Path(file).read_bytes()
    before = peak_kib()
    results = answer(classifier, [data])
    statuses = Counter(str(result.status) for result in results)
    sys.stdout.write(json.dumps({"added_mib": (peak_kib() - before) / 1024, "statuses": statuses}))


if __name__ == "__main__":
    main(*sys.argv[1:])
