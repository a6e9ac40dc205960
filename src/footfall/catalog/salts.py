"""The daily salts that device ids are made with (openpanel contract §4.1).

One salt per UTC day. Today's is current, yesterday's previous; older ones are deleted at midnight, when they
are 48 hours old, and with them the last way to tie a device id to an address.
"""

import secrets
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from msgspec import Struct
from sqlalchemy import Connection, delete, insert, or_, select

from footfall.catalog import tables

DAY = timedelta(days=1)


class Salts(NamedTuple):
    """32 hex digits each; `previous` is for the sessions that span midnight."""

    current: str
    previous: str


class SaltsOfDay(Struct, frozen=True):
    """A day's salts. `day` is its midnight, UTC."""

    day: datetime
    salts: Salts

    def serve(self, now: datetime) -> bool:
        """Whether they are the ones for that instant.

        They also serve the day before: a process whose clock is a little behind must not turn them back.
        """
        return self.day - DAY <= now < self.day + DAY


def midnight(now: datetime) -> datetime:
    """The UTC day's first instant."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def stored(connection: Connection) -> SaltsOfDay | None:
    """The newest two salts, if they are of consecutive days."""
    rows = connection.execute(select(tables.salts).order_by(tables.salts.c.created_at.desc()).limit(2)).all()
    if len(rows) < 2 or rows[0].created_at - rows[1].created_at != DAY:
        return None
    return SaltsOfDay(rows[0].created_at, Salts(rows[0].salt, rows[1].salt))


def rotate(connection: Connection, now: datetime) -> None:
    """Make the salts of that day where they are missing, and delete those of other days.

    A salt of tomorrow stays (another process's clock may be ahead of ours), one of a later day is a clock's
    mistake and goes.
    """
    table = tables.salts
    today = midnight(now)
    connection.execute(
        delete(table).where(or_(table.c.created_at < today - DAY, table.c.created_at > today + DAY))
    )
    present = set(connection.execute(select(table.c.created_at)).scalars())
    for day in (today - DAY, today):
        if day not in present:
            connection.execute(insert(table).values(salt=secrets.token_hex(16), created_at=day))
