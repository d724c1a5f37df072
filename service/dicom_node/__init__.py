"""A DICOM node: it takes MR images by C-STORE, and sends what the model says of each series back to the archive.

A process of its own, `python -m service.dicom_node`; `docs/hospital.md` says how it is operated.
"""
