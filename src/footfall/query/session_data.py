"""Session data: what visitors, or the people they signed in as, have told of themselves (umami contract §1.4).

It is kept with their profiles, so a later value takes the place of the earlier.

data   the properties of the profiles of a device: its own, and of those who signed in on it; 100 profiles at most
"""

from msgspec import Struct

from footfall.model.event import Profile
from footfall.query.operators import NO_FILTERS, Filters
from footfall.query.reader import Reader
from footfall.query.records import records
from footfall.query.sql import ascending, column, either, equal, read, within
from footfall.store.schema import PROFILES


class DataOfVisitor(Struct, frozen=True):
    """The question for the profiles of one device: its own, and those that were signed in on it."""

    device_id: str
    filters: Filters = NO_FILTERS

    def answer(self, reader: Reader) -> list[Profile]:
        """By id."""
        own = equal(column("device_id"), reader.text(self.device_id))
        signed_in = within(column("id"), read("events", [column("profile_id")], own))
        where = either([equal(column("id"), reader.text(self.device_id)), signed_in])
        return records(reader, PROFILES, Profile, where, order=[ascending(column("id"))], limit=100)
