"""The files an office's folder has given: each content is taken in once."""

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Recordable


class ImportedFile(Recordable, Base):
    """A file found in the folder: what was good of it is in the ledger, or `refusal` says why nothing is."""

    __tablename__ = "imported_file"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    refusal: Mapped[str] = mapped_column(server_default="")
