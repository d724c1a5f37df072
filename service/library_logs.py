"""What image libraries log and warn of while they read: dropped, because it may quote a header, and so a patient."""

import logging
import warnings


def silence_image_libraries() -> None:
    """Keep the records and warnings of Pillow's, pydicom's and nibabel's modules from every handler of the process.

    A level would not do for pydicom: its import, which comes later, sets its own.
    """
    pydicom = logging.getLogger("pydicom")
    pydicom.addHandler(logging.NullHandler())
    pydicom.propagate = False
    warnings.filterwarnings("ignore", module=r"(PIL|pydicom|nibabel)\.")
