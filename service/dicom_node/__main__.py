"""`python -m service.dicom_node`."""

import sys

from service.hospital_extra import missing_library

if __name__ == "__main__":
    try:
        from service.dicom_node.command import run

        sys.exit(run())
    except ModuleNotFoundError as error:
        sys.stderr.write(missing_library("python -m service.dicom_node", error) + "\n")
        sys.exit(2)
