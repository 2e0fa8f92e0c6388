"""How a client came, by five kinds of evidence: last, first and any touch, the record, self-report.

A journey that was not recorded is unknown, never "no network": with a recorded channel alone nothing is known
of first touches, and a client of another channel may still have met a network on the way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from crosspost.audit import estimate
from crosspost.audit.ledger import LeadRow
from crosspost.audit.results import Absent, Basis, Table, table
from crosspost.domain.business import ChannelKind, channel_kind, channel_name
from crosspost.domain.message import say

BLANK = "(blank)"
ALL = "(all)"


def folded(channel: str | None) -> str:
    """A channel's name as it is compared, by `channel_name`; `(blank)` where there is none."""
    return channel_name(channel or "") or BLANK


def kind(channel: str) -> ChannelKind:
    """The kind of a folded name."""
    return ChannelKind.UNKNOWN if channel == BLANK else channel_kind(channel)


def channel_of(lead: LeadRow, basis: Basis) -> str:
    """The one channel that `basis` credits, folded; `(blank)` if it is not known.

    Last touch is the journey's last channel; without a journey it is the recorded channel, and without that
    the network whose tracked link the lead carried. `Basis.ANY` has no single channel.
    """
    if basis is Basis.ANY:
        raise ValueError("any touch credits a set of channels, not one")
    if basis is Basis.TOLD:
        return folded(lead.told_channel)
    if basis is Basis.FIRST:
        return folded(lead.touches[0]) if lead.touches else BLANK
    if basis is Basis.LAST and lead.touches:
        return folded(lead.touches[-1])
    recorded = folded(lead.channel)
    if kind(recorded) is ChannelKind.UNKNOWN and lead.network_of_code:
        return folded(lead.network_of_code)
    return recorded


def channels_met(lead: LeadRow) -> frozenset[str]:
    """Every channel of known kind that touches, the record or the tracked link name."""
    named = (*lead.touches, lead.channel, lead.network_of_code)
    return frozenset(name for name in map(folded, named) if kind(name) is not ChannelKind.UNKNOWN)


def by_network(lead: LeadRow, basis: Basis) -> bool | None:
    """Whether a network brought the lead, as far as `basis` tells; None where it does not."""
    if basis is not Basis.ANY:
        found = kind(channel_of(lead, basis))
        return None if found is ChannelKind.UNKNOWN else found is ChannelKind.NETWORK
    if any(kind(name) is ChannelKind.NETWORK for name in channels_met(lead)):
        return True
    whole = lead.touches and all(kind(folded(name)) is not ChannelKind.UNKNOWN for name in lead.touches)
    return False if whole else None


def can_be_placed(lead: LeadRow, basis: Basis) -> bool:
    """Whether the evidence would have shown a network and anything else alike.

    For any touch that takes a whole journey: a recorded channel can only ever prove that a network was met.
    """
    return by_network(lead, basis) is not None and (basis is not Basis.ANY or bool(lead.touches))


def is_new(client: LeadRow) -> bool:
    """Whether a client had not bought before, by its mark or by a channel of recurrence."""
    named = (channel_of(client, Basis.LAST), channel_of(client, Basis.RECORDED))
    return not client.returning and all(kind(name) is not ChannelKind.RECURRENCE for name in named)


def count(clients: Iterable[LeadRow], basis: Basis) -> tuple[int, int, int]:
    """(by a network, unknown, all) among `clients`."""
    seen = Counter(by_network(client, basis) for client in clients)
    return seen[True], seen[None], seen.total()


