"""The best sentences of an article, taken as they stand.

Each is scored by how many of the article's frequent words and of its title's words it holds, per word, with a
little more for an early place. No randomness, no outside word list: the same article gives the same sentences.
"""

from __future__ import annotations

from collections import Counter

import regex

from crosspost.domain.addresses import twitter_addresses
from crosspost.domain.article import Article

_SPACES = regex.compile(r"[ \t\n\r\f\v\x1c-\x1f\x85\u2028\u2029]+")  # not U+00A0 and U+202F: they are typography
_UNWANTED = regex.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff\ufeff]")
# A sentence ends with its closing marks, before a space and something that can begin one. Spaces that do not
# break hold « and its sentence together; they count as a space here only after a full stop.
_END = regex.compile(
    r"(?<=[.!?…][»”’\"')\]]?|[.!?…][ \u00A0\u202F]») +(?=[\p{Lu}\p{Lt}\p{Lo}\p{N}«“\"'(\[¿¡—–])"
    r"|(?<=[。！？])"
)
_ABBREVIATION = regex.compile(
    r"(?:^|[\s(«'’])(?:[Mm]|MM|Mme|Mlle|Dr|Pr|Ste?|Mrs?|Ms|art|cf|env|etc|ex|fig|pp?|vol|n[o°]|av|bd|\p{Lu})\.$"
)
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]{4,}")
_SHORTEST, _LONGEST = 5, 60  # words: shorter says nothing, longer is hardly a sentence
_MOST_READ = 20_000  # characters; the rest of a long page would change the word counts and little else


def tidy(text: str) -> str:
    """One line: white space runs become one space, characters that networks refuse are left out. Spaces that do
    not break stay as they are."""
    one_line: str = _SPACES.sub(" ", _UNWANTED.sub("", text))
    return one_line.strip(" ")


def split(text: str) -> list[str]:
    """The sentences of a text, in order. Paragraphs end sentences."""
    found: list[str] = []
    for paragraph in text.splitlines():
        held = ""
        for piece in _END.split(tidy(paragraph)):
            held = f"{held} {piece}" if held else piece
            if not _ABBREVIATION.search(held[-8:]):
                found.append(held)
                held = ""
        found.append(held)
    return [sentence for sentence in found if sentence]


def best(article: Article) -> list[tuple[int, str]]:
    """`(place in the text, sentence)`, best first, from the text, else the summary.

    Left out: what repeats the title or an earlier sentence, what carries an address (the tracked link is the only
    one a teaser offers) or names an account with @ (it would call a stranger).
    """
    source = article.text or article.summary or ""
    sentences = split(source[:_MOST_READ])
    if len(source) > _MOST_READ and len(sentences) > 1:
        sentences.pop()  # cut in the middle
    frequency = Counter(word for sentence in sentences for word in _words(sentence))
    title = set(_words(article.title))
    seen = {_same(article.title)}
    scored: list[tuple[float, int, str]] = []
    for place, sentence in enumerate(sentences):
        words = _words(sentence)
        if not _SHORTEST <= len(sentence.split()) <= _LONGEST and not _unspaced(sentence):
            continue
        if _same(sentence) in seen or "@" in sentence or twitter_addresses(sentence) or "://" in sentence:
            continue
        seen.add(_same(sentence))
        weight = sum(frequency[word] + (2 if word in title else 0) for word in set(words))
        scored.append((weight / (len(words) + 4) + 2 / (place + 1), place, sentence))
    scored.sort(key=lambda item: (-item[0], item[1]))
    return [(place, sentence) for _, place, sentence in scored]


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _same(text: str) -> str:
    return "".join(regex.findall(r"[\p{L}\p{N}]", text)).casefold()


def _unspaced(sentence: str) -> bool:
    """Scripts written without spaces: ten characters or more are taken for a sentence."""
    return " " not in sentence and 10 <= len(sentence) <= 300 and bool(regex.search(r"\p{Lo}{4}", sentence))
