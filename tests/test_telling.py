from __future__ import annotations

import pytest

from crosspost.domain.telling import RULES, Rules, channel_told


@pytest.mark.parametrize(
    ("told", "channel"),
    [
        ("Bouche à oreille", "referral"), ("bouche-à-oreille !", "referral"), ("Recommandé par une amie", "referral"),
        ("un collègue", "referral"), ("a friend told me", "referral"), ("LinkedIn", "linkedin"),
        ("vu sur Linked In", "linkedin"), ("Google", "search"), ("moteur de recherche", "search"),
        ("au salon des entrepreneurs", "event"), ("un atelier à Lyon", "event"), ("your newsletter", "email"),
        ("sur X", "x"), ("Twitter", "x"), ("FB", "facebook"), ("insta", "instagram"), ("réseaux sociaux", "social"),
        ("réseaux sociaux (LinkedIn)", "linkedin"), ("ancien client", "recurrence"), ("une pub", "ads"),
        # What cannot be told, is not told.
        ("LinkedIn, puis un ami m'a recommandé", "several"), ("je ne sais plus", None), ("", None), (None, None),
        ("un dossier de salonnière", None), ("publication", None), ("Radio", None), ("amical", None),
    ],
)  # fmt: skip
def test_what_people_say(told: str | None, channel: str | None) -> None:
    assert channel_told(told) == channel


@pytest.mark.parametrize("channel", RULES)
def test_each_word_of_each_rule_fires_alone(channel: str) -> None:
    for word in RULES[channel]:
        assert channel_told(f"par {word.rstrip('*')} enfin") == channel, word


def test_own_rules() -> None:
    assert channel_told("vu sur les panneaux", Rules((("panneau*", "other"),))) == "other"
