"""
Standard Webhooks 1.0.0, symmetric (`v1`): HMAC-SHA256 over `id.timestamp.body`. So are deliveries signed, and so are the
questions that a resolver gets.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_prefix = "whsec_"
_key_bytes = range(24, 65)
_seconds = re.compile(r"0|[1-9][0-9]{0,11}")


class WebhookRefused(Exception):
    """The request was not signed with one of the secrets, or not lately. Answer 401, and do nothing."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request that was verified."""

    #: The same on every attempt and redrive: drop what you have done already. In a batch each event has one of its own, its `delivery`.
    id: str
    #: Seconds since 1970 of this attempt.
    timestamp: int
    #: Of two events of one resource the later has the greater, compared as text. None where deliveries have none.
    sequence: str | None
    #: In lower case.
    headers: Mapping[str, str]
    body: bytes

    def content(self, *, max_bytes: int = 64 * 2**20) -> bytes:
        """The body as it was before it was compressed. Raises ValueError for more than `max_bytes`, and for what cannot be read."""
        encoding = self.headers.get("content-encoding", "identity")
        if encoding == "identity":
            return self.body
        if encoding != "gzip":
            raise ValueError(f"the body is encoded as {encoding}, which is not known")
        unzip = zlib.decompressobj(wbits=31)
        try:
            content = unzip.decompress(self.body, max_bytes)
        except zlib.error as error:
            raise ValueError(f"the body is no gzip: {error}") from None
        if not unzip.eof:
            raise ValueError(f"the body is cut, or more than {max_bytes} bytes when it is unpacked")
        return content

    def json(self) -> Any:
        """
        What the body says; of lines of JSON, in which batches of some subscriptions come, a list of them. Raises ValueError when it
        is no JSON.
        """
        content = self.content()
        if self.headers.get("content-type", "").startswith("application/x-ndjson"):
            return [json.loads(line) for line in content.split(b"\n") if line]
        return json.loads(content)


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature` of one secret. Raises ValueError for a secret that is none."""
    mac = hmac.new(_key_of(secret), f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(mac.digest()).decode()


def verify(
    secret: str | Sequence[str],
    headers: Mapping[str, str] | Iterable[tuple[str, str]],
    body: bytes | str,
    *,
    tolerance: float = 300,
    now: float | None = None,
) -> Webhook:
    """
    The request, if it was signed with `secret` (or one of several, while a secret is being replaced) at most `tolerance`
    seconds ago or ahead. `body` is what was received, before any parsing. Signatures are compared in constant time.

    Raises WebhookRefused, and ValueError for a secret that is none; no message holds a secret.
    """
    given = _headers(headers)
    message_id, timestamp = given.get("webhook-id"), given.get("webhook-timestamp")
    if not message_id:
        raise WebhookRefused("no webhook-id")
    if timestamp is None or _seconds.fullmatch(timestamp) is None:
        raise WebhookRefused("webhook-timestamp is not a number of seconds")
    signatures = given.get("webhook-signature")
    if signatures is None:
        raise WebhookRefused("no webhook-signature")
    if not abs((time.time() if now is None else now) - int(timestamp)) <= tolerance:
        raise WebhookRefused("webhook-timestamp is too old or too new")
    content = body.encode() if isinstance(body, str) else bytes(body)
    listed = [signature.encode() for signature in signatures.split(" ") if signature.startswith("v1,")]
    found = False
    for one in [secret] if isinstance(secret, str) else secret:
        wanted = sign(one, message_id, int(timestamp), content).encode()
        for signature in listed:
            # Never `or`: every one is compared.
            found |= hmac.compare_digest(signature, wanted)
    if not found:
        raise WebhookRefused("no signature matches")
    return Webhook(message_id, int(timestamp), given.get("x-signalbox-sequence"), given, content)


def _headers(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> dict[str, str]:
    """By lower-case name. A signed header that is repeated counts as missing: which one was meant is not known."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    read: dict[str, str] = {}
    repeated: set[str] = set()
    for name, value in pairs:
        lower = name.lower()
        if lower in read:
            repeated.add(lower)
        read[lower] = value
    return {name: value for name, value in read.items() if name not in repeated}


def _key_of(secret: str) -> bytes:
    if not secret.startswith(_prefix):
        raise ValueError(f"a signing secret begins with {_prefix}")
    text = secret.removeprefix(_prefix).rstrip("=")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"a signing secret is base64 after {_prefix}") from None
    if base64.b64encode(key).decode().rstrip("=") != text:
        raise ValueError(f"a signing secret is base64 after {_prefix}")
    if len(key) not in _key_bytes:
        raise ValueError(f"a signing secret holds {_key_bytes.start} to {_key_bytes.stop - 1} bytes, not {len(key)}")
    return key
