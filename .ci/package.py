"""Make the ZIP that QGIS installs, and check it as the plugin repository does.

The package is the last commit's files, less what .gitattributes leaves out, in one folder named
``ceasefire_monitor``. ``--check`` packs the files as they lie, checks, and keeps nothing.
"""

from __future__ import annotations

import configparser
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME = "ceasefire_monitor"
REQUIRED = (
    "name description version qgisMinimumVersion author email about tracker repository homepage "
    "license hasProcessingProvider"
).split()
FORBIDDEN_SUFFIXES = {".pyc", ".so", ".dll", ".exe", ".dylib", ".pyd", ".ui~", ".sh", ".zip"}
LARGEST = 25 * 1024 * 1024


def git(*words: str) -> bytes:
    """What git answers in the repository's root."""
    return subprocess.run(["git", *words], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout


def archive(tree: str) -> bytes:
    """The bytes of the ZIP of a commit or tree."""
    return git("archive", "--format=zip", f"--prefix={NAME}/", "--worktree-attributes", tree)


def tree_as_it_lies() -> str:
    """A tree of the files as they lie now, tracked or new, without touching the index."""
    with tempfile.TemporaryDirectory() as folder:
        import os

        environment = {**os.environ, "GIT_INDEX_FILE": str(Path(folder) / "index")}
        subprocess.run(["git", "add", "-A"], cwd=ROOT, check=True, env=environment)
        answer = subprocess.run(
            ["git", "write-tree"], cwd=ROOT, check=True, env=environment, stdout=subprocess.PIPE
        )
    return answer.stdout.decode().strip()


def problems(package: zipfile.ZipFile) -> list[str]:
    """What the plugin repository would refuse, one sentence each."""
    found = []
    names = package.namelist()
    for name in names:
        parts = Path(name).parts
        if parts[0] != NAME:
            found.append(f"{name} lies outside the folder {NAME}.")
        if any(part.startswith(".") or part == "__pycache__" for part in parts):
            found.append(f"{name} is hidden or a cache.")
        if "tests" in parts or Path(name).suffix.lower() in FORBIDDEN_SUFFIXES:
            found.append(f"{name} does not belong in a package.")
    for needed in ("__init__.py", "metadata.txt", "LICENSE", "README.md"):
        if f"{NAME}/{needed}" not in names:
            found.append(f"{needed} is missing.")
    if sum(item.compress_size for item in package.infolist()) > LARGEST:
        found.append("The package is larger than 25 MB.")
    return found + metadata_problems(package)


def metadata_problems(package: zipfile.ZipFile) -> list[str]:
    """What is wrong with metadata.txt."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read_string(package.read(f"{NAME}/metadata.txt").decode("utf-8"))
    general = dict(parser["general"])
    found = [f"metadata.txt lacks {key}." for key in REQUIRED if not general.get(key, "").strip()]
    icon = general.get("icon", "")
    if f"{NAME}/{icon}" not in package.namelist():
        found.append(f"The icon of metadata.txt, {icon or 'none'}, is not in the package.")
    return found


def secrets(package: zipfile.ZipFile) -> list[str]:
    """Places that look like a secret, as detect-secrets sees them."""
    with tempfile.TemporaryDirectory() as folder:
        package.extractall(folder)
        answer = subprocess.run(
            [sys.executable, "-m", "detect_secrets", "scan", "--all-files", "."],
            cwd=folder,
            check=True,
            stdout=subprocess.PIPE,
        )
    results = json.loads(answer.stdout)["results"]
    return [
        f"{name}:{hit['line_number']} looks like a secret ({hit['type']})."
        for name, hits in results.items()
        for hit in hits
    ]


def main(words: list[str]) -> int:
    """Make the package, or with ``--check`` only look at it."""
    check_only = words == ["--check"]
    content = archive(tree_as_it_lies() if check_only else "HEAD")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        found = problems(package) + secrets(package)
        count = len(package.namelist())
    for line in found:
        print(line, file=sys.stderr)
    if found:
        return 1
    if check_only:
        print(f"Package: {count} entries, {len(content) / 1e6:.1f} MB, no problem.")
        return 0
    target = ROOT / words[0]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    if git("status", "--porcelain"):
        print("Uncommitted changes are not in the package.")
    print(f"Made {words[0]} ({len(content) / 1e6:.1f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
