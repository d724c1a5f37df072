"""What each network costs where it is served."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service.classifier import Classifier
from trainer.comparison.graph_cost import GraphCost, graph_cost
from trainer.comparison.latency import Latency, interleaved_latencies


@dataclass(frozen=True)
class Cost:
    """Size of the graph and of its file, and the time of one image."""

    graph: GraphCost
    onnx_bytes: int
    latency: Latency


def costs_of(models: Mapping[str, Path]) -> dict[str, Cost]:
    """Measure one model file of each network, the times of all in one loop; raises ModelFileError, ExportError."""
    latencies = interleaved_latencies([Classifier(path) for path in models.values()])
    return {
        name: Cost(graph_cost(path), path.stat().st_size, latency)
        for (name, path), latency in zip(models.items(), latencies, strict=True)
    }
