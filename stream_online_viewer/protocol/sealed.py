"""Memory that two processes share, sealed so that neither can harm the other by changing its size.

Who reads beyond the end of a file that another process has made shorter is killed by SIGBUS.
"""

import fcntl
import os
from errno import ENOSYS


def sealed_memory(name: str, nbytes: int) -> int:
    """Return the descriptor of new memory of ``nbytes`` bytes, all zero, whose size nobody can change any more.

    ``name`` is for those who look at the process. The memory has no address in a file system and ends with the last
    process that has it. A page takes room from its first use on. Raise OSError where there is no such memory.
    """
    if not hasattr(os, "memfd_create"):
        raise OSError(ENOSYS, "this system has no memory to be shared by descriptor")
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.ftruncate(descriptor, nbytes)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
