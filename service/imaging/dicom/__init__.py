"""DICOM objects -> pictures. pydicom reads the structure, imagecodecs the compressed frames; both load on first use."""
