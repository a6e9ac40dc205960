"""What became of the lines of an import: how many came in, and how many were left out and why."""

from enum import StrEnum

from msgspec import Struct, field

from footfall.model.errors import FootfallError

EXAMPLES = 5  # refusals that are shown with their line


class LeftOut(StrEnum):
    """Why a line did not become an event. Of several reasons a log line has the first."""

    UNREADABLE = "unreadable"  # not a line of the format
    METHOD = "method"  # not a GET
    ERROR = "error"  # the answer was 4xx, 5xx or none
    REDIRECT = "redirect"  # 3xx; 304 is a page the browser had already
    ASSET = "asset"  # images, scripts, downloads, feeds, robots.txt and the like
    BOT = "bot"  # a bot or program, or no user agent
    REFUSED = "refused"  # a row that lacks what an event needs


class Tally(Struct):
    """Counts of one import; blank lines are not lines. `examples` are the first refusals in words.

    `file` is the one that is read, '' where there is one only, and `lines_before` what the others had.
    """

    lines: int = 0
    imported: int = 0
    left_out: dict[LeftOut, int] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)
    file: str = ""
    lines_before: int = 0

    def check(self) -> None:
        """Raises FootfallError if there were lines, and not one was of the kind that was to be read."""
        unfit = self.left_out.get(LeftOut.UNREADABLE, 0) + self.left_out.get(LeftOut.REFUSED, 0)
        if 0 < self.lines == unfit:
            raise FootfallError(f"None of the {self.lines:,} lines could be used; nothing was added.")

    def begin(self, file: str) -> None:
        """Lines from here on are of this file."""
        self.file, self.lines_before = file, self.lines

    def place(self, line: int) -> str:
        """Where a line is, given its number among those of all files."""
        place = f"Line {line - self.lines_before}"
        return f"{self.file}: {place}" if self.file else place

    def leave_out(self, reason: LeftOut, number: int = 1) -> None:
        """Count lines that are left out."""
        self.left_out[reason] = self.left_out.get(reason, 0) + number

    def show(self, example: str) -> None:
        """Keep a refusal in words, if it is one of the first."""
        if len(self.examples) < EXAMPLES:
            self.examples.append(example)
