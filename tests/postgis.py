"""A PostgreSQL cluster with PostGIS of the tests' own: on loopback, in a temporary folder."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Iterable, Optional, Sequence

DEBIAN = Path("/usr/lib/postgresql")
SERVER_USER = "postgres"
ATTEMPTS = 3


class NoPostgis(Exception):
    """PostGIS is not to be had here; the text says why."""


class PostgisCluster:
    """A running cluster. Use as ``with PostgisCluster() as server``; nothing of it stays behind.

    Raises NoPostgis where the programs or the extension are absent. As root, the server runs as
    the user postgres, for it refuses to run as root.
    """

    def __init__(self, settings: Sequence[str] = ()):
        self.programs = programs()
        self.settings = settings
        self.port = 0
        self._password = secrets.token_hex(16)
        self._user = SERVER_USER if os.getuid() == 0 else None
        self._folder: Optional[Path] = None

    def __enter__(self) -> PostgisCluster:
        self._folder = Path(tempfile.mkdtemp(prefix="ceasefire-postgis-"))
        try:
            self._create()
            self._start()
            self.run("create extension postgis")
        except subprocess.CalledProcessError as error:
            self.close()
            raise NoPostgis(_last_line(error.stderr) or str(error)) from error
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Stop the server if it runs, and remove its folder."""
        if self._folder is None:
            return
        if (self._folder / "data" / "postmaster.pid").exists():
            self._server("pg_ctl", "-D", "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self._folder)
        self._folder = None

    def run(self, sql: str, rows: Iterable[str] = ()) -> list[list[str]]:
        """Run statements; the rows of what they select, as text.

        ``rows`` are lines of CSV, taken by a ``copy … from stdin with (format csv)`` in ``sql``.
        """
        command = [self.programs / "psql", "-X", "-q", "-A", "-t", "-F", "\t"]
        command += ["-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port)]
        command += ["-U", "postgres", "-d", "postgres"]
        command += ["-c", sql] if rows else ["-f", "-"]
        told = subprocess.run(
            command,
            input="\n".join(rows) + "\n" if rows else sql,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PGPASSWORD": self._password, "PGCLIENTENCODING": "UTF8"},
        )
        return [line.split("\t") for line in told.stdout.splitlines()]

    def conninfo(self, user: str = "postgres", password: Optional[str] = None) -> str:
        """libpq's connection text for a user of the cluster; by default its administrator."""
        secret = self._password if password is None else password
        return (
            f"host=127.0.0.1 port={self.port} dbname=postgres user={user} password={secret} "
            "connect_timeout=10"
        )

    def version(self) -> str:
        """PostgreSQL's and PostGIS's versions, in words."""
        server = self.run("show server_version")[0][0].split()[0]
        extension = self.run("select postgis_lib_version()")[0][0]
        return f"PostgreSQL {server}, PostGIS {extension}"

    def _create(self) -> None:
        secret = self._folder / "password"
        secret.write_text(self._password, encoding="ascii")
        if self._user is not None:
            for path in (self._folder, secret):
                shutil.chown(path, self._user)
        self._server(
            *("initdb", "-D", "data", "-U", "postgres", "-E", "UTF8", "--no-locale", "-N"),
            *("-A", "scram-sha-256", "--pwfile", "password"),
        )
        secret.unlink()

    def _start(self) -> None:
        settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
        settings += ["synchronous_commit=off", "full_page_writes=off", *self.settings]
        for attempt in range(1, ATTEMPTS + 1):
            self.port = _free_port()
            options = " ".join(f"-c {setting}" for setting in [*settings, f"port={self.port}"])
            try:
                self._server("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")
                return
            except subprocess.CalledProcessError:
                # Another program may have taken the port since it was looked for.
                if attempt == ATTEMPTS:
                    raise

    def _server(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), *arguments]
        if self._user is not None:
            command = ["runuser", "-u", self._user, "--", *command]
        # A file, not a pipe: the server keeps what it was started with open as long as it runs.
        with tempfile.TemporaryFile("w+") as told:
            done = subprocess.run(
                command, cwd=self._folder, stdout=told, stderr=told, stdin=subprocess.DEVNULL
            )
            told.seek(0)
            if done.returncode:
                raise subprocess.CalledProcessError(done.returncode, command, stderr=told.read())


def programs() -> Path:
    """The folder of PostgreSQL's programs, the newest on Debian; raises NoPostgis."""
    if not hasattr(os, "getuid"):
        raise NoPostgis("A cluster of one's own is started on Linux and macOS alone.")
    folders = sorted(DEBIAN.glob("*/bin"), key=_number, reverse=True) if DEBIAN.is_dir() else []
    for name in ("initdb", "pg_ctl"):
        found = shutil.which(name)
        folders += [Path(found).resolve().parent] if found else []
    needed = ("initdb", "pg_ctl", "psql")
    for folder in folders:
        if all((folder / name).exists() for name in needed):
            return _usable(folder)
    raise NoPostgis("PostgreSQL's programs (initdb, pg_ctl, psql) are not installed.")


def _usable(folder: Path) -> Path:
    if os.getuid() != 0:
        return folder
    # The module exists on Unix alone.
    import pwd

    try:
        pwd.getpwnam(SERVER_USER)
    except KeyError:
        raise NoPostgis(
            "There is no user postgres, and PostgreSQL refuses to run as root."
        ) from None
    if shutil.which("runuser") is None:
        raise NoPostgis("runuser is not installed, and PostgreSQL refuses to run as root.")
    return folder


def _number(folder: Path) -> int:
    found = re.search(r"\d+", folder.parent.name)
    return int(found.group()) if found else 0


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def _last_line(text: Optional[str]) -> str:
    lines = (text or "").strip().splitlines()
    return lines[-1] if lines else ""
