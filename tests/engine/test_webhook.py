"""What is sent to applications is signed as Standard Webhooks 1.0 says."""

from __future__ import annotations

import pytest

from jobrunner.engine.webhook import signature_headers

# Made by `openssl dgst -sha256 -hmac` of "msg_1.1614265330.{}", and of the same by the 24 bytes that the base64 holds.
PLAIN = (b"a secret of the application, 32 bytes or more", "v1,AlV0AmPENfrxHHWyLLWbC+R3wDJ0/Ya8y2JDfEIt0iA=")
ENCODED = (b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "v1,ZztYR0IIDCBCUcYzh8ZE+qsQWpIgtHU7R1hpe8htaD4=")


@pytest.mark.parametrize(("secret", "signature"), [PLAIN, ENCODED], ids=["plain", "encoded"])
def test_a_message_is_signed_with_its_id_and_time(secret: bytes, signature: str) -> None:
    headers = signature_headers(b"{}", "msg_1", 1_614_265_330, secret)
    assert headers == {"webhook-id": "msg_1", "webhook-timestamp": "1614265330", "webhook-signature": signature}
