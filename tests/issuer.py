"""An OpenID Connect issuer: keys, tokens, and a real HTTP server for the public halves."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER = "https://issuer.test/realm"
AUDIENCE = "brain-mri"


class Issuer:
    """Signs with `private`, whose public half is served at `url` under the id `key_id` until `rotate`."""

    def __init__(self) -> None:
        self.url = ""
        self.fetches = 0
        self.down = False
        self.rotate("first")

    def rotate(self, key_id: str, kind: str = "RSA") -> None:
        """Take a new key; the old one is published no more."""
        self.key_id, self.kind = key_id, kind
        self.private: Any = (
            rsa.generate_private_key(65537, 2048) if kind == "RSA" else ec.generate_private_key(ec.SECP256R1())
        )

    @property
    def jwk(self) -> dict[str, Any]:
        algorithm = RSAAlgorithm if self.kind == "RSA" else ECAlgorithm
        public: dict[str, Any] = json.loads(algorithm.to_jwk(self.private.public_key()))
        return {"kid": self.key_id, "use": "sig", **public}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return good claims with `changes`; None takes one away."""
        now = int(time.time())
        good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "u-1", "iat": now, "nbf": now, "exp": now + 600}
        return {name: value for name, value in (good | changes).items() if value is not None}

    def token(self, key: Any = None, algorithm: str = "", headers: dict[str, Any] | None = None, **claims: Any) -> str:
        """Sign; with another key, algorithm or header where given."""
        usual = "RS256" if self.kind == "RSA" else "ES256"
        header = {"kid": self.key_id, **(headers or {})}
        return jwt.encode(self.claims(**claims), key or self.private, algorithm or usual, header)

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Return the settings of a service that trusts this issuer."""
        return {"oidc_issuer": ISSUER, "oidc_audience": AUDIENCE, "oidc_jwks_url": self.url, **changes}


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """Serve the key set on a free port of the loopback interface."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.fetches += 1
            body = json.dumps({"keys": [issuer.jwk]}).encode()
            self.send_response(500 if issuer.down else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer.url = f"http://127.0.0.1:{server.server_address[1]}/keys"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
