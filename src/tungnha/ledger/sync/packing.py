"""Compressed bodies, in and out, with a bound on what they may grow to."""

import zlib

import zstandard

from tungnha.ledger.sync.problems import ProblemError

SMALLEST = 400
"""Bytes below which compressing an answer gains nothing."""
_WINDOW = 8 * 1024**2
"""The largest zstd window accepted (RFC 8878 asks decoders for 8 MB): a frame may ask for gigabytes."""
_GZIP = 31
"""zlib's word for "with a gzip header"."""


def unpack(data: bytes, encoding: str, most: int) -> bytes:
    """A body as it was before compression. Raises ProblemError where it is broken, or larger than `most` bytes."""
    try:
        match encoding:
            case "" | "identity":
                plain, whole = data, True
            case "gzip":
                stream = zlib.decompressobj(_GZIP)
                plain = stream.decompress(data, most + 1)
                whole = stream.eof and not stream.unused_data
            case "zstd":
                reader = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
                plain, whole = _bounded(reader, data, most), reader.eof
            case _:
                raise ProblemError(415, "unsupported_encoding", "Content-Encoding: gzip, zstd or none")
    except (zlib.error, zstandard.ZstdError) as error:
        raise ProblemError(400, "broken_compression", str(error)) from error
    if len(plain) > most:
        raise ProblemError(413, "too_large", f"more than {most} bytes after decompression")
    if not whole:
        raise ProblemError(400, "truncated", "the compressed body ends too early, or something follows it")
    return plain


def _bounded(reader: "zstandard.ZstdDecompressionObj", data: bytes, most: int) -> bytes:
    """Decompress in small steps: a step of input may become 128 kB of output, and no more is made once it is too much."""
    plain, step = bytearray(), 1024
    for start in range(0, len(data), step):
        plain += reader.decompress(data[start : start + step])
        if len(plain) > most or reader.eof:
            break
    return bytes(plain)


def pack(data: bytes, accepted: str) -> tuple[bytes, str]:
    """An answer as small as the phone can read it, and the encoding's name ("" for none)."""
    if len(data) < SMALLEST:
        return data, ""
    if "zstd" in accepted:
        return zstandard.ZstdCompressor(level=3).compress(data), "zstd"
    if "gzip" in accepted:
        return zlib.compress(data, 6, _GZIP), "gzip"
    return data, ""
