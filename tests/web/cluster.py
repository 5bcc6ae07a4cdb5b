"""A private PostgreSQL for one run: made in a folder of its own, reached by a socket in it, gone afterwards.

``python tests/web/cluster.py command …`` runs a command with ``YIKE_DATABASE`` set to such a database (as ``.ci/run`` does).
Nobody else reaches it: no TCP, and the folder is open to its owner alone. PostgreSQL will not run as root, so root
starts it as the user ``postgres``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote


def programs() -> Path | None:
    """Return the folder of PostgreSQL's own programs, None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def cluster() -> Iterator[str]:
    """Start a cluster and yield the address of an empty database in it; stop and remove it whatever happens.

    Raises
    ------
    RuntimeError
        PostgreSQL is not installed, or did not start: with what it said.
    """
    bin = programs()
    if bin is None:
        raise RuntimeError("PostgreSQL is not installed")
    as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="yike-pg-"))
    try:
        if as_owner:
            shutil.chown(folder, "postgres", "postgres")
        data = folder / "data"
        # The locale C.UTF-8: Chinese text compares as in the database of an installation.
        made = ["-D", str(data), "-U", "yike", "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8", "-N"]
        _run([*as_owner, str(bin / "initdb"), *made], folder)
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c full_page_writes=off"
        control = [*as_owner, str(bin / "pg_ctl"), "-D", str(data), "-w", "-s"]
        _run([*control, "-l", str(folder / "log"), "-o", options, "start"], folder)
        try:
            _run([*as_owner, str(bin / "createdb"), "-h", str(folder), "-U", "yike", "yike"], folder)
            yield f"postgres://yike@{quote(str(folder), safe='')}/yike"
        finally:
            _run([*control, "-m", "immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str], folder: Path) -> None:
    # The server inherits what pg_ctl was given: into a file, for a pipe would never end.
    with (folder / "said").open("a+") as said:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd="/")
        if done.returncode:
            said.seek(0)
            raise RuntimeError(f"{' '.join(command)}\n{said.read()}")


if __name__ == "__main__":
    with cluster() as address:
        sys.exit(subprocess.run(sys.argv[1:], env=os.environ | {"YIKE_DATABASE": address}).returncode)
