"""Seals what is secret: by the keys of LUODI_SECRET_KEY, else by the key file of this home."""

import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from models.i18n import gettext as _
from models.settings import secret_keys, settings
from tasks.files import home, write_secret

FILE = "secret.key"


class NoSecretKey(RuntimeError):
    """What is sealed cannot be opened, or nothing be sealed: the text says which key to bring."""


def known_keys() -> list[str]:
    """The keys this process has; the first one seals. The file's come after the setting's."""
    text, path = settings().secret_key, key_file()
    in_file = _read(path) if os.path.lexists(path) else []
    return list(dict.fromkeys([*(secret_keys(text) if text else ()), *in_file]))


def sealing_key() -> str:
    """The key that seals; made now if there is none."""
    if not known_keys():
        _make(key_file())
    return known_keys()[0]


def fingerprint(key: str) -> str:
    """Names a key and does not tell it."""
    return hashlib.sha256(f"luodi {key}".encode()).hexdigest()[:12]


def seal(text: str) -> str:
    return Fernet(sealing_key()).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text that was sealed; NoSecretKey if none of our keys sealed it."""
    keys = [Fernet(key) for key in known_keys()]
    with suppress(InvalidToken):
        if keys:
            return MultiFernet(keys).decrypt(sealed.encode()).decode()
    raise NoSecretKey(_("the key it was sealed with is neither in LUODI_SECRET_KEY nor in %(file)s") % {"file": FILE})


def key_file() -> Path:
    return home() / FILE


def _read(path: Path) -> list[str]:
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(opened, encoding="ascii") as file:
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                raise ValueError
            return secret_keys(file.read())
    except (OSError, ValueError) as problem:
        why = (problem.strerror if isinstance(problem, OSError) else "") or _("it holds no key")
        raise NoSecretKey(_("%(file)s cannot be used: %(why)s") % {"file": FILE, "why": why}) from None


def _make(path: Path) -> None:
    try:
        write_secret(path, f"{Fernet.generate_key().decode()}\n")
    except OSError as problem:
        text = _("%(file)s cannot be made: %(why)s")
        raise NoSecretKey(text % {"file": path, "why": problem.strerror}) from None
