from __future__ import annotations

import doctest
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosspost.domain import link as link_module
from crosspost.domain.errors import BadInput
from crosspost.domain.ids import new_code
from crosspost.domain.link import check_target, code_in, code_or_slug, short_url, slug, tracked_url

CODE = "k7m2p9qrst"


def tracked(url: str, network: str = "linkedin", code: str = CODE) -> str:
    return tracked_url(url, network=network, article_slug="Été à Nice", code=code)


def test_example_of_the_docstring() -> None:
    assert doctest.testmod(link_module).failed == 0


def test_own_parameters_and_fragment_stay_byte_for_byte() -> None:
    found = tracked("https://a.example/p?b=%C3%A9&a=1+2&flag&b=3#sec?x=1")
    assert found.startswith("https://a.example/p?b=%C3%A9&a=1+2&flag&b=3&utm_source=linkedin&utm_medium=social&")
    assert found.endswith(f"&utm_content={CODE}#sec?x=1")


@pytest.mark.parametrize(
    ("network", "name"), [("x", "twitter"), ("mastodon", "mastodon"), ("facebook", "facebook"), ("bluesky", "bluesky")]
)
def test_source_is_the_plain_name(network: str, name: str) -> None:
    assert parse_qs(urlsplit(tracked("https://a.example/", network)).query)["utm_source"] == [name]


def test_the_owners_campaign_is_kept_and_the_rest_of_utm_replaced() -> None:
    query = parse_qs(
        urlsplit(
            tracked("https://a.example/?UTM_Source=mail&utm_medium=email&utm_campaign=ete+26&utm_content=a&utm_term=t")
        ).query
    )
    assert query == {
        "utm_term": ["t"],
        "utm_source": ["linkedin"],
        "utm_medium": ["social"],
        "utm_campaign": [f"ete 26-{CODE}"],
        "utm_content": [CODE],
    }


def test_tracking_a_tracked_link_again_replaces_the_code() -> None:
    assert tracked(tracked("https://a.example/p?x=1", code="aaaaaaaa22")) == tracked("https://a.example/p?x=1")


@given(
    st.text(alphabet="abc=&%20é+?#/", max_size=40),
    st.text(max_size=80),
    st.sampled_from(["x", "facebook", "mastodon"]),
)
def test_the_code_is_always_in_content_and_campaign(query: str, title: str, network: str) -> None:
    code = new_code()
    url = "https://a.example/p?" + query.replace("#", "")
    found = tracked_url(url, network=network, article_slug=title, code=code)
    fields = parse_qs(urlsplit(found).query)
    assert fields["utm_content"] == [code]
    assert fields["utm_campaign"][0].endswith("-" + code)
    assert code_in(found) == code


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "//evil.example", "/path", "https://", "https://user@evil.example/", "ftp://a.example",
        "https://a.example/\r\nSet-Cookie: a=1", "https://a.example\\@evil.example", "https://a.example/a b",
        "https://a.example:99999/", "data:text/html,x", "https://[::1", "", "https://a.example/\u202egpj.exe",
    ],
)  # fmt: skip
def test_targets_that_are_refused(url: str) -> None:
    with pytest.raises(BadInput):
        check_target(url)


@pytest.mark.parametrize("url", ["https://a.example/é?x=1#y", "http://127.0.0.1:8808/blog", "https://a.example:443/"])
def test_targets_that_are_accepted(url: str) -> None:
    assert check_target(url) == url


def test_code_in_both_forms() -> None:
    assert code_in(short_url("https://l.example/", CODE)) == CODE
    assert code_in("https://l.example/K7M2P9QRST", "https://l.example") == CODE
    assert code_in(f"https://else.example/{CODE}", "https://l.example") is None
    assert code_in(f"https://l.example/go/{CODE}/", "https://l.example/go") == CODE
    assert code_in(f"https://a.example/?utm_campaign=summer-{CODE}") == CODE
    assert code_in("https://a.example/article") is None
    assert code_in("https://a.example/?utm_content=banner") is None
    assert code_in("https://[broken") is None


def test_a_slug_is_found_where_it_is_known() -> None:
    tagged = tracked_url("https://a.example/p", network="x", article_slug="p", code="spring")
    assert code_in(tagged) is None
    assert code_in(tagged, known={"spring"}) == "spring"
    assert code_in("https://l.example/Spring", "https://l.example", {"spring"}) == "spring"
    assert code_in("https://a.example/spring", known={"spring"}) is None, "a word like any other"
    assert code_in("https://a.example/spring", "https://l.example", {"spring"}) is None
    assert code_in(f"https://a.example/?utm_content=banner&utm_campaign=x-{CODE}", known={"spring"}) == CODE


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("utm_content=Spring", "spring"), (f"utm_content=banner-a&utm_campaign=x-{CODE}", CODE), ("utm_content=", ""),
        ("utm_content=a%20b", ""), ("a=b&utm_content=spring&utm_content=other", "spring"), ("", ""),
    ],
)  # fmt: skip
def test_what_may_be_a_code_in_a_query(query: str, code: str) -> None:
    assert code_or_slug(query) == code


def test_slug() -> None:
    assert slug("L'été à Saint-Étienne : 10 % !") == "l-ete-a-saint-etienne-10"
    assert slug("日本") == ""
    assert len(slug("mot " * 50)) <= 60
