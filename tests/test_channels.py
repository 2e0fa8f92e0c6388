"""What a recorded channel is: a name that nothing knows is never "not a network"."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosspost.commands.channels import read_channels
from crosspost.domain.business import ChannelKind, channel_kind, channel_name, is_listed
from crosspost.domain.errors import BadInput
from crosspost.domain.telling import RULES

N, U = ChannelKind.NETWORK, ChannelKind.UNKNOWN


@pytest.mark.parametrize(("recorded", "name", "kind"), [
    ("Réseaux sociaux", "social", N), ("LinkedIn Ads", "linkedin", N), ("Instagram / Facebook", "social", N),
    ("page Facebook", "facebook", N), ("Réseaux sociaux (LinkedIn)", "linkedin", N), ("Twitter", "x", N),
    ("X", "x", N), ("X (Twitter)", "x", N), ("Paid Social", "social", N), ("YOUTUBE", "youtube", N),
    ("Bouche à oreille", "referral", ChannelKind.REFERRAL), ("Word of mouth", "word_of_mouth", ChannelKind.REFERRAL),
    ("Google Ads", "paid_search", ChannelKind.PAID), ("Google", "search", ChannelKind.SEARCH),
    ("E-mail", "email", ChannelKind.EMAIL), ("Salon du livre", "event", ChannelKind.EVENT),
    ("other_publicities", "other_publicities", ChannelKind.OTHER), ("Autre", "other", ChannelKind.OTHER),
    # What names two kinds, or none, is not known.
    ("prospection LinkedIn", "prospection_linkedin", U), ("Facebook, bouche à oreille", "facebook_bouche_a_oreille", U),
    ("Le Podcast", "le_podcast", U), ("inconnu", "unknown", U), ("N/A", "unknown", U), ("?", "", U), (None, None, U),
])  # fmt: skip
def test_recorded_channels(recorded: str | None, name: str | None, kind: ChannelKind) -> None:
    assert channel_kind(recorded) is kind
    if recorded is not None:
        assert channel_name(recorded) == name
        assert is_listed(recorded) == (kind is not U or name in ("unknown", ""))


@pytest.mark.parametrize("channel", RULES)
def test_every_rule_names_a_channel_whose_kind_is_known(channel: str) -> None:
    assert channel_name(channel) == channel
    assert channel_kind(channel) is not U


@given(st.one_of(st.text(max_size=40), st.sampled_from(["LinkedIn Ads", "Réseaux  Sociaux", "É-mail_X", "_x_"])))
def test_a_name_is_its_own_name(recorded: str) -> None:
    assert channel_name(channel_name(recorded)) == channel_name(recorded)
    assert channel_kind(channel_name(recorded)) is channel_kind(recorded)


def test_own_names_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "channels.toml"
    assert read_channels(file) == {}
    file.write_text('"Le Podcast" = "event"\n"LinkedIn Ads" = "ads"\nvitrine = "other"\n', "utf-8")
    assert read_channels(file) == {"le_podcast": "event", "linkedin_ads": "ads", "vitrine": "other"}


@pytest.mark.parametrize("content", ['a = "le podcast"', "a = 5", 'a = ""', "a = ", '[a]\nb = "event"'])
def test_a_file_that_says_nothing_of_use_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "channels.toml"
    file.write_text(content, "utf-8")
    with pytest.raises(BadInput, match=r"channels\.toml") as refusal:
        read_channels(file)
    assert refusal.value.remedy
