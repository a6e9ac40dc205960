"""Profiles: how what is known of a person is merged. Source: openpanel contract §3.10, §3.11, §6.3."""

import re
from collections.abc import Callable, Iterable

from footfall.ingest.enrich import ua
from footfall.ingest.enrich.properties import clean_text, flatten, number_text
from footfall.ingest.records import AssignGroups, Identify, Increment
from footfall.model.event import DESCRIBED, Event, Profile
from footfall.model.event_data import merge

_LEADING_NUMBER = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)")

_OF_AGENT = ("os", "os_version", "browser", "browser_version", "device", "brand", "model")
_DEGREES = ("longitude", "latitude")
_OF_EVENT = tuple(name for name in DESCRIBED if name not in _DEGREES)
_MAX_TEXT = 2_048
MAX_PROPERTIES = 1_000
"""What is kept of a person, who is read and written as a whole and may be told new things for years."""

Load = Callable[[str, Iterable[str]], dict[str, Profile]]


class Profiles:
    """The profiles that a batch touches, loaded once and written once."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._known: dict[tuple[str, str], Profile | None] = {}
        self._changed: dict[tuple[str, str], Profile] = {}

    def prefetch(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Load many at once; (project id, profile id) pairs."""
        by_project: dict[str, set[str]] = {}
        for project_id, profile_id in wanted:
            by_project.setdefault(project_id, set()).add(profile_id)
        for project_id, ids in by_project.items():
            found = self._load(project_id, ids)
            for profile_id in ids:
                self._known[project_id, profile_id] = found.get(profile_id)

    def identify(self, record: Identify) -> None:
        """Upsert a person's traits; empty values erase nothing, incoming ones win."""
        profile = self._open(record.project_id, record.profile_id, record.at)
        profile.is_external = profile.is_external or record.is_external
        for name in ("first_name", "last_name", "email", "avatar"):
            value = clean_text(getattr(record, name))[:_MAX_TEXT]
            # Half an address shows nothing, least of all a picture in a data: URL.
            if value and not (name == "avatar" and len(getattr(record, name)) > _MAX_TEXT):
                setattr(profile, name, value)
        agent = ua.parse(record.user_agent)
        place = record.place
        described = {name: getattr(place, name) for name in ("country", "region", "city")}
        described |= {name: getattr(agent, name) for name in _OF_AGENT}
        described |= {name: _degrees(getattr(place, name)) for name in _DEGREES}
        self._describe(profile, described)
        for news in (flatten(record.properties), record.data):
            merge(profile.properties, news, MAX_PROPERTIES)

    def saw(self, event: Event, *, is_late: bool = False) -> None:
        """A known person was here: keep where and with what (§6.3).

        An event from the past does so only for somebody of whom nothing of that is known.
        """
        profile = self._open(event.project_id, event.profile_id, event.created_at)
        profile.is_external = True
        if is_late and "device" in profile.properties:
            return
        described = {name: getattr(event, name) for name in _OF_EVENT}
        described |= {name: _degrees(getattr(event, name)) for name in _DEGREES}
        self._describe(profile, described)

    def increment(self, record: Increment) -> None:
        """Add to a number; text counts as its leading number, absence as 0, and what is no number stays."""
        profile = self._open(record.project_id, record.profile_id, record.at)
        has_room = record.property in profile.properties or len(profile.properties) < MAX_PROPERTIES
        if not (has_room and can_step(profile, record.property)):
            return
        found = _LEADING_NUMBER.match(profile.properties.get(record.property, "0"))
        total = (float(found.group(1)) if found else 0.0) + record.value
        profile.properties[record.property] = number_text(total)

    def assign(self, record: AssignGroups) -> None:
        """Add groups to a person or a device."""
        profile = self._open(record.project_id, record.profile_id, record.at)
        profile.is_external = profile.is_external or record.is_external
        profile.groups = tuple(dict.fromkeys((*profile.groups, *record.groups)))

    def changed(self) -> list[Profile]:
        """What the batch must write."""
        return list(self._changed.values())

    def _describe(self, profile: Profile, described: dict[str, str]) -> None:
        # A server that speaks for a person must not overwrite the person's own browser and place.
        if described.get("device") == "server" and profile.properties.get("device", "server") != "server":
            return
        profile.properties.update({key: value for key, value in described.items() if value})

    def _open(self, project_id: str, profile_id: str, at: int) -> Profile:
        key = (project_id, profile_id)
        if key not in self._known:
            self._known[key] = self._load(project_id, [profile_id]).get(profile_id)
        profile = self._known[key]
        if profile is None:
            profile = self._known[key] = Profile(id=profile_id, project_id=project_id, created_at=at)
        profile.created_at = min(profile.created_at or at, at)
        profile.last_seen_at = max(profile.last_seen_at, at)
        self._changed[key] = profile
        return profile


def can_step(profile: Profile, name: str) -> bool:
    """Whether a property is absent or begins with a number; an object is none (§3.11)."""
    value = profile.properties.get(name)
    if value is None:
        return not any(key.startswith(f"{name}.") for key in profile.properties)
    return _LEADING_NUMBER.match(value) is not None


def _degrees(value: float | None) -> str:
    return "" if value is None else number_text(value)
