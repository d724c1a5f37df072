"""`python -m benchmarks.int8 FLOAT.onnx INT8.onnx`: time of one image on one thread, both files in turn."""

import argparse
from pathlib import Path

from service.classifier import Classifier
from trainer.comparison.latency import interleaved_latencies


def main() -> None:
    """Print the median of each file and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("float32", type=Path)
    parser.add_argument("int8", type=Path)
    parser.add_argument("--repeats", type=int, default=200)
    options = parser.parse_args()
    float32, int8 = interleaved_latencies([Classifier(options.float32), Classifier(options.int8)], options.repeats)
    for name, latency in (("float32", float32), ("int8", int8)):
        print(f"{name}: {latency.median:.2f} ms")
    print(f"int8 takes {int8.median / float32.median:.2f} of the time")


if __name__ == "__main__":
    main()
