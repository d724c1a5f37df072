"""The libraries of the extra `hospital`, without which the service runs and its DICOM node does not."""


def missing_library(what: str, error: ModuleNotFoundError) -> str:
    """Return what is said of `what`, which needs the extra, where a library of it is not installed."""
    return (
        f"{what} needs the extra `hospital` ({error.name} is not installed): pip install '.[hospital]', or the image "
        "built with REQUIREMENTS=hospital."
    )
