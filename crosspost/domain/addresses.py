"""Where the web addresses stand in a text, as a network would find them.

Two readings. `twitter_addresses` follows twitter-text 3 (JavaScript edition, commit 30e2430, Apache-2.0): with or
without a protocol, by the list of top-level domains. `http_addresses` takes whatever begins with http(s)://,
local hosts and plain numbers included, as Mastodon counts them.

twitter-text's grammar is one nested expression which can run for minutes on a hostile text. Here single classes
are matched possessively and labels are walked once, so the time grows with the length of the text.
"""

from __future__ import annotations

from collections.abc import Generator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import regex

from crosspost.domain.tlds import TLDS


class Span(NamedTuple):
    """`text[start:end]` is an address; indices are code points."""

    start: int
    end: int


_INVALID = r"\uFFFE\uFEFF\uFFFF"
_DIRECTIONAL = r"\u202A-\u202E\u061C\u200E\u200F\u2066-\u2069"
_SPACES = r"\x09-\x0D\x20\x85\xA0\u1680\u180E\u2000-\u200A\u2028\u2029\u202F\u205F\u3000"
_PUNCT = r"!'#%&()*+,\\\-./:;<=>?@\[\]\^_{|}~$"
_LATIN = (
    r"\xC0-\xD6\xD8-\xF6\xF8-\u024F\u0253\u0254\u0256\u0257\u0259\u025B\u0263\u0268\u026F\u0272\u0289\u028B"
    r"\u02BB\u0300-\u036F\u1E00-\u1EFF"
)
_PATH = rf"[a-zA-Z\u0400-\u04FF0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_LATIN}]"
_PARENS = rf"\((?:{_PATH}++|{_PATH}*+\({_PATH}++\){_PATH}*+)\)"
_QUERY = r"[a-zA-Z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]"

INVALID = regex.compile(f"[{_INVALID}]")
_RUN = regex.compile(rf"(?:[^{_PUNCT}{_SPACES}{_INVALID}{_DIRECTIONAL}]|[-_.])++")
_PROTOCOL_BEFORE = regex.compile(r"(?ri)https?://")  # searched backwards from the host
_NO_START_AFTER = regex.compile(rf"[A-Za-z0-9@＠$#＃{_INVALID}]")
_ASCII_LABEL_END = regex.compile(rf"(?r)[-a-zA-Z0-9{_LATIN}]++")  # anchored at the label's end
_LETTERS = regex.compile(r"[a-zA-Z]++")
_PUNYCODE = regex.compile(r"xn--[-0-9a-z]++", regex.IGNORECASE)
_TLD_GOES_ON = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@+-")
_PORT = regex.compile(r":[0-9]++")
_PATH_RUN = regex.compile(rf"/(?:{_PATH}++|{_PARENS})*+")
_PATH_END = regex.compile(rf"[+\-a-zA-Z\u0400-\u04FF0-9=_#/){_LATIN}]")
_QUERY_RUN = regex.compile(rf"\?{_QUERY}*+")
_QUERY_END = regex.compile(r"[a-zA-Z0-9\-_&=#/]")
_TCO = regex.compile(rf"https?://t\.co/([a-z0-9]++)(\?{_QUERY}*+)?", regex.IGNORECASE)
_MAX_TCO_SLUG = 40
_MAX_ADDRESS = 4096
_MAX_LABEL = 63  # DNS


@lru_cache(maxsize=1)
def _idn() -> tuple[frozenset[str], int]:
    """First characters and greatest length of the names that are not plain ASCII letters."""
    names = [name for name in TLDS if not name.isascii()]
    return frozenset(name[0] for name in names), max(map(len, names))


def _tld_end(text: str, start: int, end: int) -> int | None:
    """Where the top-level domain that begins at `start` ends, None where none does. Nothing past `end` is seen."""

    def stands(stop: int) -> bool:
        return stop >= end or text[stop] not in _TLD_GOES_ON

    letters = _LETTERS.match(text, start, end)
    if letters and stands(letters.end()) and letters.group().lower() in TLDS:
        return int(letters.end())
    firsts, longest = _idn()
    if start < end and text[start].lower() in firsts:
        for stop in range(min(end, start + longest), start, -1):
            if stands(stop) and text[start:stop].lower() in TLDS:
                return stop
    punycode = _PUNYCODE.match(text, start, end)
    return int(punycode.end()) if punycode else None


