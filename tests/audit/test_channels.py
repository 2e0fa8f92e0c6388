"""Where clients come from, channel by channel."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crosspost.audit.counting.origins import channels
from tests.report.made import leads

CLIENTS = [lead for lead in leads() if lead.won_at is not None]


def test_each_client_counts_once_by_last_touch() -> None:
    rows = {row["channel"]: row for row in channels(CLIENTS).records()}
    assert sum(int(str(row["clients"])) for row in rows.values()) == len(CLIENTS) == 78
    assert sum(float(str(row["share"])) for row in rows.values()) == pytest.approx(1)
    assert (rows["referral"]["clients"], rows["referral"]["any_touch"]) == (27, 27)
    assert (rows["mastodon"]["clients"], rows["mastodon"]["any_touch"]) == (1, 2)
    assert rows["mastodon"]["share_unknown_in"] == 5 / 78
    # SciPy: binomtest(27, 78).proportion_ci(0.95, "exact")
    assert rows["referral"]["low"] == pytest.approx(0.2420, abs=1e-4)
    assert rows["referral"]["high"] == pytest.approx(0.4624, abs=1e-4)


def test_the_unknown_are_no_channel_that_more_could_belong_to() -> None:
    table = channels(CLIENTS)
    index = next(index for index, row in enumerate(table.records()) if row["channel"] == "(blank)")
    assert table.missing[index, "share_unknown_in"] == "these are the unknown"
    assert table.missing[index, "any_touch"] == "an unknown channel is no touch"


def test_without_journeys_nobody_knows_whom_they_met() -> None:
    table = channels([replace(client, touches=()) for client in CLIENTS])
    reasons = {reason for (_, column), reason in table.missing.items() if column == "any_touch"}
    assert reasons == {"no journey was recorded", "an unknown channel is no touch"}
