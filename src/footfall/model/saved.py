"""What people keep about a project: what its events mean, notes on its time line, dashboards and reports."""

from datetime import datetime
from typing import Any

from msgspec import Struct, field


class EventMeta(Struct, frozen=True, kw_only=True):
    """What a project says of the events of one name. `conversion`: they are what it is all for."""

    id: str
    project_id: str
    name: str
    description: str = ""
    conversion: bool = False
    color: str = ""
    icon: str = ""
    created_at: datetime
    updated_at: datetime


class Reference(Struct, frozen=True, kw_only=True):
    """A note on the time line, such as a release; `date` is an instant in UTC."""

    id: str
    project_id: str
    title: str
    description: str = ""
    date: datetime
    created_at: datetime
    updated_at: datetime


class Dashboard(Struct, frozen=True, kw_only=True):
    """A named set of reports."""

    id: str
    project_id: str
    name: str
    created_at: datetime
    updated_at: datetime


class Report(Struct, frozen=True, kw_only=True):
    """A saved question, in the words of the export API's charts (openpanel contract §9.2).

    `range` is a named range, used unless both dates are there. `options` holds what only some kinds of
    chart need: a funnel's window, the step of a user flow, colours.
    """

    id: str
    project_id: str
    dashboard_id: str
    name: str
    chart_type: str = "linear"
    interval: str = "day"
    range: str = "30d"
    start_date: str | None = None
    end_date: str | None = None
    metric: str = "sum"
    previous: bool = False
    formula: str = ""
    series: list[Any] = field(default_factory=list)
    breakdowns: list[Any] = field(default_factory=list)
    filters: list[Any] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    created_at: datetime
    updated_at: datetime


class Segment(Struct, frozen=True, kw_only=True):
    """Filters under a name (`segment`), or who did something in a range (`cohort`): umami contract §4.1, §4.2."""

    id: str
    project_id: str
    type: str
    name: str
    parameters: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class SavedReport(Struct, frozen=True, kw_only=True):
    """A report that a user of Umami's API saved (umami contract §5.3); `parameters` is what was posted."""

    id: str
    project_id: str
    user_id: str
    type: str
    name: str
    description: str
    parameters: dict[str, Any]
    created_at: datetime
    updated_at: datetime
