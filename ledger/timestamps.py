"""RFC 3161 time-stamps of a head: the request to send, and the reply, checked without network.

The hash that is stamped is the head's own: any authority's tools can check it, too. Replies are
checked by the library rfc3161-client, which is needed for nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Optional

from ..model.errors import CeasefireError, MissingLibrary

# Version 1; the imprint: SHA-256 without parameters but NULL, and 32 bytes that follow.
_VERSION = bytes.fromhex("020101")
_IMPRINT = bytes.fromhex("3031300d060960864801650304020105000420")
_WITH_CERTIFICATES = bytes.fromhex("0101ff")
SHA256 = "2.16.840.1.101.3.4.2.1"
PEM = b"-----BEGIN CERTIFICATE-----"
LARGEST = 1 << 20


@dataclass(frozen=True)
class Stamp:
    """A reply that holds: ``digest`` (64 hexadecimal digits) existed at ``time`` (aware, UTC),
    as ``authority`` signed. ``token`` is the reply as DER bytes."""

    digest: str
    time: datetime
    authority: str
    token: bytes


def request_for(digest: bytes, nonce: Optional[int] = None) -> bytes:
    """The DER bytes of a time-stamp request (RFC 3161, 2.4.1) for a SHA-256 digest.

    ``nonce``: a number below 2**63 that the reply must repeat.
    """
    body = _VERSION + _IMPRINT + digest
    if nonce is not None:
        number = nonce.to_bytes(nonce.bit_length() // 8 + 1, "big")
        body += bytes([0x02, len(number)]) + number
    body += _WITH_CERTIFICATES
    return bytes([0x30, len(body)]) + body


def nonce_of(request: bytes) -> Optional[int]:
    """The nonce of one of our own requests; None where it has none."""
    start = 2 + len(_VERSION) + len(_IMPRINT) + 32
    if request[start : start + 1] != b"\x02":
        return None
    size = request[start + 1]
    return int.from_bytes(request[start + 2 : start + 2 + size], "big")


def digest_of(reply: bytes) -> str:
    """The hash that a reply is for, as hexadecimal digits; not checked yet. CeasefireError
    where the bytes are no reply, or one that refuses."""
    return _imprint(_parsed(reply))


def checked_stamp(reply: bytes, authority: bytes, request: Optional[bytes] = None) -> Stamp:
    """Check a reply without network, and say what it proves.

    ``authority``: the certificates that the user trusts, PEM or DER: the authority's root, with
    those between if the reply lacks them. They must be valid at the reply's own time. The nonce
    of ``request``, where given, must be the reply's. CeasefireError says what does not hold.
    """
    rfc = _library()
    parsed = _parsed(reply)
    digest = _imprint(parsed)
    builder = rfc.VerifierBuilder(roots=_certificates(authority))
    nonce = nonce_of(request) if request else None
    if nonce is not None:
        builder = builder.nonce(nonce)
    try:
        builder.build().verify(parsed, bytes.fromhex(digest))
    except (rfc.VerificationError, ValueError) as error:
        raise CeasefireError(_why_not(str(error))) from None
    moment = parsed.tst_info.gen_time
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return Stamp(digest, moment.astimezone(timezone.utc), _signer(parsed), reply)


def in_order(reply: bytes) -> bytes:
    """The reply with its certificates in the order that DER wants.

    Authorities send them as they come, and no signature is over their order; the library reads
    strict DER alone. Bytes that are no reply come back as they are.
    """
    try:
        _, token = _elements(reply, 0, len(reply), 0x30)[:2]
        content = _elements(reply, *token[1:], 0x30)[1]
        (signed,) = _elements(reply, *content[1:], 0xA0)
        parts = _elements(reply, *signed[1:], 0x30)
        (_, start, end) = next(part for part in parts if part[0] == 0xA0)
        certificates = [reply[one:two] for _, one, two in _elements(reply, start, end, 0xA0)]
    except (IndexError, ValueError, StopIteration):
        return reply
    head = end - sum(map(len, certificates))
    return reply[:head] + b"".join(sorted(certificates)) + reply[end:]


def _elements(data: bytes, start: int, end: int, tag: int) -> list[tuple[int, int, int]]:
    """Tag, start and end of the elements inside the element that lies at ``start``."""
    if data[start] != tag:
        raise ValueError("another tag")
    at = _content(data, start)[0]
    found = []
    while at < end:
        stop = _content(data, at)[1]
        if stop > end:
            raise ValueError("cut short")
        found.append((data[at], at, stop))
        at = stop
    return found


def _content(data: bytes, at: int) -> tuple[int, int]:
    """Where the content of the DER element at ``at`` begins and ends."""
    size, start = data[at + 1], at + 2
    if size > 0x80:
        start += size - 0x80
        size = int.from_bytes(data[at + 2 : start], "big")
    return start, start + size


def _library() -> Any:
    try:
        import rfc3161_client
    except (ImportError, OSError, AttributeError):
        # A wheel built for another Python or system fails with OSError or AttributeError.
        raise MissingLibrary(
            "Checking a time-stamp needs rfc3161-client 1.0 or later, and QGIS's Python has no "
            "working one. Install it with “python3 -m pip install 'rfc3161-client>=1.0'” in "
            "QGIS's Python (on Windows in the OSGeo4W Shell), then start QGIS again; everything "
            "else works without it, and “openssl ts -verify” checks the same."
        ) from None
    return rfc3161_client


def _parsed(reply: bytes) -> Any:
    rfc = _library()
    if len(reply) > LARGEST:
        raise CeasefireError("The file is too large for a time-stamp reply: choose the .tsr file.")
    try:
        parsed = rfc.decode_timestamp_response(in_order(reply))
        status, told = parsed.status, parsed.status_string
    except ValueError:
        raise CeasefireError(
            "The file is not a time-stamp reply (RFC 3161, DER): choose the .tsr file that the "
            "authority sent."
        ) from None
    if status != 0:
        words = "; ".join(told or []) or f"status {status}"
        raise CeasefireError(
            f"The authority did not grant the time-stamp ({words}): send the request again."
        )
    return parsed


def _imprint(parsed: Any) -> str:
    try:
        imprint = parsed.tst_info.message_imprint
        algorithm, message = imprint.hash_algorithm.dotted_string, imprint.message
    except ValueError:
        algorithm, message = "", b""
    if algorithm != SHA256 or len(message) != 32:
        raise CeasefireError(
            "The time-stamp is not for a SHA-256 hash: send the request that was exported, as it "
            "is, and choose the reply to it."
        )
    return message.hex()


def _certificates(data: bytes) -> list:
    """The certificates of a PEM or DER file."""
    from cryptography import x509

    try:
        if PEM in data:
            return list(x509.load_pem_x509_certificates(data))
        return [x509.load_der_x509_certificate(data)]
    except ValueError:
        raise CeasefireError(
            "The authority's file holds no certificate: choose the PEM file with its root "
            "certificate, from the authority's own site."
        ) from None


def _signer(parsed: Any) -> str:
    """Who signed, by the names of the certificate that the signature names."""
    from cryptography import x509

    (signer,) = parsed.signed_data.signer_infos
    for data in parsed.signed_data.certificates:
        certificate = x509.load_der_x509_certificate(data)
        if certificate.serial_number == signer.serial_number:
            return certificate.subject.rfc4514_string()
    return ""


def _why_not(words: str) -> str:
    lower = words.lower()
    if "nonce" in lower:
        return (
            "The time-stamp answers another request (its nonce differs): choose the reply to the "
            "request that was exported with this head."
        )
    if "expired" in lower or "not yet valid" in lower:
        return (
            "A certificate of the authority was not valid at the time that the time-stamp gives: "
            "it proves nothing; ask the authority for another."
        )
    reason = re.search(r'data: "([^"]+)"|reason: "([^"]+)"', words)
    short = (reason[1] or reason[2]) if reason else words[:200]
    return (
        f"The time-stamp is not one of the authority that was given ({short}): choose the "
        "authority's root certificate, with those between if there are any, or another reply."
    )
