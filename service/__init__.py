"""Stateless HTTP service that classifies brain-MRI images with one ONNX file. Research use only."""

import os

__version__ = "0.1.0"

DISCLAIMER = "Research use only. Not for diagnostic use."

# onnxruntime keeps usage events and sends them to its maker; it reads this variable when it is imported, and only then.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
