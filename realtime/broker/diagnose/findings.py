"""What was found, and what to do about it."""

from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """It works, and should be seen to."""
    FAILED = "failed"
    UNSEEN = "not allowed to look"
    """This user lacks the right to look, which the application does not need."""


SIGNS = {Status.OK: "✅", Status.WARNING: "⚠️ ", Status.FAILED: "❌", Status.UNSEEN: "·"}


@dataclass(frozen=True)
class Finding:
    where: str
    check: str
    status: Status
    said: str
    advice: str = ""

    def __str__(self) -> str:
        text = f"{SIGNS[self.status]} {self.where}  {self.check}: {self.said}"
        return f"{text} → {self.advice}" if self.advice else text

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Report:
    findings: list[Finding] = field(default_factory=list)

    def ok(self, where: str, check: str, said: str) -> None:
        self.findings.append(Finding(where, check, Status.OK, said))

    def warning(self, where: str, check: str, said: str, advice: str) -> None:
        self.findings.append(Finding(where, check, Status.WARNING, said, advice))

    def failed(self, where: str, check: str, said: str, advice: str) -> None:
        self.findings.append(Finding(where, check, Status.FAILED, said, advice))

    def unseen(self, where: str, check: str) -> None:
        self.findings.append(Finding(where, check, Status.UNSEEN, str(Status.UNSEEN)))

    def soften(self) -> None:
        """Makes warnings of the failures: something else does in the place of what failed."""
        self.findings = [
            replace(one, status=Status.WARNING) if one.status is Status.FAILED else one for one in self.findings
        ]
