"""What funnels, retention, engagement, active users and user flow answer (openpanel contract §8.6, §9.3)."""

from typing import Any, Self

from pydantic import BaseModel, Field

from footfall.api.openpanel.steps import AskedStep
from footfall.query.active_users import ActiveUsers
from footfall.query.buckets import Bucket
from footfall.query.engagement import EngagementAnswer
from footfall.query.flow import Flow, FlowAnswer
from footfall.query.funnel import Reached
from footfall.query.retention import CohortsAnswer, Week

AVERAGE = "Weighted Average"
COLOURS = (
    "#2f6fb2", "#d9722b", "#2e9c76", "#b8457f", "#8a6fd1", "#c29a1d", "#3fa7c4", "#a5523d", "#6b8f2f", "#7a7f8a",
)  # fmt: skip


class StepEventBody(BaseModel):
    """The event of a step, as it was asked for."""

    id: str
    name: str
    displayName: str  # noqa: N815
    filters: list[Any]


class StepBody(BaseModel):
    """A step, and how many reached it."""

    event: StepEventBody
    count: int
    percent: float = Field(description="Of the total.")
    dropoffCount: int = Field(description="Lost since the step before.")  # noqa: N815
    dropoffPercent: float = Field(description="The same, of those at the step before.")  # noqa: N815
    previousCount: int = Field(description="At the step before; of the first step, itself.")  # noqa: N815


class ExportFunnelBody(BaseModel):
    """How many sessions, or people, got how far."""

    totalSessions: int = Field(description="Those that reached the first step.")  # noqa: N815
    steps: list[StepBody]

    @classmethod
    def of(cls, asked: list[AskedStep], levels: list[Reached]) -> Self:
        """From the answer."""
        steps = [
            StepBody.model_construct(
                event=StepEventBody.model_construct(
                    id=each.id, name=each.step.name, displayName=each.display_name, filters=each.filters
                ),
                count=level.count,
                percent=level.percent,
                dropoffCount=level.dropoff_count,
                dropoffPercent=level.dropoff_percent,
                previousCount=level.previous,
            )
            for each, level in zip(asked, levels, strict=True)
        ]
        return cls.model_construct(totalSessions=levels[0].total if levels else 0, steps=steps)


class FunnelStepBody(BaseModel):
    """A step, and how many reached it."""

    step: int = Field(description="From 1.")
    eventName: str  # noqa: N815
    users: int = Field(description="Sessions or profiles, whichever are grouped by.")
    conversionRateFromStart: float = Field(description="Percent.")  # noqa: N815
    dropoffPercent: float = Field(description="Of those at the step before.")  # noqa: N815
    isHighestDropoff: bool  # noqa: N815


class FunnelBody(BaseModel):
    """How many got how far."""

    steps: list[FunnelStepBody]
    totalUsers: int  # noqa: N815
    completedUsers: int  # noqa: N815
    overallConversionRate: float = Field(description="Percent.")  # noqa: N815

    @classmethod
    def of(cls, asked: list[AskedStep], levels: list[Reached]) -> Self:
        """From the answer; the first of equally high drop-offs is the highest."""
        highest = max(range(len(levels)), key=lambda place: (levels[place].dropoff_percent, -place))
        steps = [
            FunnelStepBody.model_construct(
                step=place + 1,
                eventName=asked[place].step.name,
                users=level.count,
                conversionRateFromStart=round(level.percent, 2),
                dropoffPercent=round(level.dropoff_percent, 2),
                isHighestDropoff=place == highest and level.dropoff_count > 0,
            )
            for place, level in enumerate(levels)
        ]
        return cls.model_construct(
            steps=steps,
            totalUsers=levels[0].total,
            completedUsers=levels[-1].count,
            overallConversionRate=round(levels[-1].percent, 2),
        )


class WeekRow(BaseModel):
    """A week, who was there and who came back in the next."""

    date: str = Field(description="Its Monday, ISO 8601 in the project's time zone.")
    active_users: int
    retained_users: int
    retention: float = Field(description="Percent, not rounded.")

    @classmethod
    def of(cls, week: Week) -> Self:
        """From the answer."""
        return cls.model_construct(
            date=week.bucket.label,
            active_users=week.active_users,
            retained_users=week.retained_users,
            retention=week.retention,
        )


