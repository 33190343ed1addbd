"""Every reason for which a request as a whole is refused. Nothing of it has been done then."""

CODES = {
    "no_token": "no `Authorization: Bearer` header",
    "unknown": "the token opens nothing",
    "revoked": "the session was ended: wipe what is stored, keep what was not sent for the person to hand in",
    "expired": "the session is over: sign in again, then send",
    "no_role": "the person holds no role over the unit any more",
    "too_large": "split the batch and send the parts",
    "too_many": "split the batch and send the parts",
    "unsupported_encoding": "send with gzip, zstd or none",
    "broken_compression": "send it again",
    "truncated": "send it again",
    "malformed": "the body is not what the document describes",
    "busy": "the database did not answer in time: send it again after `Retry-After`",
}
"""Code → what the phone does about it."""


class ProblemError(Exception):
    """A request that is refused as a whole."""

    def __init__(self, status: int, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail or CODES[code]
