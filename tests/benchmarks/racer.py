"""A process that waits for its turn: started once, asked again and again, ended at the end."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Optional, Sequence

from .serve import MARK

PACKAGE = __name__.split(".", 1)[0]
HERE = __name__.rsplit(".", 1)[0]
ROOT = Path(__file__).resolve().parents[2]


class RacerFailed(Exception):
    """A run that came to nothing; the text says why."""


class Racer:
    """A ``serve`` process. Use as ``with Racer(command, folder, limit_s) as racer``."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        limit_s: float,
        environment: Optional[dict] = None,
    ):
        self._command = [str(part) for part in command]
        self._folder, self._limit_s = folder, limit_s
        self._environment = {**os.environ, **(environment or {})}
        self._process: Optional[subprocess.Popen] = None
        # Open as long as the process is, which no block in this function outlasts.
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115

    def __enter__(self) -> Racer:
        self._process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
        )
        try:
            self._answer()
        except BaseException as error:
            self.__exit__(type(error))
            raise
        return self

    def __exit__(self, kind=None, *_) -> None:
        if kind is not None:
            self._process.kill()
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        if self._process.poll() is None:
            try:
                self._process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process.stdout.close()
        self._errors.close()

    def run(self, *words) -> dict:
        """Ask for one task; what it told. Raises RacerFailed."""
        try:
            self._process.stdin.write(" ".join(str(word) for word in words) + "\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError) as error:
            raise RacerFailed("The process has ended before.") from error
        return self._answer()

    def _answer(self) -> dict:
        late = threading.Event()
        timer = threading.Timer(self._limit_s, self._stop_late, [late])
        timer.start()
        try:
            for line in self._process.stdout:
                if line.startswith(MARK):
                    return self._checked(json.loads(line[len(MARK) :]))
        finally:
            timer.cancel()
        if late.is_set():
            raise RacerFailed(f"It did not finish within {self._limit_s / 60.0:.0f} minutes.")
        self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().strip().splitlines()
        raise RacerFailed(lines[-1] if lines else f"It ended with {self._process.returncode}.")

    def _stop_late(self, late: threading.Event) -> None:
        late.set()
        self._process.kill()

    @staticmethod
    def _checked(answer: dict) -> dict:
        if "failed" in answer:
            raise RacerFailed(answer["failed"])
        return answer


def of_package(module: str, folder: Path, limit_s: float, *arguments, **environment) -> Racer:
    """A racer that is a module beside this one, in the Python and package of this process."""
    packages = folder / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    link = packages / PACKAGE
    if not link.exists():
        link.symlink_to(ROOT, target_is_directory=True)
    path = os.pathsep.join([str(packages), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-m", f"{HERE}.{module}", *arguments]
    return Racer(command, folder, limit_s, {**environment, "PYTHONPATH": path})
