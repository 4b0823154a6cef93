"""One file written atomically: beside its place first, then put in its place.

A crash leaves the old file or the new one. Mode, ownership and extended attributes stay.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from migrator.model import FileChange

PREFIX = ".mcp-migrate-"


class CannotWrite(OSError):
    """A file that can't be written. `reason` follows its path in a sentence, and says what to do."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} {reason}")
        self.path, self.reason = path, reason


class Staged:
    """The new content of one file, complete and on disk under another name."""

    def __init__(self, change: FileChange, target: Path, before: os.stat_result | None) -> None:
        self.change, self.target = change, target
        self._before = before
        self._made: list[Path] = []  # folders that a new file needed, outermost first
        self._temporary: Path | None = None
        self._committed = False

    def fill(self) -> None:
        """Write the temporary file and read it back. Raises OSError."""
        for folder in reversed([folder for folder in self.target.parents if not folder.exists()]):
            folder.mkdir()
            self._made.append(folder)
        self._temporary = _written(self.target, self.change.after, self._before)

    def check_unchanged(self) -> None:
        """Raises CannotWrite when the file is not what it was when it was read."""
        if self.change.created:
            if os.path.lexists(self.target):
                raise CannotWrite(self.change.path, "was made by something else meanwhile: run again")
            return
        try:
            now = self.target.read_bytes()
        except OSError as error:
            raise CannotWrite(self.change.path, f"can't be read any more ({error.strerror or error})") from None
        if now != self.change.before:
            raise CannotWrite(self.change.path, "was changed by something else meanwhile: run again")

    def commit(self) -> None:
        """Put the new file in its place. Raises CannotWrite."""
        assert self._temporary is not None
        self.check_unchanged()
        try:
            os.replace(self._temporary, self.target)
        except OSError as error:
            raise CannotWrite(self.change.path, f"can't be replaced ({error.strerror or error})") from None
        self._temporary, self._committed = None, True
        _sync_folder(self.target.parent)

    def restore(self) -> bool:
        """Bring the old file back after `commit`. False when that failed too."""
        try:
            if self.change.created:
                self.target.unlink()
                self._remove_made()
            else:
                os.replace(_written(self.target, self.change.before, self._before), self.target)
                _sync_folder(self.target.parent)
        except OSError:
            return False
        return True

    def discard(self) -> None:
        """Remove what `fill` wrote and the folders that were made for it, unless it was committed."""
        if self._committed:
            return
        if self._temporary is not None:
            with contextlib.suppress(OSError):
                self._temporary.unlink()
            self._temporary = None
        self._remove_made()

    def _remove_made(self) -> None:
        for folder in reversed(self._made):
            with contextlib.suppress(OSError):
                folder.rmdir()


def check(root: Path, change: FileChange) -> Staged:
    """What would stop the file from being written, as far as looking tells. Writes nothing. Raises CannotWrite."""
    target = _target(root, change)
    staged = Staged(change, target, None if change.created else _writable(target, change))
    staged.check_unchanged()
    return staged


def stage(root: Path, change: FileChange) -> Staged:
    """Check that the file may be written and write its new content beside it. Raises CannotWrite."""
    staged = check(root, change)
    try:
        staged.fill()
    except OSError as error:
        staged.discard()
        raise CannotWrite(change.path, f"can't be written: {error.strerror or error}") from None
    return staged


def _target(root: Path, change: FileChange) -> Path:
    """The real file: a link inside the tree is followed, one that leaves it is refused."""
    real_root = root.resolve()
    try:
        target = (real_root / change.path).resolve(strict=not change.created)
    except FileNotFoundError:
        raise CannotWrite(change.path, "is not there any more: run again") from None
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "a loop of symbolic links"
        raise CannotWrite(change.path, f"can't be reached ({reason})") from None
    if not target.is_relative_to(real_root):
        raise CannotWrite(change.path, f"is a symbolic link out of the project, to {target}: change that file yourself")
    return target


def _writable(target: Path, change: FileChange) -> os.stat_result:
    try:
        before = target.stat()
    except OSError as error:
        raise CannotWrite(change.path, f"can't be read ({error.strerror or error})") from None
    if not stat.S_ISREG(before.st_mode):
        raise CannotWrite(change.path, "is not a regular file")
    # the superuser may write to read-only files, but somebody made this one read-only on purpose
    if not before.st_mode & 0o222 or not os.access(target, os.W_OK):
        raise CannotWrite(change.path, "is read-only: make it writable first")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise CannotWrite(change.path, "lies in a read-only folder: make the folder writable first")
    return before


def _written(target: Path, content: bytes, like: os.stat_result | None) -> Path:
    """A new file beside `target` with `content`, on disk, with the mode and owner of `like`. Raises OSError."""
    import tempfile  # with the hashes it needs, a dozen milliseconds that only writing is worth

    descriptor, name = tempfile.mkstemp(prefix=PREFIX, suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if like is None:
                os.chmod(temporary, 0o666 & ~_umask())
            else:
                _keep_owner(temporary, like)
                _keep_attributes(target, temporary)
                os.chmod(temporary, stat.S_IMODE(like.st_mode))
            os.fsync(file.fileno())
        if temporary.read_bytes() != content:
            raise OSError("the disk gave back something else than was written")
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    return temporary


def _keep_owner(temporary: Path, like: os.stat_result) -> None:
    if not hasattr(os, "chown"):
        return
    now = temporary.stat()
    if (now.st_uid, now.st_gid) != (like.st_uid, like.st_gid):
        try:
            os.chown(temporary, like.st_uid, like.st_gid)
        except OSError:
            if now.st_uid != like.st_uid:
                raise OSError("it belongs to another user, and would not any more") from None


def _keep_attributes(source: Path, target: Path) -> None:
    """Access lists and the like, as far as the file system lets us."""
    if not hasattr(os, "listxattr"):
        return
    with contextlib.suppress(OSError):
        for name in os.listxattr(source):
            with contextlib.suppress(OSError):
                os.setxattr(target, name, os.getxattr(source, name))


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    """The new name is on disk too. Some file systems and Windows don't sync folders."""
    with contextlib.suppress(OSError, AttributeError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
