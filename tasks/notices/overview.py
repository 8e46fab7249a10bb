"""The channels there are, for people: where each leads, and how its last messages fared."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text

from models.escalation.channel import Channel
from tasks.database import snapshot

# A channel that people's sheet names and nobody set up is in the list, too. Of errors only those
# count that came after the last message which arrived, or whose message still waits.
CHANNELS = """
WITH name AS (
    SELECT c.name FROM channel c UNION SELECT jsonb_array_elements_text(p.channels) FROM person p
), arrived AS (
    SELECT channel AS name, max(delivered_at) AS at FROM delivery WHERE channel <> '' GROUP BY channel
), failed AS (
    SELECT DISTINCT ON (d.channel) d.channel AS name, d.last_error, coalesce(d.refused_at, d.recorded_at) AS at
    FROM delivery d LEFT JOIN arrived ON arrived.name = d.channel
    WHERE d.last_error <> '' AND d.dropped_at IS NULL
      AND (d.refused_at IS NULL OR arrived.at IS NULL OR d.refused_at > arrived.at)
    ORDER BY d.channel, d.id DESC
)
SELECT name.name, arrived.at, failed.at, failed.last_error
FROM name LEFT JOIN arrived USING (name) LEFT JOIN failed USING (name)
ORDER BY name.name
"""


@dataclass(frozen=True)
class ShownChannel:
    name: str
    is_set: bool
    host: str
    has_key: bool
    changed_at: datetime | None
    arrived_at: datetime | None  # the last message that was taken
    failed_at: datetime | None
    last_error: str


def channels() -> list[ShownChannel]:
    with snapshot() as session:
        rows = session.execute(text(CHANNELS)).all()
        kept = {channel.name: channel for channel in session.scalars(select(Channel))}
    return [_shown(kept.get(name), name, *facts) for name, *facts in rows]


def _shown(
    kept: Channel | None, name: str, arrived_at: datetime | None, failed_at: datetime | None, last_error: str | None
) -> ShownChannel:
    return ShownChannel(
        name=name,
        is_set=kept is not None,
        host=kept.host if kept else "",
        has_key=kept is not None and kept.has_key,
        changed_at=kept.changed_at if kept else None,
        arrived_at=arrived_at,
        failed_at=failed_at,
        last_error=last_error or "",
    )
