"""Takes every right but computing from a process that reads a hostile file, for good."""

import ctypes
import os
import resource
import signal
import struct
import sys
from contextlib import suppress

MEMORY = 1536 * 2**20  # bytes of address space: a ledger of 100,000 rows takes a third of it
CPU_SECONDS = 90
GRACE = 5  # seconds between SIGXCPU, by which the parent sees the reason, and SIGKILL
NOBODY = 65534  # owns nothing, unlike the user that PostgreSQL runs as

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 1, 22, 38, 2
LOAD, IF_EQUAL, RETURN = 0x20, 0x15, 0x06  # instructions of a filter
ALLOW, AS_IF_UNKNOWN = 0x7FFF0000, 0x00050000 | 38  # 38: ENOSYS, after which libraries try an older call
# By machine: the kernel's name of it, and the numbers of the calls that stay allowed
CALLS = {
    "x86_64": (
        0xC000003E,
        *(0, 1, 3, 5, 8, 17, 19, 20, 77, 262),  # read, write, close, fstat, lseek, pread64, readv, writev, ftruncate
        *(9, 10, 11, 12, 25, 28),  # mmap, mprotect, munmap, brk, mremap, madvise
        *(13, 14, 15, 131, 202, 219, 334),  # its own signals; futex, restart_syscall, rseq
        *(24, 39, 96, 98, 186, 204, 228, 229, 230, 318),  # its number, the time, how much it used, random numbers
        *(60, 231),  # exit, exit_group
    ),
    "aarch64": (
        0xC00000B7,
        *(63, 64, 57, 80, 62, 67, 65, 66, 46, 79),
        *(222, 226, 215, 214, 216, 233),
        *(134, 135, 139, 132, 98, 128, 293),
        *(124, 172, 169, 165, 178, 123, 113, 114, 115, 278),
        *(93, 94),
    ),
}


def confine(largest_file: int = 0) -> None:
    """From here on the process can compute, read and write what is open, and end.

    It opens no file and no connection, so nothing can be imported any more, and starts no process.
    What is open may grow to `largest_file` bytes. Root becomes a user without rights.
    """
    _limit(resource.RLIMIT_AS, MEMORY)
    _limit(resource.RLIMIT_CPU, CPU_SECONDS, CPU_SECONDS + GRACE)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, largest_file)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_NOFILE, 0)  # of new descriptors; those that are open stay
    if os.geteuid() == 0:
        with suppress(OSError):  # in a container that maps no such user
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
    if sys.platform == "linux":
        _allow_computing_only()


def _limit(kind: int, soft: int, hard: int | None = None) -> None:
    with suppress(ValueError, OSError):  # without such a limit the parent's timeout remains
        resource.setrlimit(kind, (soft, soft if hard is None else hard))


def _allow_computing_only() -> None:
    """Have the kernel refuse all other calls; where it knows no filters the limits remain."""
    prctl = ctypes.CDLL(None).prctl
    prctl.argtypes = (ctypes.c_int, *4 * (ctypes.c_ulong,))
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if calls := CALLS.get(os.uname().machine):
        program = ctypes.create_string_buffer(_filter(*calls))
        length, address = len(program.raw) // 8, ctypes.addressof(program)
        pointer = ctypes.create_string_buffer(struct.pack("HxxxxxxP", length, address))
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(pointer), 0, 0)


def _filter(machine: int, *calls: int) -> bytes:
    """A filter of calls in the kernel's language, eight bytes an instruction."""
    program = [(LOAD, 0, 0, 4), (IF_EQUAL, 0, len(calls) + 1, machine), (LOAD, 0, 0, 0)]
    program += [(IF_EQUAL, len(calls) - place, 0, call) for place, call in enumerate(calls)]
    program += [(RETURN, 0, 0, AS_IF_UNKNOWN), (RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program)
