"""A composed teaser always fits and never loses its link."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crosspost.commands.templates import template_of
from crosspost.domain import sentences, template
from crosspost.domain.addresses import http_addresses, twitter_addresses
from crosspost.domain.article import Article
from crosspost.domain.counting import fits, graphemes, measure
from crosspost.domain.errors import BadInput
from crosspost.domain.limits import overridden
from crosspost.domain.teaser import Attachment
from crosspost.domain.teasing import compose, cut, hashtag
from crosspost.domain.template import TeaserTemplate
from tests import four_limits
from tests.test_template import PLAIN

LINK = "https://exemple.fr/r/abcdefgh"
IMAGE = Attachment("0" * 64, "image/png", "")
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
TEMPLATES = {name: template_of(name) for name in four_limits.ALL}
BODY = (
    "La boulangerie du quartier a doublé ses commandes en un an. "
    "Elle envoie chaque lundi une lettre à ses clients, avec la recette de la semaine. "
    "Il pleuvait. "
    "Les commandes de la boulangerie viennent surtout de cette lettre, disent ses clients. "
    "Comment une boulangerie a doublé ses commandes ! "
    "Voyez https://autre.fr pour en savoir plus sur les commandes de la boulangerie. "
    "La boulangerie et ses commandes, ses clients : boulangerie.fr dit tout. "
    "Merci à @paul pour les photos de la boulangerie et de ses clients."
)
ARTICLE = Article(
    identity="1",
    url="https://exemple.fr/boulangerie",
    title="Comment une boulangerie a doublé ses commandes",
    text=BODY,
    language="fr",
    image_alt="La vitrine de la boulangerie",
    tags=("community management", "SEO", "l'été", "2026", "Community  Management", "seo", "Seo"),
)


def titled(title: str, **more: object) -> Article:
    return Article(identity="1", url="https://exemple.fr", title=title, **more)  # type: ignore[arg-type]


def text_of(article: Article, name: str, link: str = LINK) -> str:
    return compose(article, TEMPLATES[name], four_limits.ALL[name], link).text


def test_a_whole_teaser() -> None:
    teaser = compose(ARTICLE, template.parse(PLAIN, "t"), four_limits.MASTODON, LINK)
    assert teaser.text == (
        "Comment une boulangerie a doublé ses commandes\n"
        "La boulangerie du quartier a doublé ses commandes en un an. "
        "Les commandes de la boulangerie viennent surtout de cette lettre, disent ses clients.\n"
        f"{LINK}\n"
        "#CommunityManagement #SEO #LÉté"
    )
    assert (teaser.link, teaser.language, teaser.card, teaser.images) == (LINK, "fr", None, ())


def test_hashtags_go_first_then_sentences_then_the_end_of_the_title() -> None:
    made = template.parse(PLAIN, "t")
    whole = measure(compose(ARTICLE, made, four_limits.MASTODON, LINK).text, four_limits.MASTODON.text[0])
    lines = []
    for most in range(whole, 24, -1):
        limits = overridden(four_limits.MASTODON, {"text_limit": str(most)})
        lines.append(compose(ARTICLE, made, limits, LINK).text)
    tags = [text.count("#") for text in lines]
    assert tags[0] == 3
    assert {0, 1, 2, 3} <= set(tags)
    titles = [text.splitlines()[0] for text in lines]
    told = ["disent ses clients." in text or "un an." in text for text in lines]
    first_untold = told.index(False)
    assert all(title == ARTICLE.title for title in titles[:first_untold])
    assert titles[-10].endswith("…")
    assert len(set(titles)) > 4
    assert all(LINK in text for text in lines)
    # One hashtag fewer, never a sentence fewer, is the first thing given up.
    assert lines[1].replace(" #LÉté", "") == lines[0].replace(" #LÉté", "")


def test_no_tags_no_hashtags_and_no_empty_lines() -> None:
    assert text_of(titled("Un titre"), "x") == f"Un titre\n\n{LINK}"
    assert text_of(titled("Un titre", tags=("123", "!!", "")), "mastodon") == f"Un titre\n\n{LINK}"
    assert text_of(titled(""), "bluesky") == LINK


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("community management", "CommunityManagement"),
        ("SEO local", "SEOLocal"),
        ("iPhone", "iPhone"),
        ("e-mail", "EMail"),
        ("l’été 2026", "LÉté2026"),
        ("#déjà-vu", "DéjàVu"),
        ("cafe\u0301", "Café"),
        ("東京 旅行", "東京旅行"),
        ("हिन्दी", "हिन्दी"),
        ("2026", None),
        ("🎉", None),
        ("m²", "M"),
        ("a" * 65, None),
    ],
)
def test_a_hashtag(tag: str, name: str | None) -> None:
    assert hashtag(tag) == name


def test_french_typography_survives() -> None:
    title = "«\u00a0Où\u202f?\u00a0» L’œuvre\u00a0: 10\u202f%\u202f!"
    for name in four_limits.ALL:
        assert title in text_of(titled(title), name)


def test_white_space_is_tidied_and_refused_characters_left_out() -> None:
    assert text_of(titled("Un\n titre\t\ufffe\ufeff\x00\ud800long  "), "x") == f"Un titre long\n\n{LINK}"


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("Un deux trois", 13, "Un deux trois"),
        ("Un deux trois", 12, "Un deux…"),
        ("Un deux, trois", 12, "Un deux…"),
        ("Il dit «\u00a0bonjour\u00a0» à tous", 12, "Il dit…"),
        ("Il dit « bonjour » à tous", 12, "Il dit…"),
        ("Elle vient quand ? Bientôt", 17, "Elle vient…"),
        ("Elle vient quand\u00a0? Bientôt", 18, "Elle vient…"),
        ("Elle vient quand\u00a0? Bientôt", 19, "Elle vient quand\u00a0?…"),
        ("anticonstitutionnellement", 10, "anticonst…"),
        ("Un anticonstitutionnellement", 10, "Un antico…"),
        ("故人西辞黄鹤楼烟花三月下扬州", 6, "故人西辞黄…"),
        (FAMILY * 5, 3, FAMILY * 2 + "…"),
        ("Bravo!Encore", 6, "Brav…"),
        ("«\u00a0Bonjour\u00a0»", 6, "«\u00a0Bon…"),
        ("«\u00a0Bonjour\u00a0»", 3, ""),
        ("Attendez… encore un peu", 10, "Attendez…"),
        ("Un", 0, ""),
        ("", 0, ""),
    ],
)
def test_where_a_title_is_cut(text: str, most: int, short: str) -> None:
    assert cut(text, lambda candidate: len(graphemes(candidate)) <= most) == short


def test_a_long_title_keeps_its_link_on_x() -> None:
    text = text_of(titled("Des mots qui durent " * 40), "x")
    assert text.endswith(f"…\n\n{LINK}")
    assert 260 < measure(text, four_limits.X.text[0]) <= 280


def test_an_author_too_long_is_left_out() -> None:
    made = template.parse(PLAIN.replace('"$title', '"$title\\n$author'), "t")
    assert compose(titled("Titre", author="Ana " * 100), made, four_limits.X, LINK).text == f"Titre\n{LINK}"


def test_the_same_hashtag_is_written_once() -> None:
    made = template.parse(PLAIN, "t")
    assert compose(titled("T", tags=("SEO", "seo", "été")), made, four_limits.X, LINK).text.endswith("\n#SEO #Été")


def test_addresses_in_a_title_are_counted() -> None:
    title = " ".join(f"a{number}.fr" for number in range(40))
    text = text_of(titled(title), "x")
    assert len(twitter_addresses(text)) > 5
    assert fits(text, four_limits.X)


def test_the_tracked_link_stands_alone() -> None:
    for name in four_limits.ALL:
        text = text_of(ARTICLE, name)
        assert LINK in text.split()
        assert [text[start:end] for start, end in http_addresses(text)] == [LINK]


def test_sentences_keep_the_order_of_the_article_and_offer_no_other_way_out() -> None:
    found = sentences.best(ARTICLE)
    assert {place for place, _ in found} == {0, 1, 3}
    assert found == sentences.best(ARTICLE)
    joined = text_of(ARTICLE, "facebook")
    assert joined.index("un an.") < joined.index("chaque lundi") < joined.index("disent ses clients.")


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("Un. Deux ! Trois ? Fin…", ["Un.", "Deux !", "Trois ?", "Fin…"]),
        ("«\u00a0Vraiment\u00a0?\u00a0» Oui. Bien.", ["«\u00a0Vraiment\u00a0?\u00a0»", "Oui.", "Bien."]),
        ("M. Dupont et Mme. Durand. J. Verne.", ["M. Dupont et Mme. Durand.", "J. Verne."]),
        ("Version 3.5 sortie. et la suite", ["Version 3.5 sortie. et la suite"]),
        ("Un\nDeux", ["Un", "Deux"]),
        ("今日は。明日も。", ["今日は。", "明日も。"]),
        ("", []),
    ],
)
def test_where_sentences_end(text: str, split: list[str]) -> None:
    assert sentences.split(text) == split


def test_the_summary_serves_where_there_is_no_text() -> None:
    summary = "Un résumé assez long pour être une phrase."
    assert summary in text_of(titled("Titre", summary=summary), "x")


def test_pictures() -> None:
    described = replace(IMAGE, alt="La vitrine de la boulangerie")
    card = compose(ARTICLE, TEMPLATES["bluesky"], four_limits.BLUESKY, LINK, described)
    assert card.card is not None
    assert (card.card.url, card.card.title, card.card.image) == (LINK, ARTICLE.title, IMAGE.sha256)
    assert card.card.description == "La boulangerie du quartier a doublé ses commandes en un an."
    assert [image.alt for image in card.images] == ["La vitrine de la boulangerie"]
    without = compose(ARTICLE, TEMPLATES["bluesky"], four_limits.BLUESKY, LINK)
    assert without.card is not None
    assert (without.card.image, without.images) == (None, ())
    image = compose(titled("Titre " * 300), TEMPLATES["x"], four_limits.X, LINK, IMAGE)
    assert image.card is None
    assert len(image.images[0].alt) <= 1000
    assert image.images[0].alt.startswith("Titre Titre")
    assert compose(ARTICLE, template.parse(PLAIN, "t"), four_limits.X, LINK, IMAGE).images == ()


def test_a_link_too_long_by_itself_is_refused() -> None:
    with pytest.raises(BadInput, match="the link alone takes 2000 of 300 graphemes"):
        text_of(ARTICLE, "bluesky", "https://exemple.fr/".ljust(2000, "a"))
    assert fits(text_of(ARTICLE, "x", "https://exemple.fr/".ljust(2000, "a")), four_limits.X)


@pytest.mark.parametrize(
    "link", ["", "exemple.fr", "https://", "ftp://exemple.fr", "https://exemple.fr/a b", " https://a.fr"]
)
def test_what_is_no_link_is_refused(link: str) -> None:
    with pytest.raises(BadInput, match="is not a web address"):
        text_of(ARTICLE, "x", link)


def test_words_of_a_template_give_way_to_the_link() -> None:
    wordy = template.parse(PLAIN.replace("$title", "mot " * 300), "t")
    assert compose(ARTICLE, wordy, four_limits.X, LINK).text == LINK


def test_a_template_s_own_words_and_author() -> None:
    made = template.parse(PLAIN.replace('"$title', '"Par $author\\nÀ lire, 5 $$ : $title'), "t")
    text = compose(titled("Un $titre ${link}", author="Ana"), made, four_limits.X, LINK).text
    assert text == f"Par Ana\nÀ lire, 5 $ : Un $titre ${{link}}\n{LINK}"
    assert compose(titled("Titre"), made, four_limits.X, LINK).text == f"À lire, 5 $ : Titre\n{LINK}"


def test_a_very_long_article_is_composed_quickly() -> None:
    long = titled("mot " * 25_000, text="Une phrase assez longue pour compter ici. " * 25_000, tags=("tag",) * 1000)
    started = time.process_time()
    for name in four_limits.ALL:
        assert fits(text_of(long, name), four_limits.ALL[name])
    assert time.process_time() - started < 10


HARD = st.lists(
    st.sampled_from(
        [
            "mot", " ", "\u00a0", "\u202f", "«", "»", "’", "!", "…", FAMILY, "🇫🇷", "🇫", "👩🏽‍💻", "1\ufe0f\u20e3",
            "e\u0301", "\u0301", "\u200d", "\ufe0f", "漢字", "한국어", "سلام", "עברית", "\u202e", "\u2066", "นี้", "\n",
            "exemple.fr", "http://exemple.fr/a", "https://", "@ana@mastodon.example", "#tag", "$link", "\ufffe",
            "anticonstitutionnellement" * 20, "mot " * 100, "é" * 400, "http://a.fr/" + "a" * 500,
        ]
    ),
    max_size=25,
).map("".join)  # fmt: skip
ANY_TEXT = st.one_of(HARD, st.text(max_size=400))
LINKS = st.builds(
    lambda host, path, length: f"{host}{path}".ljust(length, "a"),
    st.sampled_from(
        ["https://exemple.fr/", "http://127.0.0.1:8080/r/", "https://bücher.example/", "http://localhost/"]
    ),
    st.sampled_from(["", "abc", "?utm_campaign=é", "a_(b)", "漢字", "."]),
    st.integers(0, 2000),
)
ARTICLES = st.builds(
    Article,
    identity=st.just("1"),
    url=st.just("https://exemple.fr"),
    title=ANY_TEXT,
    summary=st.none() | ANY_TEXT,
    text=st.none() | ANY_TEXT | st.just(BODY),
    author=st.none() | ANY_TEXT,
    tags=st.lists(ANY_TEXT, max_size=5).map(tuple),
)
LAYOUTS = st.one_of(
    st.sampled_from(sorted(TEMPLATES)).map(lambda name: TEMPLATES[name]),
    st.builds(
        TeaserTemplate,
        text=st.sampled_from(["$link $title $sentences $hashtags", "$title — $author :\n$sentences $link $hashtags"]),
        sentences=st.integers(0, 5),
        hashtags=st.integers(0, 5),
        picture=st.just("card"),
        alt=st.just("$alt $author"),
    ),
)


@given(article=ARTICLES, link=LINKS, layout=LAYOUTS, name=st.sampled_from(sorted(four_limits.ALL)))
@example(article=titled("mot " * 400), link=LINK, layout=TEMPLATES["x"], name="x")
def test_a_teaser_always_fits_and_keeps_its_link(
    article: Article, link: str, layout: TeaserTemplate, name: str
) -> None:
    limits = four_limits.ALL[name]
    if not fits(link, limits):
        with pytest.raises(BadInput, match="the link alone"):
            compose(article, layout, limits, link)
        return
    teaser = compose(article, layout, limits, link, IMAGE)
    assert fits(teaser.text, limits)
    assert link in teaser.text.split("\n") or link in teaser.text.replace("\n", " ").split(" ")
    assert all(limits.alt_text is None or len(image.alt) <= limits.alt_text for image in teaser.images)


@given(title=ANY_TEXT.map(sentences.tidy), most=st.integers(0, 60))
def test_a_cut_keeps_graphemes_whole_and_signs_with_their_words(title: str, most: int) -> None:
    short = cut(title, lambda candidate: len(graphemes(candidate)) <= most)
    assert len(graphemes(short)) <= most
    if short == title:
        return
    kept = short.removesuffix("…")
    assert title.startswith(kept)
    assert graphemes(title)[: len(graphemes(kept))] == graphemes(kept)
    assert not kept.endswith(("«", "«\u00a0", "«\u202f", "« "))
    assert not kept or not title[len(kept) :].lstrip(" \u00a0\u202f").startswith(("?", "!", "»"))
