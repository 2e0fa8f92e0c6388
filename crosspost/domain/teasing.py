"""From an article to the teaser of one account: pure composition.

The link comes first and is never given up; then the title, the author, the best sentences, the hashtags. Each part
is added only if the whole text still fits every limit of the network, so a teaser that was composed fits. Seen from
the end: hashtags go first (the last one before the others), then sentences, then the title is cut at a word.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace

import regex

from crosspost.domain import sentences
from crosspost.domain.article import Article
from crosspost.domain.counting import fits, graphemes, measure, measure_all
from crosspost.domain.errors import BadInput
from crosspost.domain.limits import AtMost, Limits
from crosspost.domain.sentences import tidy
from crosspost.domain.teaser import Attachment, Card, Placement, Teaser
from crosspost.domain.template import TeaserTemplate

_ELLIPSIS = "…"
_OPENING = frozenset("«“„‘‚‹([{¿¡「『（")
_CLOSING = frozenset("»”›)]}:;!?%…。、！？：；，」』）")  # and what French sets apart with a space before it
_DANGLING = " \u00a0\u202f,;:–—-·|/"
_DESCRIPTION = 300  # graphemes; clients show less of a card's description
_LONGEST_TAG = 64  # graphemes: the tag limit of Bluesky's lexicon; nobody reads a longer one elsewhere
_TAG_WORD = regex.compile(r"[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}]*+")
_ADDRESS = regex.compile(r"https?://[^\s/]\S*+")


def compose(
    article: Article,
    template: TeaserTemplate,
    limits: Limits,
    link: str,
    image: Attachment | None = None,
    placement: Placement = "text",
) -> Teaser:
    """The teaser of `article`, with `link` (http or https) standing alone in its text, or where `placement` says.

    A card leads to the link: a link that shall stand elsewhere has none, and the image is shown instead.

    `image` is the article's image as stored; its alternative text is written from the template. A post with a title
    of its own gets the article's, as `extra["title"]`. Raises BadInput when the link by itself is longer than the
    network allows, or is no web address, and when an image is needed and there is none.
    """
    _check_address(link)
    text = _text(article, template, limits, link if placement == "text" else "")
    shows = (image.alt if image is not None else "") or article.image_alt or article.title
    alt = {"alt": tidy(shows), "title": tidy(article.title)}
    alt["author"] = tidy(article.author or "")
    images: tuple[Attachment, ...] = ()
    if image is not None and template.picture != "none" and limits.images > 0:
        images = (replace(image, alt=_alt_text(template.render_alt(alt), limits)),)
    if limits.needs_image and not images:
        raise BadInput("the network takes no post without an image", remedy="give the article an image: --image FILE")
    extra = {} if limits.title is None else {"title": _title(article, limits.title)}
    card = None
    if placement == "card" or (placement == "text" and template.picture == "card"):
        card = Card(link, tidy(article.title), _description(article), images[0].sha256 if images else None)
    return Teaser(
        text=text, link=link, language=article.language, link_placement=placement, card=card, images=images, extra=extra
    )  # fmt: skip


def compose_reply(article: Article, template: TeaserTemplate, limits: Limits, link: str) -> Teaser:
    """The reply that carries the link: the template's words, or the link alone where they do not fit.

    `limits` are a reply's. Raises BadInput when the link by itself is too long.
    """
    _check_address(link)
    parts = {"title": "", "author": tidy(article.author or ""), "link": link}

    def written(title: str) -> str:
        return template.render_reply(parts | {"title": title})

    text = written(cut(tidy(article.title), lambda title: fits(written(title), limits)))
    if not fits(text, limits):
        text = _alone(link, limits)
    return Teaser(text=text, link=link, language=article.language)


def _check_address(link: str) -> None:
    if not _ADDRESS.fullmatch(link) or tidy(link) != link:
        raise BadInput(f"{link[:200]!r} is not a web address", remedy="a teaser's link begins with https://")


def _alone(link: str, limits: Limits) -> str:
    """The link by itself. Raises BadInput where even that is too long."""
    found = next((each for each in measure_all(link, limits) if not each.fits), None)
    if found is not None:
        raise BadInput(
            f"the link alone takes {found.length} of {found.limit.max} {found.limit.unit}",
            remedy="use the redirect mode, whose links are short, or a shorter address",
        )
    return link


def hashtag(tag: str) -> str | None:
    """A tag as one word with capitals, such as #CommunityManagement, without its sign; None where the networks
    would not make a hashtag of it (no letter, or over 64 graphemes)."""
    words = _TAG_WORD.findall(unicodedata.normalize("NFC", tag))
    name = "".join(word if word != word.lower() else word[:1].upper() + word[1:] for word in words)
    if not regex.search(r"\p{L}", name) or len(graphemes(name)) > _LONGEST_TAG:
        return None
    return name


def cut(text: str, fitting: Callable[[str], bool]) -> str:
    """The text, or its beginning up to the end of a word with an ellipsis, so that `fitting` holds.

    Words are cut, between graphemes, only where keeping them whole would lose over half of the room. Never parts
    « from its word, nor a word from the sign after it. Empty where nothing fits.
    """
    if fitting(text):
        return text
    ends: list[int] = []
    for grapheme in graphemes(text):
        ends.append((ends[-1] if ends else 0) + len(grapheme))
    ends = [end for end in ends[:-1] if _may_end(text, end)]
    by_word = _longest(text, [end for end in ends if text[end] == " "], fitting)
    by_grapheme = _longest(text, ends, fitting)
    return by_word if 2 * len(by_word) >= len(by_grapheme) else by_grapheme


def _may_end(text: str, end: int) -> bool:
    """Whether a text may stop there: `end` is the index of the first character that goes, which must not be a
    sign that belongs to the word before it, with or without a space between."""
    following = end + 1 if text[end] in " \u00a0\u202f" else end
    return text[following : following + 1] not in _CLOSING


def _longest(text: str, ends: Sequence[int], fitting: Callable[[str], bool]) -> str:
    """The longest of the beginnings, ellipsis included, that is found to fit; empty where none is.

    By halving. A longer text may weigh less, when a cut breaks an address in two, so a longer one that fits may
    be missed; one that does not fit is never returned.
    """
    low, high, found = 0, len(ends) - 1, ""
    while low <= high:
        middle = (low + high) // 2
        shortened = _shortened(text[: ends[middle]])
        if fitting(shortened):
            found, low = shortened, middle + 1
        else:
            high = middle - 1
    return found


def _shortened(beginning: str) -> str:
    kept = beginning.rstrip(_DANGLING)
    while kept and kept[-1] in _OPENING:
        kept = kept[:-1].rstrip(_DANGLING)
    if not kept:
        return ""
    return kept if kept.endswith(_ELLIPSIS) else kept + _ELLIPSIS


def _text(article: Article, template: TeaserTemplate, limits: Limits, link: str) -> str:
    parts = {"title": "", "author": "", "sentences": "", "hashtags": "", "link": link}

    def fitting(**more: str) -> bool:
        return fits(template.render({**parts, **more}), limits)

    if not fitting():
        return _alone(link, limits)  # the template's own words are what is too long
    parts["title"] = cut(tidy(article.title), lambda title: fitting(title=title))
    author = tidy(article.author or "")
    if fitting(author=author):
        parts["author"] = author
    chosen: list[tuple[int, str]] = []
    if template.sentences:
        for sentence in sentences.best(article):
            if len(chosen) == template.sentences:
                break
            longer = sorted([*chosen, sentence])
            joined = " ".join(each for _, each in longer)
            if fitting(sentences=joined):
                chosen, parts["sentences"] = longer, joined
    for tag in _hashtags(article.tags)[: template.hashtags]:
        longer_tags = f"{parts['hashtags']} #{tag}".strip()
        if not fitting(hashtags=longer_tags):
            break
        parts["hashtags"] = longer_tags
    return template.render(parts)


def _hashtags(tags: Sequence[str]) -> list[str]:
    """Every tag that can be a hashtag, once, in the article's order."""
    found: dict[str, str] = {}
    for tag in tags:
        name = hashtag(tag)
        if name is not None:
            found.setdefault(name.casefold(), name)
    return list(found.values())


def _title(article: Article, limit: AtMost) -> str:
    return cut(tidy(article.title), lambda short: measure(short, limit) <= limit.max)


def _alt_text(text: str, limits: Limits) -> str:
    most = limits.alt_text
    return text if most is None else cut(text, lambda short: len(short) <= most)


def _description(article: Article) -> str:
    text = tidy(article.summary or "")
    if not text:
        text = next((sentence for _, sentence in sentences.best(article)), "")
    return cut(text, lambda short: len(graphemes(short)) <= _DESCRIPTION)
