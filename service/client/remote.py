"""Ask a running service over HTTP(S), with nothing but the standard library."""

import contextlib
import ssl
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from service.client.address import Address
from service.client.asking import Question, answered, refused
from service.client.files import NamedFile
from service.client.form import Form
from service.errors import ClientError
from service.schemas import BatchResult, BatchResultLine, BatchSummaryLine, ModelIdentity, Prediction, Problem

SILENCE_S = 120.0
"""How long the service may say nothing."""
_TRIES = 5
_LONGEST_WAIT_S = 10
_BUSY = (429, 503)
_REFUSALS = (400, 408, 413, 415, 422, 504)
_MAX_ANSWER_BYTES = 64 * 1024 * 1024

Parsed = TypeVar("Parsed", bound=BaseModel)


class RemoteBackend:
    """Sends each file in a request of its own, and again where the service is busy; proxies are not used."""

    def __init__(self, address: Address, question: Question, api_key: str | None = None) -> None:
        self._address = address
        self._question = question
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._model: ModelIdentity | None = None

    @property
    def model(self) -> ModelIdentity | None:
        """The model that answered last."""
        return self._model

    def close(self) -> None:
        """Nothing is kept open between two files."""

    def ask(self, file: NamedFile) -> Iterator[BatchResult]:
        """Yield the results as they arrive; raises ClientError where the service cannot be reached or used."""
        try:
            yield from self._ask(file)
        except (OSError, HTTPException) as error:
            raise ClientError(f"{self._address.url}: {_cause(error)}") from error

    def _ask(self, file: NamedFile) -> Iterator[BatchResult]:
        for attempt in range(1, _TRIES + 1):
            connection = self._address.connect(SILENCE_S)
            try:
                response = self._send(connection, file)
                if response.status not in _BUSY or attempt == _TRIES:
                    yield from self._results(response)
                    return
                wait_s = _retry_after_s(response)
            finally:
                connection.close()
            time.sleep(wait_s)

    def _send(self, connection: HTTPConnection, file: NamedFile) -> HTTPResponse:
        """Send the file; a service may answer, and stop reading, before all of it is sent."""
        one = self._question.frame is not None
        form = Form(file, "file" if one else "files")
        headers = {
            "Content-Type": form.content_type,
            "Content-Length": str(len(form)),
            "Accept": "application/json" if one else "application/x-ndjson",
        }
        connection.connect()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.request("POST", self._path(), iter(form), headers | self._headers)
        return connection.getresponse()

    def _path(self) -> str:
        explain = str(self._question.explain).lower()
        if self._question.frame is None:
            return f"{self._address.prefix}/predict/batch?explain={explain}"
        return f"{self._address.prefix}/predict?explain={explain}&frame={self._question.frame}"

    def _results(self, response: HTTPResponse) -> Iterator[BatchResult]:
        if response.status == 200 and self._question.frame is None:
            yield from self._lines(response)
        elif response.status == 200:
            prediction = self._parse(Prediction, response.read(_MAX_ANSWER_BYTES))
            self._model = prediction.model
            yield answered(prediction)
        else:
            yield refused(self._problem(response))

    def _lines(self, response: HTTPResponse) -> Iterator[BatchResult]:
        while line := response.readline(_MAX_ANSWER_BYTES):
            if line.startswith(b'{"kind":"summary"'):
                self._model = self._parse(BatchSummaryLine, line).model
                return
            yield self._parse(BatchResultLine, line)
        raise ClientError(f"{self._address.url}: the answer ended before its summary.")

    def _problem(self, response: HTTPResponse) -> Problem:
        """Return why the file was refused; raises ClientError where every other file would be refused as well."""
        if response.getheader("Content-Type", "").partition(";")[0] != "application/problem+json":
            raise ClientError(
                f"{self._address.url} answered {response.status} {response.reason}, and not as this service does."
            )
        problem = self._parse(Problem, response.read(_MAX_ANSWER_BYTES))
        if response.status not in _REFUSALS:
            raise ClientError(f"{self._address.url}: {problem.title} ({response.status}). {problem.detail}")
        return problem

    def _parse(self, kind: type[Parsed], text: bytes) -> Parsed:
        try:
            return kind.model_validate_json(text)
        except ValidationError as error:
            raise ClientError(f"{self._address.url} answered what this version of the client cannot read.") from error


def _retry_after_s(response: HTTPResponse) -> int:
    """Return the seconds that the service asks for (RFC 9110 section 10.2.3), within reason."""
    value = response.getheader("Retry-After", "1")
    return min(int(value), _LONGEST_WAIT_S) if value.isascii() and value.isdigit() else 1


def _cause(error: OSError | HTTPException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not trusted ({error.verify_message}). Name the authority's PEM file in SSL_CERT_FILE."
        )
    if isinstance(error, TimeoutError):
        return f"no answer within {SILENCE_S:.0f} s."
    if isinstance(error, HTTPException):
        return f"it does not answer in HTTP ({type(error).__name__})."
    return f"{error.strerror or error}."
