"""Where the embedded server of a data directory listens; nothing here needs it installed or running."""

import hashlib
import os
import tempfile
from pathlib import Path

from psycopg.conninfo import make_conninfo

SUPERUSER = "postgres"
DATABASE = "rubis"
PORT = 5432  # only a part of the socket's name: the server does not listen on TCP

_SOCKET_PATH_LIMIT = 107  # bytes of sockaddr_un.sun_path without its final zero


def home_folder(data_dir: Path) -> Path:
    """All that the server owns: `<data dir>/postgres`."""
    return data_dir.resolve() / "postgres"


def socket_folder(data_dir: Path) -> Path:
    """The folder of the server's socket: in the data directory unless its path is too long for a socket."""
    folder = home_folder(data_dir) / "socket"
    if len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= _SOCKET_PATH_LIMIT:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"rubis-{digest}"


def conninfo(data_dir: Path, user: str = SUPERUSER, dbname: str = DATABASE) -> str:
    """A libpq connection string for the server of this data directory, running or not."""
    return make_conninfo(host=str(socket_folder(data_dir)), port=PORT, user=user, dbname=dbname)
