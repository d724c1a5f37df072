"""The port."""

import socket

from service.errors import SettingsError

BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """Open the port; raises SettingsError naming the two variables and the cause."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise SettingsError(
            f"cannot listen on SERVICE_HOST={host} SERVICE_PORT={port}: {error.strerror}. Choose another."
        ) from error
