"""What Schemathesis has to be told of the Partner API beside openapi.json: an API
key on each request, one after the other as limits are per key, and the signature
of a webhook over the bytes that are sent. A header that it left out or spoilt on
purpose stays as it is, and the other one is right all the same."""

import hashlib
import hmac
import itertools
import os

import schemathesis
from requests.auth import AuthBase
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import negated_parameters

KEY = "X-QualityMax-API-Key"
SIGNATURE = "X-Partner-Signature"

KEYS = itertools.cycle(os.environ["QUALITYMAX_CONFORMANCE_KEY"].split(","))
SECRET = os.environ["QUALITYMAX_CONFORMANCE_SECRET"].encode()


class PartnerAuth(AuthBase):
    def __init__(self, spoilt=frozenset()):
        self.spoilt = spoilt

    def __call__(self, request):
        if KEY not in self.spoilt:
            request.headers[KEY] = next(KEYS)
        if SIGNATURE not in self.spoilt and "/api/webhooks/" in request.url:
            body = request.body or b""
            if isinstance(body, str):
                body = body.encode()
            digest = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
            request.headers[SIGNATURE] = f"sha256={digest}"
        return request


def spoilt_on_purpose(case):
    """Names of the two headers that this case is about being wrong."""
    meta = case.meta
    if meta is None or not meta.is_negative_at(ParameterLocation.HEADER):
        return frozenset()
    sent = {name.lower() for name in case.headers}
    named = {
        name.lower()
        for name, location in negated_parameters(meta)
        if location == ParameterLocation.HEADER
    }
    # Where it leaves out several at once, it does not name them.
    return frozenset(
        header
        for header in (KEY, SIGNATURE)
        if header.lower() in named or header.lower() not in sent
    )


schemathesis.auth.set_from_requests(PartnerAuth())


@schemathesis.hook
def before_call(context, case, kwargs):
    # Where a credential is spoilt, Schemathesis itself puts in no other either.
    spoilt = spoilt_on_purpose(case)
    if spoilt:
        kwargs["auth"] = PartnerAuth(spoilt)
