"""`GET /dashboard/drops/{project}`: what was not counted, and why; for the days of a range as in Insights."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from footfall.api.dashboard.serving import DashboardContext, json_response
from footfall.api.spans import span_of
from footfall.query.drops import DropRow, Drops
from footfall.query.ranges import RangeName


class ReasonBody(Struct, frozen=True):
    """How many hits were not counted for one reason."""

    reason: str
    count: int


class DayBody(Struct, frozen=True):
    """The same of one UTC day, by reason."""

    date: str
    counts: dict[str, int]


class DropsBody(Struct, frozen=True, rename="camel"):
    """Reasons with most hits first, and every UTC day that the range touches."""

    start_date: str
    end_date: str
    total: int
    reasons: list[ReasonBody]
    days: list[DayBody]

    @classmethod
    def of(cls, first: str, last: str, rows: Sequence[DropRow]) -> "DropsBody":
        """From the answer; days without any are filled in."""
        reasons: Counter[str] = Counter()
        counts: dict[str, dict[str, int]] = defaultdict(dict)
        for row in rows:
            reasons[row.reason] += row.count
            counts[row.day][row.reason] = row.count
        start = date.fromisoformat(first)
        length = (date.fromisoformat(last) - start).days + 1
        days = [(start + timedelta(days=number)).isoformat() for number in range(length)]
        return cls(
            first,
            last,
            reasons.total(),
            [ReasonBody(reason, count) for reason, count in reasons.most_common()],
            [DayBody(day, counts.get(day, {})) for day in days],
        )


async def drops(context: DashboardContext, request: Request) -> Response:
    """The ledger of a project."""
    project, _ = context.project(request)
    name, start, end = (request.query_params.get(key, "") for key in ("range", "startDate", "endDate"))
    question = Drops(await span_of(context.umami, project, name, start, end, RangeName.DAYS_30))
    return json_response(DropsBody.of(*question.days, await context.umami.ask(project, question)))
