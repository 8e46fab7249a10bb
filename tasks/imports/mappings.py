"""Mappings of columns that people gave: files with the same header are read by them again."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from models.office_files.rows import MappedHeader
from models.office_files.sheets.mapping import GivenMapping
from models.office_files.sheets.remembered_mapping import RememberedMapping
from tasks.database import transaction
from tasks.ledger.office_time import office_day


def remembered() -> dict[str, GivenMapping]:
    """All of them by the digest of their header."""
    return {known.digest: GivenMapping(known.mapping, known.file, str(office_day(known.set_at))) for known in listed()}


def listed() -> list[RememberedMapping]:
    """All of them, the newest first."""
    with transaction() as session:
        return list(session.scalars(select(RememberedMapping).order_by(RememberedMapping.set_at.desc())))


def remember(headers: Iterable[MappedHeader], file: str, run_id: str) -> None:
    """Remember what a person said of these headers, instead of what was said of them before."""
    statement = insert(RememberedMapping)
    new = statement.excluded
    values = {"headers": new.headers, "mapping": new.mapping, "file": new.file, "run_id": new.run_id}
    statement = statement.on_conflict_do_update(
        index_elements=[RememberedMapping.digest], set_=values | {"set_at": new.set_at}
    )
    by_digest = {header.digest: header for header in headers}
    rows = [
        {"digest": header.digest, "headers": list(header.texts), "mapping": dict(header.mapping)}
        for header in sorted(by_digest.values())
    ]
    if rows:
        given = {"file": file, "run_id": run_id, "set_at": datetime.now(UTC)}
        with transaction() as session:
            session.execute(statement, [row | given for row in rows])


def forget(digest: str) -> None:
    with transaction() as session:
        session.execute(delete(RememberedMapping).where(RememberedMapping.digest == digest))