class CohortRow(BaseModel):
    """Who began in one interval, and how many were back in each one from then on."""

    cohort_interval: str = Field(description=f"Where it starts, ISO 8601; of the first row `{AVERAGE}`.")
    sum: int = Field(description="People in the cohort.")
    values: list[int] = Field(description="Back after 0, 1, 2 … intervals.")
    percentages: list[float] = Field(description="The same as shares, from 0 to 1.")

    @classmethod
    def all_of(cls, answer: CohortsAnswer) -> list[Self]:
        """The average, then every cohort; nothing without one."""
        if not answer.cohorts:
            return []
        average = cls.model_construct(
            cohort_interval=AVERAGE,
            sum=answer.average_sum,
            values=[round(share * answer.average_sum) for share in answer.average],
            percentages=answer.average,
        )
        rows = [
            cls.model_construct(
                cohort_interval=cohort.bucket.label,
                sum=cohort.sum,
                values=cohort.values,
                percentages=cohort.percentages,
            )
            for cohort in answer.cohorts
        ]
        return [average, *rows]


class EngagementSummary(BaseModel):
    """Known people by when they were last active."""

    total_identified_users: int
    active_last_7_days: int
    active_8_to_14_days: int
    active_15_to_30_days: int
    inactive_31_to_60_days: int
    churned_60_plus_days: int


class EngagementRow(BaseModel):
    """People who were last active so many days ago."""

    days: int
    users: int


class EngagementBody(BaseModel):
    """How long ago known people were last active."""

    summary: EngagementSummary
    distribution: list[EngagementRow]

    @classmethod
    def of(cls, answer: EngagementAnswer) -> Self:
        """From the answer."""
        summary = EngagementSummary.model_construct(
            total_identified_users=answer.people,
            active_last_7_days=answer.between(0, 7),
            active_8_to_14_days=answer.between(8, 14),
            active_15_to_30_days=answer.between(15, 30),
            inactive_31_to_60_days=answer.between(31, 60),
            churned_60_plus_days=answer.between(61, None),
        )
        rows = [EngagementRow.model_construct(days=days, users=users) for days, users in answer.distribution]
        return cls.model_construct(summary=summary, distribution=rows)


class ActiveUsersRow(BaseModel):
    """One day."""

    date: str = Field(description="ISO 8601 in the project's time zone.")
    users: int = Field(description="Active on this day or one of the days before it in the window.")


class ActiveUsersBody(BaseModel):
    """Rolling active users."""

    window_days: int
    label: str = Field(description="DAU, WAU, MAU or how many days.")
    series: list[ActiveUsersRow]

    @classmethod
    def of(cls, asked: ActiveUsers, found: list[tuple[Bucket, int]]) -> Self:
        """From the answer."""
        rows = [ActiveUsersRow.model_construct(date=day.label, users=users) for day, users in found]
        return cls.model_construct(window_days=asked.days, label=asked.label, series=rows)


class NodeBody(BaseModel):
    """An event at a step."""

    id: str = Field(description="`<label>::step<n>`")
    label: str
    nodeColor: str = Field(description="The same for an event at every step.")  # noqa: N815
    percentage: float = Field(description="Of the sessions of the flow.")
    value: int = Field(description="Sessions.")
    step: int = Field(description="From 1.")


class LinkBody(BaseModel):
    """From one node to the next."""

    source: str
    target: str
    value: int = Field(description="Sessions.")


class FlowBody(BaseModel):
    """What sessions did, step by step."""

    mode: str
    startEvent: str  # noqa: N815
    endEvent: str | None  # noqa: N815
    node_count: int
    link_count: int
    nodes: list[NodeBody]
    links: list[LinkBody]

    @classmethod
    def of(cls, asked: Flow, answer: FlowAnswer) -> Self:
        """From the answer."""
        names = list(dict.fromkeys(node.name for node in answer.nodes))
        colours = {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(names)}
        nodes = [
            NodeBody.model_construct(
                id=_node_id(node.name, node.step),
                label=node.name,
                nodeColor=colours[node.name],
                percentage=node.percentage,
                value=node.value,
                step=node.step,
            )
            for node in answer.nodes
        ]
        links = [
            LinkBody.model_construct(
                source=_node_id(link.source, link.step),
                target=_node_id(link.target, link.step + 1),
                value=link.value,
            )
            for link in answer.links
        ]
        return cls.model_construct(
            mode=asked.mode,
            startEvent=asked.start,
            endEvent=asked.end or None,
            node_count=len(nodes),
            link_count=len(links),
            nodes=nodes,
            links=links,
        )


def _node_id(name: str, step: int) -> str:
    return f"{name}::step{step}"
