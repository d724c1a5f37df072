"""SIGHUP: take what changed on the disk, without dropping a request; what cannot be used leaves the old in place."""

import hashlib
import logging
import threading
from collections.abc import Callable

from service.classifier import load_classifier
from service.errors import ServiceError
from service.runtime import Runtime
from service.settings import variable

_LOG = logging.getLogger("service.reload")
_AT_ONCE = 2  # one that works and one that waits: it will see whatever has changed by then


class Reloader:
    """Reads keys, audit log, certificate and model again, in a thread of its own, one reload after the other."""

    def __init__(self, runtime: Runtime, reload_certificate: Callable[[], None] = lambda: None) -> None:
        self._runtime = runtime
        self._reload_certificate = reload_certificate
        self._places = threading.BoundedSemaphore(_AT_ONCE)
        self._turn = threading.Lock()

    def ask(self, *_: object) -> None:
        """Begin a reload and return at once; a signal handler."""
        threading.Thread(target=self._run, name="reload").start()

    def reload(self) -> None:
        """Reload everything; each part by itself, so that a broken model does not keep a revoked key alive."""
        settings, runtime = self._runtime.settings, self._runtime
        if settings.api_keys_file:
            self._part("api_keys_file", runtime.authenticator.reload)
        if runtime.auditor.log:
            self._part("audit_log", runtime.auditor.log.reopen)
        if settings.tls_cert:
            self._part("tls_cert", self._reload_certificate)
        self._part("model_path", self._reload_model)

    def _run(self) -> None:
        if not self._places.acquire(blocking=False):
            return
        try:
            with self._turn:
                self.reload()
        finally:
            self._places.release()

    def _part(self, setting: str, work: Callable[[], str | None]) -> None:
        """Do `work`, which may name its outcome; the log names the setting and not the path that is its value."""
        try:
            outcome = work() or "success"
        except ServiceError as error:
            path = str(getattr(self._runtime.settings, setting))
            reason = str(error).replace(path, variable(setting))
            _LOG.error("not reloaded, the old one stays", extra={"setting": variable(setting), "reason": reason})
            outcome = "failure"
        else:
            _LOG.info("reloaded", extra={"setting": variable(setting), "outcome": outcome, **self._model()})
        self._runtime.metrics.reload(setting, outcome)

    def _model(self) -> dict[str, str]:
        identity = dict(self._runtime.identity)
        return {"model": identity.pop("name", ""), **identity}

    def _reload_model(self) -> str:
        """Verify and warm the file, then swap; a request that has begun keeps the model that it began with."""
        path = self._runtime.settings.model_path
        if _sha256(self._runtime) == self._runtime.identity.get("sha256"):
            return "unchanged"
        self._runtime.adopt(load_classifier(path))
        return "success"


def _sha256(runtime: Runtime) -> str | None:
    """Return that of the file, or None where it cannot be read: the loading then says why."""
    try:
        return hashlib.sha256(runtime.settings.model_path.read_bytes()).hexdigest()
    except OSError:
        return None
