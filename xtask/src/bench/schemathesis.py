"""What Schemathesis has to be told of the Partner API beside openapi.json: an API
key on each request, one after the other as limits are per key, and the signature
of a webhook over the bytes that are sent."""

import hashlib
import hmac
import itertools
import os

import schemathesis
from requests.auth import AuthBase

KEYS = itertools.cycle(os.environ["QUALITYMAX_CONFORMANCE_KEY"].split(","))
SECRET = os.environ["QUALITYMAX_CONFORMANCE_SECRET"].encode()


class PartnerAuth(AuthBase):
    def __call__(self, request):
        request.headers["X-QualityMax-API-Key"] = next(KEYS)
        if "/api/webhooks/" in request.url:
            body = request.body or b""
            if isinstance(body, str):
                body = body.encode()
            digest = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
            request.headers["X-Partner-Signature"] = f"sha256={digest}"
        return request


schemathesis.auth.set_from_requests(PartnerAuth())
