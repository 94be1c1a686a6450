"""Files are written whole or not at all; what is no file stays what it is."""

import os
import threading
from pathlib import Path

from kb.files import write_whole


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = list[bytes]()
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, b"told")
    reader.join()
    assert read == [b"told"]
    assert pipe.is_fifo()


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "answer.md").write_bytes(b"old")
    link = tmp_path / "latest.md"
    link.symlink_to("answer.md")
    write_whole(link, b"new")
    assert link.is_symlink()
    assert (tmp_path / "answer.md").read_bytes() == b"new"


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"1")
    write_whole(tmp_path / "a", b"2")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"2")]
