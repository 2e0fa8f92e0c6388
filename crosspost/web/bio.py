"""The bio page as HTML: one file without script, image or font, made for a thumb."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from crosspost.commands.bio import BioPage

_NOTHING = {"fr": "Rien encore.", "de": "Noch nichts.", "es": "Nada todavía."}
_STYLE = """
:root { color-scheme: light dark; --ink: #1d2530; --soft: #5a6675; --paper: #f6f4ef; --card: #fff; --line: #dcd8ce;
  --glow: #0b5d6b }
@media (prefers-color-scheme: dark) { :root { --ink: #edf0f3; --soft: #a9b3bf; --paper: #14181d; --card: #1e242b;
  --line: #343c46; --glow: #7fd6e4 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.45 system-ui, sans-serif }
main { max-width: 34rem; margin: 0 auto; padding: 2.5rem 1rem 3rem }
header { text-align: center; margin-bottom: 1.75rem }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 }
header p { margin: .35rem 0 0; color: var(--soft); overflow-wrap: anywhere }
ol { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem }
a { display: block; padding: 1rem 1.1rem; border: 1px solid var(--line); border-radius: .9rem; background: var(--card);
  color: inherit; text-decoration: none; overflow-wrap: anywhere }
a:hover, a:focus-visible { border-color: var(--glow); outline: 2px solid var(--glow); outline-offset: 1px }
strong { display: block; font-weight: 600; text-wrap: balance }
time { display: block; margin-top: .25rem; color: var(--soft); font-size: .9rem }
main > p { text-align: center; color: var(--soft) }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


def render(page: BioPage) -> str:
    """A whole document; the same page gives the same bytes."""
    entries = "\n".join(
        f'<li><a href="{escape(one.link)}"{_lang(one.language, page.language)}>'
        f'<strong dir="auto">{escape(one.title)}</strong>'
        f'<time datetime="{one.published_at:%Y-%m-%d}">{one.published_at:%Y-%m-%d}</time></a></li>'
        for one in page.entries
    )
    nothing = _NOTHING.get(page.language.partition("-")[0], "Nothing yet.")
    shown = f"<ol>\n{entries}\n</ol>" if page.entries else f"<p>{nothing}</p>"
    handle = page.handle if page.handle.startswith("@") else f"@{page.handle}"
    return (
        f'<!doctype html>\n<html lang="{escape(page.language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>{escape(page.name)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<header><h1>{escape(page.name)}</h1><p>{escape(handle)}</p></header>\n{shown}\n</main>\n</body>\n</html>\n"
    )


def _lang(own: str | None, of_page: str) -> str:
    return f' lang="{escape(own)}"' if own and own != of_page else ""
