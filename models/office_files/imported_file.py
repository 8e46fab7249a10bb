from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Recordable


class ImportedFile(Recordable, Base):
    """A file of the inbox, imported once; `refusal` says why nothing was entered, or is empty."""

    __tablename__ = "imported_file"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    refusal: Mapped[str] = mapped_column(server_default="")
