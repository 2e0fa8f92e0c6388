"""A report in a few lines of plain text, for a mail: the answers, and what changed."""

from __future__ import annotations

from crosspost.report.language.words import Words
from crosspost.report.text import clean
from crosspost.report.view import Page


def render(page: Page, words: Words) -> str:
    """Question, word and sentence of each answer, then one line a change under its heading."""
    lines = [page.title, page.period, *([page.notice] if page.notice else []), "", page.headline]
    for one in page.questions:
        lines += ["", one.question, one.word, one.text]
    if page.changes is not None:
        lines += ["", words("page.changes")]
        for heading, sentences in page.changes.groups:
            lines += [heading, *(f"- {sentence}" for sentence in sentences)]
        lines += [page.changes.nothing] if page.changes.nothing else []
    return "\n".join(clean(line) for line in lines) + "\n"
