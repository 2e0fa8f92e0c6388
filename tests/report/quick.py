"""A report without the pictures and pages that take seconds: the files that others read again."""

from __future__ import annotations

from crosspost.report.many import Job
from crosspost.report.write import Written


def quick_write(job: Job) -> Written:
    """As `write`, but audit.json, and stand-ins of the summary and the PDF alone."""
    job.folder.mkdir(parents=True, exist_ok=True)
    (job.folder / "summary.txt").write_text(f"in {job.languages[0]}\n", "utf-8")
    (job.folder / "report.pdf").write_bytes(b"%PDF-")
    (job.folder / "audit.json").write_bytes(job.audit.as_json())
    return Written(job.folder, (job.folder / "audit.json",))
