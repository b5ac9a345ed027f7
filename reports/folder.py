"""How a report lands: everything is written aside first, then takes its place; what an earlier report left goes.

A report may be written into a folder that holds other things. Its own list of what it wrote, with a hash of each file,
tells which of them are its own: only those are ever replaced, and removed only while nobody has changed them.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from enigmath.bench.contracts import UserError

LIST = "files.json"
"""The list of the files that a report wrote, each with its SHA-256."""


def land(folder: Path, files: Iterable[tuple[str, bytes | Path]]) -> None:
    """Write a report's files, each a relative path with its bytes or a file to be moved there, into the folder.

    No file takes its place before all of them are written; files of an earlier report that this one has not are
    removed. Raises UserError where a file that no report wrote stands in the way, and where the folder cannot be
    written.
    """
    aside = folder / f".report.{os.getpid()}.aside"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside.mkdir()
        try:
            written = {path: _write(aside, path, content) for path, content in files}
            earlier = _listed(folder)
            _require_own(folder, {*written} - earlier.keys() | ({LIST} if not earlier else set()))
            # The list goes first, with what the earlier report left: whatever stops the rest, the next report knows
            # these files for its own.
            _list(folder, aside, earlier | written)
            for path in written:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (aside / path).replace(folder / path)
            for path in earlier.keys() - written.keys():
                _remove(folder, path, earlier[path])
            _list(folder, aside, written)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    except OSError as error:
        raise UserError(
            f"cannot be written: {error.strerror}", where=str(folder), mend="choose another --out"
        ) from None


def _require_own(folder: Path, unknown: set[str]) -> None:
    """UserError where one of these files, which no report is known to have written, is there already."""
    foreign = sorted(path for path in unknown if (folder / path).exists())
    if foreign:
        more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
        what = f"{foreign[0]}{more} would be overwritten, which no report wrote"
        raise UserError(what, where=str(folder), mend="choose another --out, or move them away")


def _list(folder: Path, aside: Path, written: dict[str, str]) -> None:
    """Put the list of a report's files in its place."""
    _write(aside, LIST, json.dumps({"format": 1, "files": dict(sorted(written.items()))}, indent=1).encode())
    (aside / LIST).replace(folder / LIST)


def _write(aside: Path, path: str, content: bytes | Path) -> str:
    """Write one file aside and return its SHA-256."""
    place = aside / path
    if not place.resolve().is_relative_to(aside.resolve()):
        raise ValueError(f"{path} does not lie in the report")
    place.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, Path):
        shutil.move(content, place)
    else:
        place.write_bytes(content)
    return _sha256(place)


def _listed(folder: Path) -> dict[str, str]:
    """The files that an earlier report wrote here, by its own list; none where there is no list that can be trusted."""
    try:
        listed = json.loads((folder / LIST).read_bytes())["files"]
        entries = {str(path): str(digest) for path, digest in listed.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    parts = {path: PurePosixPath(path).parts for path in entries}
    return {path: entries[path] for path, names in parts.items() if 0 < len(names) <= 2 and ".." not in names}


def _remove(folder: Path, path: str, digest: str) -> None:
    """Remove a file that an earlier report wrote and nobody has changed, and its folder where that is empty then."""
    place = folder / path
    if place.is_symlink() or not place.is_file() or place.parent.resolve() != (folder.resolve() / path).parent:
        return
    if _sha256(place) == digest:
        place.unlink()
        if place.parent != folder and not any(place.parent.iterdir()):
            place.parent.rmdir()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
