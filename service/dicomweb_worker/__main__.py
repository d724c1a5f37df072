"""`python -m service.dicomweb_worker`."""

import sys

from service.hospital_extra import missing_library

if __name__ == "__main__":
    try:
        from service.dicomweb_worker.command import run

        sys.exit(run())
    except ModuleNotFoundError as error:
        sys.stderr.write(missing_library("python -m service.dicomweb_worker", error) + "\n")
        sys.exit(2)