def shares(clients: Sequence[LeadRow]) -> Table:
    """Share of clients that networks brought: every kind of evidence, over all, new and known clients."""
    columns = (
        ("basis", "", "the evidence that says how a client came"),
        ("who", "", "the clients in the denominator"),
        ("networks", "clients", "clients that a network brought"),
        ("unknown", "clients", "clients of whom this evidence says nothing"),
        ("clients", "clients", "the denominator, unknown ones included"),
        ("share", "share", "networks / clients: the unknown counted out"),
        ("low", "share", "lower end of its exact 95 % interval"),
        ("high", "share", "upper end of its exact 95 % interval"),
        ("upper_95", "share", "its exact one-sided 95 % upper limit"),
        ("rule_of_three", "share", "3 / clients: about that limit, where none came by a network"),
        ("jeffreys_lo", "share", "lower end of the 95 % Jeffreys interval"),
        ("jeffreys_hi", "share", "upper end of the 95 % Jeffreys interval"),
        ("probability_under_10", "probability", "that the share is under 10 %, under a uniform prior"),
        ("probability_under_5", "probability", "that the share is under 5 %, under a uniform prior"),
        ("share_unknown_in", "share", "(networks + unknown) / clients"),
        ("low_95", "share", "one-sided 95 % lower limit with the unknown counted out"),
        ("high_95", "share", "one-sided 95 % upper limit with the unknown counted in"),
    )
    rows: list[Sequence[str | int | float | Absent]] = []
    groups: tuple[tuple[str, list[LeadRow]], ...] = (
        (say("all clients"), list(clients)),
        (say("new clients"), [client for client in clients if is_new(client)]),
    )
    for basis in Basis:
        placed = [client for client in clients if can_be_placed(client, basis)]
        for who, group in (*groups, (say("clients that can be placed"), placed)):
            x, unknown, n = count(group, basis)
            rows.append((basis.value, who, x, unknown, n, *_figures(x, unknown, n)))
    note = say(
        "A returning client is nobody's new client: verdicts are on all clients, and the share among new "
        "clients stands beside it."
    )
    return table("shares", say("Share of clients brought by networks"), columns, rows, note)


def _figures(x: int, unknown: int, n: int) -> Sequence[float | Absent]:
    if n == 0:
        return [Absent(say("no clients in this group"))] * 12
    return (
        x / n,
        *estimate.clopper_pearson(x, n),
        estimate.upper_bound(x, n),
        Absent(say("some came by a network")) if x else min(1.0, 3 / n),
        *estimate.jeffreys(x, n),
        estimate.probability_under(x, n, 0.10),
        estimate.probability_under(x, n, 0.05),
        (x + unknown) / n,
        estimate.lower_bound(x, n),
        estimate.upper_bound(x + unknown, n),
    )


def channels(clients: Sequence[LeadRow]) -> Table:
    """Per channel: clients by last touch and clients who met it anywhere, as shares of all clients."""
    columns = (
        ("channel", "", "channel of the last touch; (blank) where none is known"),
        ("kind", "", "network, search, referral…; unknown where nothing says"),
        ("clients", "clients", "clients by last touch"),
        ("share", "share", "clients / all clients: the unknown counted out"),
        ("low", "share", "lower end of its exact 95 % interval"),
        ("high", "share", "upper end of its exact 95 % interval"),
        ("share_unknown_in", "share", "the same with every client of unknown channel counted in"),
        ("any_touch", "clients", "clients whose journey or record names the channel anywhere"),
        ("any_share", "share", "any_touch / all clients"),
        ("upper_95", "share", "exact one-sided 95 % upper limit of the share"),
    )
    n = len(clients)
    last = Counter(channel_of(client, Basis.LAST) for client in clients)
    met = Counter(name for client in clients for name in channels_met(client))
    unknown = sum(number for name, number in last.items() if kind(name) is ChannelKind.UNKNOWN)
    journeys = any(client.touches for client in clients)
    rows: list[Sequence[str | int | float | Absent]] = []
    for name in sorted({*last, *met}):
        x, found = last[name], kind(name)
        placed = found is not ChannelKind.UNKNOWN
        any_touch: int | Absent = met[name] if placed else Absent(say("an unknown channel is no touch"))
        any_share: float | Absent = met[name] / n if placed else Absent(say("an unknown channel is no touch"))
        if placed and not journeys:
            any_touch = any_share = Absent(say("no journey was recorded"))
        inside = (x + unknown) / n if placed else Absent(say("these are the unknown"))
        interval = estimate.clopper_pearson(x, n)
        upper = estimate.upper_bound(x, n)
        rows.append((name, found.value, x, x / n, *interval, inside, any_touch, any_share, upper))
    note = say(
        "By last touch each client counts once; by any touch once per channel met, so those shares may add up to more."
    )
    return table("channels", say("Where clients come from"), columns, rows, note)