def _has_valid_labels(domain: str) -> bool:
    if domain.startswith("xn--") and not domain.isascii():
        return False
    for label in domain.split("."):
        if not 0 < len(label) <= _MAX_LABEL:
            return False
        if not label.isascii():
            try:
                encoded = label.encode("punycode")
            except UnicodeError:
                return False
            if len(encoded) + len("xn--") > _MAX_LABEL:
                return False
    return True


class _Domain(NamedTuple):
    start: int
    end: int


class _Run:
    """A stretch of characters that may be part of a host, with what its dots allow, worked out once."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.start, self.end = text, start, end
        self.dots = [start + i for i, char in enumerate(text[start:end]) if char == "."]
        edges = [start - 1, *self.dots]
        # The address goes on to the rightmost dot that a top-level domain follows, over sound labels only.
        self.tld = [_tld_end(text, dot + 1, len(text)) for dot in self.dots]
        self.label_starts = [edge + 1 for edge in edges[:-1]]
        self.reach: list[int | None] = [None] * len(self.dots)
        for i in range(len(self.dots) - 2, -1, -1):
            first, last = self.label_starts[i + 1], self.dots[i + 1]
            if self._sound(first, last):
                self.reach[i] = self.reach[i + 1]
                if self.reach[i] is None and self.tld[i + 1] is not None and "_" not in text[first:last]:
                    self.reach[i] = i + 1

    def _sound(self, first: int, last: int) -> bool:
        return first < last and self.text[first] not in "-_" and self.text[last - 1] not in "-_"

    def domain_at(self, start: int, label: int) -> _Domain | None:
        """The domain that begins at `start`, inside the label of that number."""
        dot = self.dots[label]
        if not self._sound(start, dot):
            return None
        end = self.reach[label]
        if end is None:
            if "_" in self.text[start:dot]:
                return None
            end = label
        stop = self.tld[end]
        return None if stop is None else _Domain(start, stop)

    def domains(self, after: int) -> Generator[_Domain, int, None]:
        """Every domain a reader from the left would try; send() tells where the last address ended."""
        position = max(self.start, after)
        label = 0
        while True:
            while label < len(self.dots) and self.dots[label] <= position:
                label += 1
            if label >= len(self.dots):
                return
            if self.reach[label] is None and self.tld[label] is None:
                position = self.dots[label] + 1
                continue
            start = self._next_start(position, self.dots[label], after)
            found = None if start is None else self.domain_at(start, label)
            if start is None:
                position = self.dots[label] + 1
            elif found is None:
                # An unsound end spoils the whole label, an underscore only what stands before it.
                spoiled = self.text[self.dots[label] - 1] in "-_"
                under = self.text.rfind("_", start, self.dots[label])
                position = self.dots[label] + 1 if spoiled else max(start, under) + 1
            else:
                position = after = yield found

    def _next_start(self, position: int, stop: int, after: int) -> int | None:
        for start in range(position, stop):
            if start == 0:
                return start
            # The character before an address belongs to it in twitter-text, so it cannot end the one before.
            if start > after and not _NO_START_AFTER.match(self.text[start - 1]) and self.text[start] not in "-_":
                return start
        return None


def _trimmed(text: str, start: int, end: int, last: regex.Pattern[str], keep: int) -> int:
    """The end of the longest prefix whose last character is allowed there, at least `keep` long."""
    while end > start + keep and not last.match(text[end - 1]):
        end -= 1
    return end


def _tail(text: str, position: int) -> tuple[int, bool]:
    """Where port, path and query end, and whether there is a path."""
    if port := _PORT.match(text, position):
        position = port.end()
    path = _PATH_RUN.match(text, position)
    if path:
        position = _trimmed(text, path.start(), path.end(), _PATH_END, 1)
    if query := _QUERY_RUN.match(text, position):
        end = _trimmed(text, query.start(), query.end(), _QUERY_END, 1)
        position = end if end > query.start() + 1 else position
    return position, path is not None


def _plain_domains(text: str, domain: _Domain) -> list[Span]:
    """The domains in Latin letters inside one without a protocol: other scripts are text around them."""
    found: list[Span] = []
    position = domain.start
    dots = [i for i in range(domain.start, domain.end) if text[i] == "."]
    tld = [_tld_end(text, dot + 1, domain.end) for dot in dots]
    # follows[i]: the label between dot i and the next one is Latin all through.
    follows = [_is_latin(text, dot + 1, following) for dot, following in pairwise(dots)] + [False]
    label = 0
    while label < len(dots):
        first = _ASCII_LABEL_END.match(text, position, dots[label])
        last = label
        while first and follows[last]:
            last += 1
        end = next((k for k in range(last, label - 1, -1) if tld[k] is not None), None) if first else None
        if first and end is not None:
            stop = tld[end]
            assert stop is not None
            found.append(Span(first.start(), stop))
            position = stop
            label = end + 1
        else:
            label = last + 1
            position = dots[last] + 1
    return found


def _is_latin(text: str, start: int, end: int) -> bool:
    match = _ASCII_LABEL_END.match(text, start, end)
    return match is not None and match.start() == start


def twitter_addresses(text: str) -> list[Span]:
    """The addresses twitter-text finds in `text` (NFC is the caller's duty), in order, not overlapping."""
    spans: list[Span] = []
    after = 0  # where the last address, counted or refused, ended
    for match in _RUN.finditer(text):
        if match.end() <= after or "." not in match.group():
            continue
        run = _Run(text, match.start(), match.end())
        protocol = _protocol(text, run.start, after)
        if protocol is not None:
            addressed = run.domain_at(run.start, 0)
            if addressed is not None:
                after = _with_protocol(text, protocol, addressed, spans)
        finder = run.domains(after)
        domain = next(finder, None)
        while domain is not None:
            after = _without_protocol(text, domain, spans)
            try:
                domain = finder.send(after)
            except StopIteration:
                break
    return spans


def _protocol(text: str, host: int, after: int) -> int | None:
    """Where the protocol in front of the host begins, None where there is none that may begin there."""
    match = _PROTOCOL_BEFORE.match(text, max(after, host - len("https://")), host)
    if match is None:
        return None
    start: int = match.start()
    if start == 0 or (start > after and not _NO_START_AFTER.match(text[start - 1])):
        return start
    return None


def _with_protocol(text: str, start: int, domain: _Domain, spans: list[Span]) -> int:
    end, _ = _tail(text, domain.end)
    protocol = domain.start - start
    if not _has_valid_labels(text[domain.start : domain.end]) or protocol + end - start > _MAX_ADDRESS:
        return end
    if tco := _TCO.match(text, start, end):
        if len(tco.group(1)) > _MAX_TCO_SLUG:
            return end
        stop = tco.end(1)
        if tco.group(2):
            trimmed = _trimmed(text, stop, tco.end(), _QUERY_END, 1)
            stop = trimmed if trimmed > stop + 1 else stop
        spans.append(Span(start, stop))
        return end
    spans.append(Span(start, end))
    return end


def _without_protocol(text: str, domain: _Domain, spans: list[Span]) -> int:
    end, has_path = _tail(text, domain.end)
    if not _has_valid_labels(text[domain.start : domain.end]):
        return end
    if len("https://") + end - domain.start > _MAX_ADDRESS:
        return end
    if domain.start > 0 and text[domain.start - 1] in "-_./":
        return end
    plain = _plain_domains(text, domain)
    if plain and has_path:
        plain[-1] = Span(plain[-1].start, end)
    spans.extend(plain)
    return end


_HTTP = regex.compile(
    r"(?<![A-Za-z0-9@＠$#＃])https?://[\p{L}\p{N}_\[][\p{L}\p{M}\p{N}!*'();:=+,.$/%#\[\]{}\-\u2013_~@|&?^]*+",
    regex.IGNORECASE,
)
_TRAILING = frozenset(".,;:!?'*|")


def http_addresses(text: str) -> list[Span]:
    """Every http(s) address, whatever its host. Punctuation that ends a sentence is not part of it, nor is a
    closing bracket that nothing inside opened."""
    spans = []
    for match in _HTTP.finditer(text):
        start, end = match.span()
        opened = {")": match.group().count("("), "]": match.group().count("["), "}": match.group().count("{")}
        closed = {char: match.group().count(char) for char in opened}
        while end > start:
            char = text[end - 1]
            if char in closed and closed[char] > opened[char]:
                closed[char] -= 1
            elif char not in _TRAILING:
                break
            end -= 1
        spans.append(Span(start, end))
    return spans
