"""Which paths anybody may ask for. Every other path, of a route yet to be written too, is for known callers."""

_PATHS = frozenset({"/", "/favicon.ico", "/docs", "/openapi.json", "/health", "/health/live", "/health/ready"})
_FOLDERS = ("/docs/assets/", "/static/", "/problems/")


def is_open(path: str) -> bool:
    """Whether what is served there holds no data: health, the page itself, the documentation."""
    return path in _PATHS or path.startswith(_FOLDERS)
