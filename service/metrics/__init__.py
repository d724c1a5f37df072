"""What Prometheus reads of the service: one registry for each application, labels of a bounded number of values."""

from service.metrics.collectors import ModelCollector, Places, PlacesCollector
from service.metrics.metrics import Metrics, RequestLabels
from service.metrics.sharing import SharedMetrics

__all__ = ["Metrics", "ModelCollector", "Places", "PlacesCollector", "RequestLabels", "SharedMetrics"]
