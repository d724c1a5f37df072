"""Stateless HTTP service that classifies brain-MRI images with one ONNX file. Research use only."""

__version__ = "0.1.0"

DISCLAIMER = "Research use only. Not for diagnostic use."
