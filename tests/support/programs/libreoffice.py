"""What Luodi writes, opened by an office's program: LibreOffice, as Excel would; pages as people
see them.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

needs_libreoffice = pytest.mark.skipif(
    not (shutil.which("soffice") and shutil.which("pdftotext")),
    reason="needs LibreOffice and poppler (Debian: apt-get install libreoffice-calc libreoffice-writer poppler-utils)",
)
CSV = "csv:Text - txt - csv (StarCalc):44,34,76"
"""Commas, double quotes, UTF-8."""


def convert(path: Path, form: str, folder: Path | None = None) -> Path:
    """The file as LibreOffice saves it in another form, in its own folder or in `folder`, by no
    one's settings.
    """
    target = folder or path.parent
    target.mkdir(exist_ok=True)
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", form, "--outdir", str(target), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return target / f"{path.stem}.{form.partition(':')[0]}"


def pages(path: Path) -> list[str]:
    """The text of each page that LibreOffice prints of a file."""
    command = ["pdftotext", "-layout", str(convert(path, "pdf")), "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\f")[:-1]
