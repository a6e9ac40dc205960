"""What charts answer (openpanel contract §9.2.5 to §9.2.7): seed keys and HEAD's beside them."""

import unicodedata
from collections.abc import Iterator
from itertools import chain, count, repeat
from typing import Any

from pydantic import BaseModel, Field

from footfall.api.openpanel.charts import Asked, AskedChart
from footfall.api.openpanel.shown import shown
from footfall.query.buckets import Bucket
from footfall.query.changes import Metrics, State, change
from footfall.query.formula import LETTERS
from footfall.query.series import ChartAnswer, Line
from footfall.query.tallies import Label, is_empty

DECIMALS = 6


class ChangeBody(BaseModel):
    """The same number in the period before."""

    value: float
    change: float | None = Field(description="Signed percent; null if there was nothing before.")
    diff: float | None = Field(description="How many percent the larger is above the smaller.")
    state: State


class PreviousBody(BaseModel):
    """The same metrics in the period before."""

    sum: ChangeBody
    average: ChangeBody
    min: ChangeBody
    max: ChangeBody
    count: ChangeBody | None = None


class MetricsBody(BaseModel):
    """What a line comes to."""

    sum: float
    average: float = Field(description="Of the buckets that are not 0.")
    min: float
    max: float
    count: int | None = Field(None, description="Distinct profiles in the whole range, where people are counted.")
    previous: PreviousBody | None = Field(None, description="Only with `previous=true`.")


class PointBody(BaseModel):
    """One time bucket."""

    date: str = Field(description="Where the bucket starts, ISO 8601 in the project's time zone.")
    count: float
    previous: ChangeBody | None = None


class EventBody(BaseModel):
    """Which of the series it is."""

    id: str
    name: str
    displayName: str | None = None  # noqa: N815
    breakdowns: dict[str, Any] | None = None


class SeriesBody(BaseModel):
    """One line."""

    id: str
    names: list[Any] = Field(description="What it is called, and the breakdown values that it has.")
    event: EventBody
    metrics: MetricsBody
    data: list[PointBody]


class ChartBody(BaseModel):
    """A chart."""

    series: list[SeriesBody]
    metrics: MetricsBody


def chart_body(asked: AskedChart, answer: ChartAnswer) -> dict[str, Any]:
    """The answer as `ChartBody` describes it. A line has the same id whichever lines are shown with it."""
    ids = _Ids()
    several = len(asked.series) - len(asked.question.hidden) > 1
    named = [(ids.of(asked.series[line.series].name, _labels(asked, line)), line) for line in answer.lines]
    return {
        "series": [_line(asked, line, answer.buckets, id_, several) for id_, line in named[asked.shown]],
        "metrics": _metrics(answer.metrics, answer.previous),
    }


class _Ids:
    """Ids that differ, though two names may look the same without their punctuation."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, name: str, labels: list[Any]) -> str:
        wanted = "-".join([name, *filter(None, (slug(_words(label)) for label in labels))])
        numbered: Iterator[str] = (f"{wanted}-{number}" for number in count(2))
        found = wanted if wanted not in self._taken else next(each for each in numbered if each not in self._taken)
        self._taken.add(found)
        return found


def slug(text: str) -> str:
    """Small letters and digits with hyphens between them, accents folded: `Côte d'Ivoire` is `cote-divoire`."""
    folded = unicodedata.normalize("NFKD", text.replace("&", " and ").replace("%", "percent").replace("|", "-"))
    kept = "".join(char for char in folded.lower() if char.isalnum() or char in " -")
    return "-".join(kept.replace("-", " ").split())


def shown_label(breakdown: str, label: Label) -> Any:
    """A breakdown's value: countries in full (D8), devices capitalised (D9), several values as a list."""
    if isinstance(label, tuple):
        return list(label)
    return shown(breakdown, label) if isinstance(label, str) else label


def _words(label: Any) -> str:
    return " ".join(label) if isinstance(label, list) else str(label)


def _labels(asked: AskedChart, line: Line) -> list[Any]:
    """What it is called besides its event; a value that is empty is left out (contract §9.2.3)."""
    pairs = zip(asked.question.breakdowns, line.labels, strict=True)
    return [shown_label(name, label) for name, label in pairs if not is_empty(label)]


def _line(asked: AskedChart, line: Line, buckets: list[Bucket], id_: str, several: bool) -> dict[str, Any]:
    series = asked.series[line.series]
    pairs = zip(asked.question.breakdowns, line.labels, strict=True)
    prefix = f"({LETTERS[line.series]}) " if several else ""
    return {
        "id": id_,
        "names": [prefix + series.shown, *_labels(asked, line)],
        "event": _event(series, asked, [shown_label(*pair) for pair in pairs]),
        "metrics": _metrics(line.metrics, line.previous_metrics),
        "data": _points(line, buckets),
    }


def _event(series: Asked, asked: AskedChart, labels: list[Any]) -> dict[str, Any]:
    event: dict[str, Any] = {"id": series.id, "name": series.name}
    if series.display_name:
        event["displayName"] = series.display_name
    if labels:
        event["breakdowns"] = dict(zip(asked.breakdowns, labels, strict=True))
    return event


def _points(line: Line, buckets: list[Bucket]) -> list[dict[str, Any]]:
    points: list[dict[str, Any]] = [
        {"date": bucket.label, "count": _plain(value)} for bucket, value in zip(buckets, line.values, strict=True)
    ]
    if line.previous is not None:
        before = chain(line.previous, repeat(0.0))  # the period before may have fewer buckets
        for point, value, previous in zip(points, line.values, before, strict=False):
            point["previous"] = _change(value, previous)
    return points


def _metrics(now: Metrics, previous: Metrics | None) -> dict[str, Any]:
    names = [name for name in Metrics.__struct_fields__ if getattr(now, name) is not None]
    body: dict[str, Any] = {name: _plain(getattr(now, name)) for name in names}
    if previous is not None:
        body["previous"] = {name: _change(getattr(now, name), getattr(previous, name) or 0) for name in names}
    return body


def _change(now: float, before: float) -> dict[str, Any]:
    found = change(now, before)
    return {
        "value": _plain(found.value),
        "change": None if found.change is None else _plain(found.change),
        "diff": None if found.diff is None else _plain(found.diff),
        "state": found.state,
    }


def _plain(number: float) -> float:
    """Whole numbers without a fraction."""
    return int(number) if number == int(number) else round(number, DECIMALS)
