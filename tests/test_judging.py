from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crosspost.domain.judging import BROWSER, RULES, RULESET, Rule, judge, judge_by, version
from crosspost.domain.traffic import Hit, Judgement
from tests.user_agents import MACHINES, PEOPLE

SAMPLES = Path(__file__).parents[1].parent / "shared" / "samples" / "exports" / "social_preview_user_agents.json"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
WEBKIT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"

# One hit per rule: method, purpose, user agent. Our own words where the form allows it.
FIXTURES: dict[str, tuple[str, str, str]] = {
    "agent:imessage": ("GET", "", "Mozilla/5.0 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0"),
    "agent:kakaotalk": ("GET", "", "kakaotalk-scrap/1.0"),
    "agent:facebook": ("GET", "", "facebookexternalhit/1.1"),
    "agent:meta": ("GET", "", "meta-externalagent/1.1"),
    "agent:telegram": ("GET", "", "TelegramBot (like TwitterBot)"),
    "agent:x": ("GET", "", "Twitterbot/1.0"),
    "agent:linkedin": ("GET", "", "LinkedInBot/1.0"),
    "agent:pinterest": ("GET", "", "Mozilla/5.0 (compatible; Pinterestbot/1.0)"),
    "agent:reddit": ("GET", "", "Mozilla/5.0 (compatible; redditbot/1.0)"),
    "agent:tumblr": ("GET", "", "Tumblr/15.1"),
    "agent:vk": ("GET", "", "Mozilla/5.0 (compatible; vkShare)"),
    "agent:xing": ("GET", "", "XING-contenttabreceiver/2.0"),
    "agent:snapchat": ("GET", "", "Snapchat/13.1"),
    "agent:tiktok": ("GET", "", "Mozilla/5.0 (compatible; thirdLandingPageFeInfra/1.0)"),
    "agent:bluesky": ("GET", "", "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1)"),
    "agent:mastodon": ("GET", "", "Mastodon/4.5.0 (http.rb/5.3.1; +https://social.example/) Bot"),
    "agent:pleroma": ("GET", "", "Pleroma 2.9.1; https://social.example"),
    "agent:akkoma": ("GET", "", "Akkoma 3.16.0; https://social.example"),
    "agent:misskey": ("GET", "", "Misskey/2026.1.0 (https://social.example)"),
    "agent:summaly": ("GET", "", "SummalyBot/5.2.0"),
    "agent:lemmy": ("GET", "", "Lemmy/0.19.11"),
    "agent:friendica": ("GET", "", "Friendica 'Interrupted Fern' 2026.01"),
    "agent:peertube": ("GET", "", "PeerTube/7.2.0"),
    "agent:gotosocial": ("GET", "", "gotosocial/0.20.0 (+https://social.example)"),
    "agent:pixelfed": ("GET", "", "(Pixelfed/0.12.5; +https://social.example)"),
    "agent:fediverse": ("GET", "", "WriteFreely/0.16"),
    "agent:signal": ("GET", "", "Signal/7.60"),
    "agent:matrix": ("GET", "", "Synapse/1.140.0"),
    "agent:work-chat": ("GET", "", "NotionEmbedder"),
    "agent:mail-proxy": ("GET", "", "YahooMailProxy"),
    "agent:slack": ("GET", "", "Slackbot-LinkExpanding 1.0"),
    "agent:discord": ("GET", "", "Mozilla/5.0 (compatible; Discordbot/2.0)"),
    "agent:whatsapp": ("GET", "", "WhatsApp/2.25.1 A"),
    "agent:skype": ("GET", "", "Mozilla/5.0 (Windows NT 10.0) SkypeUriPreview Preview/0.5"),
    "agent:viber": ("GET", "", "Viber/20.1"),
    "agent:line": ("GET", "", "Mozilla/5.0 (compatible; line-poker/1.0)"),
    "agent:iframely": ("GET", "", "Iframely/1.3.1"),
    "agent:embedly": ("GET", "", "Mozilla/5.0 (compatible; Embedly/0.2)"),
    "agent:buffer": ("GET", "", "BufferLinkPreviewBot/1.0"),
    "agent:google-preview": ("GET", "", WEBKIT + " Google-PageRenderer Google"),
    "agent:bing-preview": ("GET", "", WEBKIT + " BingPreview/1.0b"),
    "agent:scheduler": ("GET", "", "PocketParser/2.0"),
    "agent:anthropic": ("GET", "", "anthropic-ai"),
    "agent:perplexity": ("GET", "", "Mozilla/5.0 (compatible; Perplexity-User/1.0)"),
    "agent:ai": ("GET", "", "cohere-ai"),
    "agent:link-checker": ("GET", "", "lychee/0.20.1"),
    "agent:link-scanner": ("GET", "", "Mozilla/5.0 zgrab/0.x"),
    "agent:speed-test": ("GET", "", "Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/141 Safari/537.36 PTST/250101"),
    "agent:feed-reader": ("GET", "", "Reader of feeds, 12 subscribers"),
    "agent:wordpress": ("GET", "", "WordPress/6.8"),
    "agent:bytedance": ("GET", "", WEBKIT + " (compatible; Bytespider)"),
    "agent:openai": ("GET", "", "Mozilla/5.0 AppleWebKit/537.36 (compatible; GPTBot/1.2)"),
    "agent:google": ("GET", "", "Mozilla/5.0 (compatible; Googlebot/2.1)"),
    "agent:bing": ("GET", "", "Mozilla/5.0 (compatible; bingbot/2.0)"),
    "agent:yahoo": ("GET", "", "Mozilla/5.0 (compatible; Yahoo! Slurp)"),
    "agent:archive": ("GET", "", "ia_archiver"),
    "agent:headless": ("GET", "", "Mozilla/5.0 (X11) AppleWebKit/537.36 HeadlessChrome/130.0 Safari/537.36"),
    "agent:curl": ("GET", "", "curl/8.10.1"),
    "agent:python": ("GET", "", "python-requests/2.32.3"),
    "agent:go": ("GET", "", "Go-http-client/2.0"),
    "agent:java": ("GET", "", "okhttp/4.12.0"),
    "agent:javascript": ("GET", "", "axios/1.7.9"),
    "agent:ruby": ("GET", "", "Faraday v2.12"),
    "agent:php": ("GET", "", "GuzzleHttp/7"),
    "agent:perl": ("GET", "", "libwww-perl/6.77"),
    "agent:rust": ("GET", "", "reqwest/0.12"),
    "agent:other-library": ("GET", "", "Dart/3.9 (dart:io)"),
    "agent:powershell": ("GET", "", "Mozilla/5.0 (Windows NT) WindowsPowerShell/5.1"),
    "agent:apple-library": ("GET", "", "MyApp/1 CFNetwork/1490 Darwin/23.0"),
    "agent:says-bot": ("GET", "", "Mozilla/5.0 (compatible; NobodyKnowsBot/1.0)"),
    "agent:says-crawler": ("GET", "", "Mozilla/5.0 (compatible; ArchiveCrawler)"),
    "agent:gives-address": ("GET", "", "Mozilla/5.0 (compatible; Unheard/1.0; +https://unheard.example)"),
    "agent:compatible": ("GET", "", "Mozilla/5.0 (compatible; Unheard Of)"),
    "agent:names-itself": ("GET", "", "Unheard Of/1.0"),
    "head": ("HEAD", "", FIREFOX),
    "method": ("POST", "", FIREFOX),
    "preview-header": ("GET", "x-purpose: preview", FIREFOX),
    "prefetch-header": ("GET", "sec-purpose: prefetch;prerender", FIREFOX),
    "no-agent": ("GET", "", " "),
    "no-browser": ("GET", "", "Some feed reader"),
    "no-engine": ("GET", "", "Mozilla/5.0"),
}


