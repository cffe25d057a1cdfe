"""Programs that tests run with other rights than their own: as another user, or held to the permissions of files."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SOCKET_FOLDER_BYTES_MAX = 60  # the path of a Unix socket has at most 107 bytes


def place_for_others():
    """Returns a folder for temporary folders that every user may enter, with a short path: the usual one if it is
    like that. TMPDIR may name a folder that is closed to a server that runs as another user."""
    for place in (tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"):
        path = pathlib.Path(place).resolve()
        if len(os.fsencode(path)) <= SOCKET_FOLDER_BYTES_MAX and os.access(path, os.W_OK | os.X_OK) and all(
                each.stat().st_mode & 0o001 for each in (path, *path.parents)):
            return path
    sys.exit("no folder for temporary files can be entered by every user")


def with_ordinary_rights(program, folder):
    """Returns the command line that runs `program` held to the permissions of files, also if the test runs as root.

    Root without its override cannot enter other users' folders, and the program may be in one, so it runs as a copy in
    `folder`, with a copy of each library that is not the system's. `folder` must be below place_for_others()."""
    if os.geteuid() != 0:
        return [program]
    linked = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    libraries = [path for path in re.findall(r" => (/.+) \(0x", linked) if not path.startswith(("/lib", "/usr"))]
    for path in (program, *libraries):
        shutil.copy(path, folder)
    return ["setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search",
            "env", f"LD_LIBRARY_PATH={folder}", str(folder / pathlib.Path(program).name)]
