"""`python -m service.dicomweb_worker`."""

import sys

from service.dicomweb_worker.command import run

if __name__ == "__main__":
    sys.exit(run())
