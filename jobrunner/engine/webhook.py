"""Signatures of what is sent to applications (Standard Webhooks 1.0). It sends nothing."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from hashlib import sha256

PREFIX = b"whsec_"


def signature_headers(body: bytes, message_id: str, at_s: int, secret: bytes) -> dict[str, str]:
    """Return the headers by which whoever knows the secret can tell that a message is ours, whole and new.

    A secret that begins with `whsec_` is base64 after that; of any other its own bytes sign.
    """
    told = f"{message_id}.{at_s}.".encode() + body
    signature = b64encode(hmac.digest(_key(secret), told, sha256)).decode()
    return {"webhook-id": message_id, "webhook-timestamp": str(at_s), "webhook-signature": f"v1,{signature}"}


def _key(secret: bytes) -> bytes:
    if secret.startswith(PREFIX):
        try:
            return b64decode(secret.removeprefix(PREFIX), validate=True)
        except NoBase64:
            return secret
    return secret
