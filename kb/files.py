"""Where the shipped files are, and writing files whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
VOCABULARY = HERE / "vocabulary"
RULES = HERE.parent / "rules"
EXAMPLES = HERE.parent / "examples"
CODE_PAGES = HERE / "codes.yaml"


def shown_name(path: Path) -> str:
    """The name of a file as answers show it: never an absolute path, the shipped examples by their folder."""
    if path.is_absolute():
        return f"examples/{path.name}" if path.parent == EXAMPLES else path.name
    return path.as_posix()


def write_whole(path: Path, data: bytes) -> None:
    """Writes beside the target, flushes to disk, then renames: the old file or the new one, never half of it.

    Raises OSError where the folder cannot be written to.
    """
    with whole(path) as beside, beside.open("wb") as file:
        file.write(data)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A file beside the target for a writer that wants a path; it takes the target's place where nothing was raised.

    A link is followed, and what is no file (`/dev/null`, a pipe) is written to and stays what it is. Raises OSError
    where the folder cannot be written to.
    """
    import tempfile  # most commands write nothing

    path = path.resolve()
    if path.exists() and not path.is_file():
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder, path.name)
            path.write_bytes(Path(folder, path.name).read_bytes())
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        yield Path(name)
        with Path(name).open("rb+") as file:
            os.fsync(file.fileno())
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
