"""Any text that fits arrives on the sandbox as it was written, link included, or is refused before it is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crosspost.domain import littletext
from crosspost.domain.counting import fits
from crosspost.networks.linkedin import LinkedIn
from crosspost.sandbox.networks._linkedin_text import read
from crosspost.sandbox.running import Sandbox
from tests.networks.test_sandbox import Presence, delivery, presence

PIECES = st.one_of(
    st.sampled_from(
        [*"\\|{}@[]()<>#*_~ &;:,.!?/%«»\u00a0\u202f\n", "#Jardin", "#à_deux", "{hashtag|\\#|x}"]
        + ["👩‍👩‍👧‍👦", "🇫🇷", "e\u0301", "日本語", "שלום", "\u200f", "exemple.fr", "https://a.example/x_(y)?b=~c", "http://"]
        + ["https://a.example/[b]*", "@[Ana](urn:li:person:1)", "HTTPS://A.example/#_"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
)  # fmt: skip
TEXTS = st.lists(PIECES, min_size=1, max_size=25).map("".join)


@given(TEXTS)
@settings(max_examples=1000, deadline=None)
def test_the_server_s_reading_of_the_escaped_text_is_the_text(text: str) -> None:
    little = littletext.escaped(text)
    assert read(little) == (text, little)
    assert littletext.plain(little) == text


def test_any_text_is_stored_identically_or_refused_before_sending() -> None:
    with Sandbox(seed=7) as sandbox:
        places = [presence(sandbox, name, rate_limits=False) for name in ("linkedin", "pinterest")]

        @given(TEXTS)
        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        def arrives(text: str) -> None:
            for there in places:
                stored_as_written(there, text)

        arrives()


def stored_as_written(there: Presence, text: str) -> None:
    sent = there.delivery()
    whole = f"{text} {sent.teaser.link}"
    sent = replace(sent, teaser=replace(sent.teaser, text=whole))
    post = there.adapter().publish(sent, print)
    entry = there.posted()[-1]
    assert entry["text"] == whole
    assert sent.teaser.link in entry["links"]
    listed = there.adapter().posts(datetime(2020, 1, 1, tzinfo=UTC)).posts
    assert {one.remote_id: one.text for one in listed}[post.remote_id] == whole


def test_the_limit_counts_every_backslash() -> None:
    link = delivery().teaser.link
    room = 3000 - len(link) - 1
    assert fits("(" * (room // 2) + f" {link}", LinkedIn.limits)
    assert not fits("(" * (room // 2 + 1) + f" {link}", LinkedIn.limits)
    assert fits("é" * room + f" {link}", LinkedIn.limits)
    assert not fits("🍂" * (room // 2 + 1) + f" {link}", LinkedIn.limits)
