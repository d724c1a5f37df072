"""NIfTI volumes -> pictures of axial slices. nibabel reads the header; it loads on first use."""
