"""What the newer Insights endpoints answer (contract §8.6): HEAD's keys, and the older ones' beside them."""

from typing import Self

from pydantic import BaseModel, Field

from footfall.api.openpanel.insights_bodies import Metrics, MetricsBody, PageRow, SeriesRow
from footfall.query.breakdown import Share
from footfall.query.overview import OverviewAnswer
from footfall.query.page_performance import PerformanceAnswer, Signals
from footfall.query.pages import Page
from footfall.query.ranges import TimeRange


class OverviewBody(BaseModel):
    """The headline numbers of the range, and per time bucket."""

    summary: Metrics
    series: list[SeriesRow]
    interval: str = Field(description="How long a bucket is.")
    startDate: str = Field(description="First day, in the project's time zone.")  # noqa: N815
    endDate: str = Field(description="Last day, inclusive.")  # noqa: N815

    @classmethod
    def of(cls, answer: OverviewAnswer, span: TimeRange) -> Self:
        """From the answer."""
        body = MetricsBody.of(answer)
        return cls.model_construct(
            summary=body.metrics,
            series=body.series,
            interval=answer.interval,
            startDate=span.first_day.isoformat(),
            endDate=span.last_day.isoformat(),
        )


class EntryExitRow(BaseModel):
    """One page on which sessions began or ended."""

    origin: str
    path: str
    sessions: int
    pageviews: int = Field(description="Of these sessions, whatever the page.")
    revenue: int = Field(description="Of these sessions, in minor units of the currency.")
    bounce_rate: float = Field(description="Percent.")
    avg_session_duration: float | None = Field(description="Seconds; null if no session has a duration.")

    @classmethod
    def of(cls, share: Share) -> Self:
        """From the answer."""
        return cls.model_construct(
            origin=share.prefix,
            path=share.name,
            sessions=share.sessions,
            pageviews=share.pageviews,
            revenue=share.revenue,
            bounce_rate=share.bounce_rate,
            avg_session_duration=share.avg_session_duration,
        )


class SeoSignals(BaseModel):
    """What stands out on a page."""

    high_bounce: bool = Field(description="More than 70 percent of the sessions that began on it bounced.")
    low_engagement: bool = Field(description="Half a minute or less per view.")
    good_landing_page: bool = Field(description="Fewer than 40 percent bounced, and views last longer than that.")


class PerformanceRow(PageRow):
    """One page and what stands out on it."""

    avg_duration: float = Field(description="Minutes per view.")
    seo_signals: SeoSignals

    @classmethod
    def with_signals(cls, page: Page, signals: Signals) -> Self:
        """From the answer."""
        row = cls.of(page)
        row.avg_duration = round(page.avg_duration / 60, 2)
        row.seo_signals = SeoSignals.model_construct(
            high_bounce=signals.high_bounce,
            low_engagement=signals.low_engagement,
            good_landing_page=signals.good_landing_page,
        )
        return row


class PerformanceBody(BaseModel):
    """The pages in the order that was asked for."""

    total_pages: int = Field(description="All that were viewed in the range and are found.")
    shown: int
    pages: list[PerformanceRow]

    @classmethod
    def of(cls, answer: PerformanceAnswer) -> Self:
        """From the answer."""
        pages = [PerformanceRow.with_signals(page, signals) for page, signals in answer.pages]
        return cls.model_construct(total_pages=answer.total_pages, shown=len(pages), pages=pages)