def hit(agent: str, method: str = "GET", purpose: str = "") -> Hit:
    return Hit(datetime(2026, 1, 1, tzinfo=UTC), "c", method, "l.example", agent, "", purpose, "")


def test_every_rule_has_one_fixture_and_every_fixture_a_rule() -> None:
    assert list(FIXTURES) == [rule.name for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_fires_alone_and_in_company(rule: Rule) -> None:
    fixture = FIXTURES[rule.name]
    alone = judge_by([rule], "one", *fixture)
    assert (alone.rule, alone.judgement) == (rule.name, rule.judgement)
    together = judge(hit(fixture[2], fixture[0], fixture[1]))
    assert (together.rule, together.judgement, together.ruleset) == (rule.name, rule.judgement, RULESET)
    assert judge_by([rule], "one", "GET", "", FIREFOX).rule == (BROWSER), "a rule that fits anybody proves nothing"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_names_its_source_and_date(rule: Rule) -> None:
    assert len(rule.source) > 8
    assert date(2026, 1, 1) <= date.fromisoformat(rule.read_on) <= date(2027, 12, 31)


@pytest.mark.parametrize(("purpose", "judgement"), [
    ("sec-purpose: prefetch", "unsure"), ("sec-purpose: prefetch;prerender", "unsure"), ("purpose: prefetch", "unsure"),
    ("x-moz: prefetch", "unsure"), ("x-purpose: preview", "preview"), ("purpose: preview", "preview"),
    ("x-purpose: instant", "unsure"), ("", "person"), ("sec-purpose: something new", "person"),
])  # fmt: skip
def test_what_a_request_says_it_is_for(purpose: str, judgement: str) -> None:
    assert judge(hit(FIREFOX, purpose=purpose)).judgement == judgement


@pytest.mark.parametrize("name", PEOPLE)
def test_people_whatever_they_read_with(name: str) -> None:
    assert judge(hit(PEOPLE[name])).judgement is Judgement.PERSON


@pytest.mark.parametrize("name", MACHINES)
def test_machines_whatever_they_call_themselves(name: str) -> None:
    assert judge(hit(MACHINES[name])).judgement in (Judgement.PREVIEW, Judgement.CRAWLER)


@pytest.mark.parametrize(
    "agent",
    [
        FIREFOX, WEBKIT, WEBKIT + " [FBAN/FB4A;FBAV/500.0;]",
        "Mozilla/5.0 (Linux; Android 12; CUBOT NOTE 30) Chrome/130",
        WEBKIT + " YaBrowser/24.1", WEBKIT + " BytedanceWebview/d8a21c6", WEBKIT + " Slack/4.40 Electron/33",
        "Opera/9.80 (Android; Opera Mini/36.2) Presto/2.12", WEBKIT + " [LinkedInApp]/9.30",
        WEBKIT + " Instagram 350.0",
    ],
)  # fmt: skip
def test_people(agent: str) -> None:
    assert judge(hit(agent)).judgement is Judgement.PERSON


@pytest.mark.parametrize("agent", [
    "UCWEB/2.0 (MIDP-2.0; U; Adr 9.0; fr; SM-J110F) U2/1.0.0 UCBrowser/12.9.8 U2/1.0.0 Mobile",
    "NokiaC2-01/5.0 (11.40) Profile/MIDP-2.1 Configuration/CLDC-1.1",
])  # fmt: skip
def test_a_phone_that_names_itself_first_may_be_a_persons(agent: str) -> None:
    assert judge(hit(agent)).judgement is Judgement.UNSURE


def test_the_version_changes_with_any_rule() -> None:
    first = RULES[0]
    changed = Rule(first.name, first.judgement, first.fits, first.wording + "x", first.source, first.read_on)
    assert len({RULESET, version(RULES[1:]), version([changed, *RULES[1:]])}) == 3
    assert len(RULESET) <= 32


@pytest.mark.shared
def test_the_reference_sample() -> None:
    sample = json.loads(SAMPLES.read_text())
    caught = {name: judge(hit(agent)) for name, agent in sample["bot"].items()}
    people = {name: judge(hit(agent)) for name, agent in sample["human"].items()}
    missed = [name for name, one in caught.items() if one.judgement not in (Judgement.PREVIEW, Judgement.CRAWLER)]
    assert missed == []
    assert len(caught) == 42
    assert all(one.rule != BROWSER for one in caught.values()), "the rule is named for each"
    assert [name for name, one in people.items() if one.judgement is not Judgement.PERSON] == []
    assert len(people) == 16
