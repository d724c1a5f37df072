"""The port."""

import socket

from service.errors import SettingsError

BACKLOG = 2048


def listen(host: str, port: int, prefix: str = "SERVICE_") -> socket.socket:
    """Open the port; raises SettingsError naming the two variables, which begin with `prefix`, and the cause."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {prefix}HOST={host} {prefix}PORT={port}: {error.strerror}. Choose another."
        ) from error
