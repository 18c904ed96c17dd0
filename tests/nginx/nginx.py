"""nginx as a real process before one server: the documented snippet, wrapped into the least configuration there is."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.documents import RIGHTS
from tests.process import free_port

UPSTREAM = "http://127.0.0.1:8080"  # where the snippet has the server
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
UP_WITHIN_S = 20
LOOPBACK = ipaddress.ip_address("127.0.0.1")

(SNIPPET,) = RIGHTS.blocks("nginx")

CONFIGURATION = """
{user}
daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log;
events {{}}
http {{
    access_log access.log;
    {temporary}
    server {{
        listen 127.0.0.1:{port};
        listen 127.0.0.1:{tls_port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {certificate};
        {snippet}
    }}
}}
"""


def find() -> str | None:
    """Return the program; distributions keep it where only root looks."""
    return shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))


class Nginx:
    """`url` and `secure_url` lead through it to the server that listens on `upstream_port`."""

    def __init__(self, program: str, directory: Path, upstream_port: int) -> None:
        self.port, self._directory, self._program = free_port(), directory, program
        tls_port = free_port()
        self.url, self.secure_url = f"http://127.0.0.1:{self.port}", f"https://127.0.0.1:{tls_port}"
        self._process: subprocess.Popen[bytes] | None = None
        assert UPSTREAM in SNIPPET
        text = CONFIGURATION.format(
            user="user root;" if os.geteuid() == 0 else "",  # the directory of a test is its owner's alone
            temporary="\n    ".join(f"{name}_temp_path {name};" for name in TEMPORARY),
            port=self.port,
            tls_port=tls_port,
            certificate=_certificate(directory),
            snippet=SNIPPET.replace(UPSTREAM, f"http://127.0.0.1:{upstream_port}"),
        )
        (directory / "nginx.conf").write_text(text)

    def start(self) -> None:
        """Start it, and return when it listens."""
        files = ["-p", str(self._directory), "-c", str(self._directory / "nginx.conf"), "-e", "error.log"]
        self._process = subprocess.Popen([self._program, *files], cwd=self._directory)
        deadline = time.monotonic() + UP_WITHIN_S
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("nginx did not come up:\n" + (self._directory / "error.log").read_text())
            time.sleep(0.02)  # a process tells nobody when it begins to listen

    def stop(self) -> None:
        """End it and its workers at once."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(UP_WITHIN_S)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def spooled(self) -> list[Path]:
        """Return the files in which it holds bytes back at the moment."""
        return [file for name in TEMPORARY for file in (self._directory / name).rglob("*") if file.is_file()]

    def trust(self) -> ssl.SSLContext:
        """Return how a client knows it."""
        return ssl.create_default_context(cafile=self._directory / "nginx.pem")


def _certificate(directory: Path) -> Path:
    """Make a certificate for this machine, with its key in the same file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nginx")])
    now, day = dt.datetime.now(dt.UTC), dt.timedelta(days=1)
    address = x509.SubjectAlternativeName([x509.IPAddress(LOOPBACK)])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + day)
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    text = made.public_bytes(encoding) + key.private_bytes(encoding, form, serialization.NoEncryption())
    file = directory / "nginx.pem"
    file.write_bytes(text)
    return file
