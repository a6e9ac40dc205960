"""What the Insights API answers (openpanel contract §8.2 to §8.5): seed keys and HEAD's beside them."""

from typing import Any, Self

from pydantic import BaseModel, Field

from footfall.api.openpanel.shown import shown
from footfall.model.countries import country_name
from footfall.query.breakdown import Dimension, Share
from footfall.query.overview import Numbers, OverviewAnswer
from footfall.query.pages import Page


class Metrics(BaseModel):
    """The headline numbers."""

    bounce_rate: float = Field(description="Percent of sessions with fewer than two page views.")
    unique_visitors: int
    total_sessions: int
    avg_session_duration: float = Field(description="Seconds, over sessions that have a duration.")
    total_screen_views: int
    views_per_session: float
    total_revenue: int = Field(description="In minor units of the currency.")


class SeriesRow(Metrics):
    """The headline numbers of one time bucket."""

    date: str = Field(description="Where the bucket starts, ISO 8601 in the project's time zone.")


class MetricsBody(BaseModel):
    """The headline numbers of the range, and per time bucket."""

    metrics: Metrics
    series: list[SeriesRow]

    @classmethod
    def of(cls, answer: OverviewAnswer) -> Self:
        """From the answer."""
        rows = [SeriesRow.model_construct(date=bucket.label, **_fields(row)) for bucket, row in answer.series]
        return cls.model_construct(metrics=Metrics.model_construct(**_fields(answer.totals)), series=rows)


def _fields(numbers: Numbers) -> dict[str, Any]:
    return {name: getattr(numbers, name) for name in Numbers.__struct_fields__}


class LiveBody(BaseModel):
    """Who is there now."""

    visitors: int = Field(description="Distinct visitors with an event in the last five minutes.")


class PageRow(BaseModel):
    """One page."""

    title: str
    origin: str
    path: str
    sessions: int
    bounce_rate: float = Field(description="Percent, of the sessions that started on this page.")
    avg_duration: float = Field(description="Seconds per view.")
    pageviews: int
    revenue: int = Field(description="In minor units of the currency.")

    @classmethod
    def of(cls, page: Page) -> Self:
        """From the answer."""
        return cls.model_construct(**{name: getattr(page, name) for name in Page.__struct_fields__})


class ShareRow(BaseModel):
    """The sessions with one value."""

    name: str | None = Field(description="null for the sessions that have none.")
    sessions: int
    bounce_rate: float = Field(description="Percent.")
    avg_session_duration: float | None = Field(description="Seconds; null if no session has a duration.")
    pageviews: int
    revenue: int = Field(description="In minor units of the currency.")

    @classmethod
    def of(cls, dimension: Dimension, share: Share) -> Self:
        """From the answer."""
        return cls.model_construct(
            name=shown(dimension, share.name) or None,
            sessions=share.sessions,
            bounce_rate=share.bounce_rate,
            avg_session_duration=share.avg_session_duration,
            pageviews=share.pageviews,
            revenue=share.revenue,
        )


class PrefixedShareRow(ShareRow):
    """The sessions with one value, and what the value belongs to."""

    prefix: str | None = Field(description="The country, browser or operating system; null if unknown.")

    @classmethod
    def of(cls, dimension: Dimension, share: Share) -> Self:
        """From the answer."""
        row = super().of(dimension, share)
        is_place = dimension in (Dimension.REGION, Dimension.CITY)
        row.prefix = (country_name(share.prefix) if is_place else share.prefix) or None
        return row
