"""`python -m service.dicom_node`."""

import sys

from service.dicom_node.command import run

if __name__ == "__main__":
    sys.exit(run())
