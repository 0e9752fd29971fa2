from __future__ import annotations

import gzip
import json
import pathlib
import unittest

from signalbox import Webhook, WebhookRefused, sign, verify

vectors = json.loads(
    (pathlib.Path(__file__).parents[3] / "test" / "golden" / "signatures.json").read_text(encoding="utf-8")
)["vectors"]


class Signatures(unittest.TestCase):
    def test_agree_with_the_vectors_of_the_server(self) -> None:
        self.assertGreater(len(vectors), 20)
        for vector in vectors:
            with self.subTest(vector["name"]):
                ask = lambda v=vector: verify(v["secrets"], v["headers"], v["body"], now=v["now"])
                if vector["accepted"]:
                    self.assertEqual(ask().id, vector["headers"]["webhook-id"])
                else:
                    self.assertRaises(WebhookRefused, ask)

    def test_are_those_of_the_server(self) -> None:
        published = vectors[0]
        headers = published["headers"]
        signature = sign(published["secrets"][0], headers["webhook-id"], published["now"], published["body"].encode())
        self.assertEqual(signature, headers["webhook-signature"])

    def test_are_looked_up_whatever_the_case_of_names_and_refused_when_repeated(self) -> None:
        published = vectors[0]
        [secret], body = published["secrets"], published["body"]
        pairs = [(name.upper(), value) for name, value in published["headers"].items()]
        webhook = verify(secret, [*pairs, ("X-Signalbox-Sequence", "00ff")], body, now=published["now"])
        self.assertEqual((webhook.sequence, webhook.json()), ("00ff", {"test": 2432232314}))
        with self.assertRaises(WebhookRefused):
            verify(secret, [*pairs, pairs[2]], body, now=published["now"])

    def test_take_no_secret_that_is_none_and_do_not_repeat_it(self) -> None:
        headers = vectors[0]["headers"]
        for secret in (
            "",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_",
            "whsec_c2hvcnQ=",
            "whsec_not base64, but long enough",
        ):
            with self.assertRaises(ValueError) as caught:
                verify(secret, headers, b"", now=vectors[0]["now"])
            self.assertTrue(len(secret) < 8 or secret not in str(caught.exception))

    def test_are_of_what_was_on_the_wire_before_it_is_unpacked(self) -> None:
        [secret], now = vectors[0]["secrets"], vectors[0]["now"]

        def received(body: bytes) -> Webhook:
            signed = {
                "webhook-id": "d",
                "webhook-timestamp": str(now),
                "webhook-signature": sign(secret, "d", now, body),
            }
            return verify(secret, {**signed, "Content-Encoding": "gzip"}, body, now=now)

        packed = gzip.compress(b'{"a": 1}')
        self.assertEqual(received(packed).json(), {"a": 1})
        self.assertEqual(received(packed).content(), b'{"a": 1}')
        for body in (b"no gzip", packed[:-9]):
            self.assertRaises(ValueError, received(body).content)
        bomb = gzip.compress(bytes(10_000))
        self.assertEqual(len(received(bomb).content(max_bytes=10_000)), 10_000)
        with self.assertRaises(ValueError):
            received(bomb).content(max_bytes=9_999)

    def test_of_a_batch_in_lines_are_a_list(self) -> None:
        [secret], now, body = vectors[0]["secrets"], vectors[0]["now"], b'{"a": 1}\n{"a": 2}\n'
        signed = {
            "webhook-id": "d",
            "webhook-timestamp": str(now),
            "webhook-signature": sign(secret, "d", now, body),
            "Content-Type": "application/x-ndjson",
        }
        self.assertEqual(verify(secret, signed, body, now=now).json(), [{"a": 1}, {"a": 2}])

    def test_hold_for_as_long_as_is_said(self) -> None:
        published = vectors[0]
        [secret], headers, body, now = published["secrets"], published["headers"], published["body"], published["now"]
        self.assertEqual(verify(secret, headers, body, now=now + 400, tolerance=400).timestamp, now)
        with self.assertRaises(WebhookRefused):
            verify(secret, headers, body, now=float("nan"))
        with self.assertRaises(WebhookRefused):
            verify(secret, headers, body)


if __name__ == "__main__":
    unittest.main()
