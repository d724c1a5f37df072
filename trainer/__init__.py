"""Train, check and export brain-MRI classifiers. Research use only."""

import service as service  # before anything imports onnxruntime: it switches the telemetry off
