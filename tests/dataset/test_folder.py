"""A folder is whole or absent."""

from pathlib import Path

import pytest

from patzta.dataset.folder import whole_folder


def test_replaces_what_was_there(tmp_path: Path) -> None:
    for text in ("old", "new"):
        with whole_folder(tmp_path / "deep" / "out") as folder:
            (folder / "file").write_text(text)
    assert (tmp_path / "deep/out/file").read_text() == "new"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]


def test_a_failure_leaves_the_old_one(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "out") as folder:
        (folder / "file").write_text("old")
    with pytest.raises(KeyboardInterrupt), whole_folder(tmp_path / "out") as folder:
        (folder / "file").write_text("new")
        raise KeyboardInterrupt
    assert (tmp_path / "out/file").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_remains_of_a_killed_process_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / ".out.partial").mkdir()
    (tmp_path / ".out.partial/stale").touch()
    with whole_folder(tmp_path / "out"):
        pass
    assert list((tmp_path / "out").iterdir()) == []
