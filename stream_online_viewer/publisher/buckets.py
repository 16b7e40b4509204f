"""Two JetStream key-value buckets on the bus: who holds the lease of a stream, and the last epoch of each stream.

A bucket is a stream ``KV_NAME`` whose subjects are ``$KV.NAME.KEY``, as NATS' own clients make and read it. A value is
written only if the revision that is expected is still the last one, which is what makes a lease of it.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from stream_online_viewer.errors import ViewerError
from stream_online_viewer.link.nats.client import NatsClient, read_object
from stream_online_viewer.protocol.jsontext import to_json

_WRONG_REVISION = 10071
_NO_MESSAGE = 10037
_NO_STREAM = 10059
_DELETED = ("DEL", "PURGE")


class BucketError(ViewerError):
    """A bucket cannot be used; the text is a sentence for people."""


class Changed(ViewerError):
    """The value of a key is not that of the expected revision any more."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The last thing that happened to a key. ``revision`` is 0 if nothing did, ``value`` None if it has no value."""

    revision: int
    value: bytes | None


class Bucket:
    """One bucket."""

    def __init__(self, client: NatsClient, name: str, seconds: float | None = None) -> None:
        """``seconds`` is for how long values stay in a bucket that is made here; None for ever."""
        self._client = client
        self._name = name
        self._seconds = seconds

    async def open(self) -> float:
        """Make the bucket unless it is there; return the seconds for which its values stay, 0 for ever.

        Raise :class:`.NotOnBus` or :class:`BucketError`.
        """
        content = await self._ask("STREAM.INFO", {})
        if _code(content) == _NO_STREAM or (_code(content) == 0 and "config" not in content):
            content = await self._ask("STREAM.CREATE", self._configuration())
        config = content.get("config")
        if _code(content) or not isinstance(config, dict) or not isinstance(config.get("max_age"), int):
            raise BucketError(f"the bucket {self._name} can neither be found nor made: {_text(content)}")
        return float(config["max_age"]) * 1e-9

    async def get(self, key: str, seconds: float) -> Entry:
        """Return what is known of a key; raise :class:`.NotOnBus` or :class:`BucketError`."""
        content = await self._ask("STREAM.MSG.GET", {"last_by_subj": self._subject(key)}, seconds)
        code = _code(content)
        if code == _NO_MESSAGE:
            return Entry(0, None)
        found = content.get("message")
        if code or not isinstance(found, dict) or not isinstance(found.get("seq"), int):
            raise BucketError(f"the bucket {self._name} cannot be read: {_text(content)}")
        try:
            headers = base64.b64decode(found.get("hdrs", "")).decode("latin-1")
            value = base64.b64decode(found.get("data", ""))
        except (binascii.Error, TypeError, ValueError):
            raise BucketError(f"the bucket {self._name} holds what is no value") from None
        deleted = any(f"KV-Operation: {word}" in headers for word in _DELETED)
        return Entry(found["seq"], None if deleted else value)

    async def put(self, key: str, value: bytes, revision: int | None, seconds: float) -> int:
        """Write a value and return its revision, if ``revision`` is the last one; 0: the key has none, None: any.

        Raise :class:`Changed`, :class:`.NotOnBus` or :class:`BucketError`.
        """
        return await self._write(key, value, _expected(revision), seconds)

    async def delete(self, key: str, revision: int, seconds: float) -> None:
        """Delete a key if ``revision`` is the last one; raise as :meth:`put` does."""
        await self._write(key, b"", f"KV-Operation: DEL\r\n{_expected(revision)}", seconds)

    async def _write(self, key: str, value: bytes, headers: str, seconds: float) -> int:
        answer = await self._client.request(self._subject(key), value, headers, seconds)
        if answer.status:
            raise BucketError(f"the bucket {self._name} is not there")
        content = read_object(answer)
        code = _code(content)
        if code == _WRONG_REVISION:
            raise Changed(key)
        if code or not isinstance(content.get("seq"), int):
            raise BucketError(f"the bucket {self._name} cannot be written: {_text(content)}")
        return int(content["seq"])

    def _subject(self, key: str) -> str:
        return f"$KV.{self._name}.{key}"

    async def _ask(self, what: str, question: dict[str, Any], seconds: float = 2.0) -> dict[str, Any]:
        subject = f"$JS.API.{what}.KV_{self._name}"
        answer = await self._client.request(subject, to_json(question) if question else b"", "", seconds)
        if answer.status == 503:
            raise BucketError("the bus has no JetStream, which holds the lease; see deploy/nats")
        return read_object(answer)

    def _configuration(self) -> dict[str, Any]:
        age = int((self._seconds or 0.0) * 1e9)
        return {
            "name": f"KV_{self._name}",
            "subjects": [self._subject(">")],
            "retention": "limits",
            "max_msgs_per_subject": 1,
            "max_msgs": -1,
            "max_bytes": -1,
            "max_age": age,
            "max_msg_size": 1024,
            "max_consumers": -1,
            # In memory it would be gone with the server, and nobody would know who leads.
            "storage": "file",
            "discard": "new",
            "num_replicas": 1,
            "duplicate_window": min(age, 120 * 10**9) if age else 120 * 10**9,
            "allow_rollup_hdrs": True,
            "deny_delete": True,
            "allow_direct": True,
        }


def _expected(revision: int | None) -> str:
    return "" if revision is None else f"Nats-Expected-Last-Subject-Sequence: {revision}\r\n"


def _code(content: dict[str, Any]) -> int:
    error = content.get("error")
    if not isinstance(error, dict):
        return 0
    code = error.get("err_code", error.get("code", -1))
    return code if isinstance(code, int) else -1


def _text(content: dict[str, Any]) -> str:
    error = content.get("error")
    return str(error)[:200] if error else "the answer cannot be read"
