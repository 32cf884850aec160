"""A time-stamp authority of our own, made with openssl, without any network."""

from __future__ import annotations

import subprocess
from pathlib import Path

CONFIGURATION = """
[req]
distinguished_name = name
prompt = no
[name]
CN = Fictional Root
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[clock]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = ours
[ours]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Authority:
    """Root and clock certificates in a folder; ``root`` is the PEM file to trust.

    ``days`` is how long the clock's certificate is valid from now; below 0 it has expired.
    """

    def __init__(self, folder: Path, name: str = "Fictional Clock", days: int = 30):
        self.folder = folder
        folder.mkdir()
        (folder / "ts.cnf").write_text(CONFIGURATION)
        (folder / "serial").write_text("01\n")
        self.root = folder / "root.pem"
        new_key = "-newkey rsa:2048 -nodes -config ts.cnf"
        self._openssl(
            f"req -x509 {new_key} -keyout root.key -out root.pem -days 99 -extensions root"
        )
        self._openssl(
            f"req -new {new_key} -keyout clock.key -out clock.csr", "-subj", f"/CN={name}"
        )
        self._openssl(
            "x509 -req -in clock.csr -CA root.pem -CAkey root.key -CAcreateserial -out clock.pem "
            f"-extfile ts.cnf -extensions clock -days {days}"
        )

    def reply(self, request: bytes, with_root: bool = True) -> bytes:
        """The reply to a request, as an authority sends it."""
        (self.folder / "request.tsq").write_bytes(request)
        chain = " -chain root.pem" if with_root else ""
        self._openssl(
            "ts -reply -queryfile request.tsq -signer clock.pem -inkey clock.key "
            f"-config ts.cnf -section ours -out reply.tsr{chain}"
        )
        return (self.folder / "reply.tsr").read_bytes()

    def told_of(self, request: bytes) -> str:
        """What openssl reads in a request."""
        (self.folder / "read.tsq").write_bytes(request)
        return self._openssl("ts -query -in read.tsq -text")

    def holds(self, reply: bytes, digest: str) -> bool:
        """Whether openssl takes the reply as one of this authority's for that hash."""
        (self.folder / "read.tsr").write_bytes(reply)
        try:
            self._openssl(f"ts -verify -digest {digest} -in read.tsr -CAfile root.pem")
        except subprocess.CalledProcessError:
            return False
        return True

    def _openssl(self, words: str, *more: str) -> str:
        done = subprocess.run(
            ["openssl", *words.split(), *more],
            cwd=self.folder,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout
