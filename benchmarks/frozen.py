"""`python -m benchmarks.frozen DATA`: twenty epochs through a frozen backbone against cached features.

Both runs have the same split, seed and network, and are scored on the same test images with 95 % bootstrap intervals
over groups. Fails (exit code 1) when the cache is not ten times faster or an accuracy is outside the other interval.
"""

import argparse
import logging
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

RATIO = 10.0


def main() -> int:
    """Fit both ways and report."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    logging.basicConfig(level=logging.WARNING)
    options = _parse()
    with tempfile.TemporaryDirectory() as folder:
        through = measure(options, Path(folder), cache_features=False)
        cached = measure(options, Path(folder), cache_features=True)
    ratio = through["seconds"] / cached["seconds"]
    for name, run in (("through the base", through), ("cached features", cached)):
        low, high = run["interval"]
        print(f"{name:<18}{run['seconds']:8.1f} s   accuracy {run['accuracy']:.3f} ({low:.3f} to {high:.3f})")
    print(f"{'ratio':<18}{ratio:8.1f}")
    faults = [] if ratio >= RATIO else [f"only {ratio:.1f} times faster, not {RATIO:.0f}"]
    faults += [] if _agree(through, cached) and _agree(cached, through) else ["the accuracies differ"]
    for fault in faults:
        print(f"FAILED            {fault}", file=sys.stderr)
    return 1 if faults else 0


def measure(options: argparse.Namespace, folder: Path, cache_features: bool) -> dict[str, Any]:
    """Return the wall time of fitting, the features computed included, and the accuracy on the test images."""
    import numpy as np

    from trainer.config import make_config
    from trainer.evaluation.metrics import bootstrap_interval
    from trainer.fitted import fit_data_of
    from trainer.fitting.batches import Batches
    from trainer.fitting.determinism import make_deterministic
    from trainer.fitting.phases import fit
    from trainer.preparation import prepare

    values = {"backbone": options.backbone, "weights": options.weights, "size": options.size, "patience": 1000}
    values |= {"frozen_epochs": options.epochs, "fine_tune_epochs": 0, "images_per_group": 1_000_000}
    config = make_config({**values, "cache_features": cache_features, "feature_copies": options.copies})
    prepared = prepare(options.data, folder / f"cached-{cache_features}", config)
    data = fit_data_of(prepared)
    make_deterministic(config.seed)
    began = time.perf_counter()
    network, _ = fit(data, config, folder / f"cached-{cache_features}" / "fit")
    seconds = time.perf_counter() - began
    test = np.array([row for row, sample in enumerate(prepared.samples) if sample.split == "test"])
    logits = network.predict(Batches(data.pixels, test, data.labels, 64), verbose=0)
    predicted = (logits[:, 0] > 0).astype(int) if logits.shape[1] == 1 else logits.argmax(axis=1)
    hits = (predicted == data.labels[test]).astype(float)
    interval = bootstrap_interval(lambda rows: float(hits[rows].mean()), [str(prepared.samples[r].group) for r in test])
    return {"seconds": seconds, "accuracy": float(hits.mean()), "interval": interval or [0.0, 1.0]}


def _agree(one: dict[str, Any], other: dict[str, Any]) -> bool:
    low, high = other["interval"]
    return bool(low <= one["accuracy"] <= high)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="+", help="folder of classes, or CSV manifest")
    parser.add_argument("--backbone", default="mobilenet_v2")
    parser.add_argument("--weights", default="imagenet")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--copies", type=int, default=0, help="augmented copies of each training image (default: 0)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
