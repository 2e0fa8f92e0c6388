"""A report in a few lines of plain text, for a mail: the verdicts, and what changed."""

from __future__ import annotations

from crosspost.report.language.words import Words
from crosspost.report.text import clean
from crosspost.report.view import Page


def render(page: Page, words: Words) -> str:
    """One line a verdict, then one line a change under its heading; nothing a mail could take for markup."""
    lines = [page.title, page.period, *([page.notice] if page.notice else []), ""]
    lines += [f"{answer.word}: {answer.claim}" for answer in page.answers]
    if page.changes is not None:
        lines += ["", words("page.changes")]
        for heading, sentences in page.changes.groups:
            lines += [heading, *(f"- {sentence}" for sentence in sentences)]
        lines += [page.changes.nothing] if page.changes.nothing else []
    return "\n".join(clean(line) for line in lines) + "\n"
