"""Visibility against conversion: how many see a network, and how many clients came by it."""

from __future__ import annotations

from crosspost.audit.results import Basis, Cell
from crosspost.report.charts.source import MAX_ROWS, Record, Source, finish, real, share_of, whole
from crosspost.report.language.words import Words
from crosspost.report.records import Chart, Dot, Field, Scatter


def visibility(source: Source) -> Chart:
    """A dot per network: how visible it is against the clients it brought."""
    words = source.words
    common = source.common("visibility", "visibility")
    found = source.rows("visibility")
    if not found or source.nothing:
        reason = source.nothing or words("no_networks")
        common |= {"title": words("visibility.title_empty"), "empty": reason}
        return finish(source, Scatter, {**common, "fields": ()}, [])
    best = _best_elsewhere(source)
    top = max(real(row["clients_high"]) for row in found)
    shown = best if best is not None and best[1] <= 4 * top else None
    seen = max(("reach", "impressions"), key=lambda metric: sum(row[metric] is not None for row in found))
    fields = tuple(_visible(source, found, metric, shown) for metric in ("followers", seen))
    monthly = _by_month(source)
    if len(found) == 1 and len(monthly.dots) > 1:  # a single dot shows nothing of one for the other
        fields = (monthly, fields[1])
        common["subtitle"] = words("visibility.subtitle_months")
    total = share_of(source, Basis.LAST)
    came = words.count_of(whole(total["networks"]), "client")
    common["title"] = words("visibility.title", came=came)
    if best is not None:
        name, number = best
        against = words.count_of(number, "client")
        common["title"] = words("visibility.title_best", came=came, name=words.channel(name), against=against)
    blank = [field for field in fields if not field.dots]
    fields = tuple(field for field in fields if field.dots)
    common["left_out"] = tuple(line for field in blank for line in field.left_out)
    if not fields:
        common["empty"] = words("visibility.nothing_read")
    parts = [
        words.labelled(field.x_label, ", ".join(f"{dot.label} {words.number(dot.x)}, {dot.note}" for dot in field.dots))
        for field in fields
    ]
    parts += [words.labelled(name, reason) for field in fields for name, reason in field.left_out]
    return finish(source, Scatter, {**common, "fields": fields}, parts)


def _best_elsewhere(source: Source) -> tuple[str, int] | None:
    """The channel beside networks that most clients came by, and their number."""
    others = [row for row in source.rows("channels") if row["kind"] not in ("network", "unknown", "recurrence")]
    if not others:
        return None
    best = max(others, key=lambda row: whole(row["clients"]))
    return (str(best["channel"]), whole(best["clients"])) if best["clients"] else None


def _visible(source: Source, found: list[dict[str, Cell]], metric: str, best: tuple[str, int] | None) -> Field:
    words = source.words
    dots, left_out = [], []
    for index, row in enumerate(found):
        name = words.channel(str(row["network"]))
        x = row[metric]
        if x is None:
            left_out.append(
                (
                    words("of_metric", name=name, metric=words(f"metric.{metric}")),
                    source.reason("visibility", index, metric),
                )
            )
        elif x == 0:
            left_out.append((name, words("zero_on_log", metric=words(f"metric.{metric}"))))
        else:
            low, high = real(row["clients_low"]), real(row["clients_high" if row["clients"] else "clients_upper_95"])
            note = _from_leads(words, row, high)
            dots.append(Dot(label=name, note=note, x=real(x), y=real(row["clients"]), low=low, high=high))
    return Field(
        dots=tuple(dots),
        x_label=words(f"visibility.x_{metric}"),
        y_label=words("visibility.y"),
        log_x=True,
        reference=float(best[1]) if best else None,
        reference_text=words("visibility.best", name=words.channel(best[0]), n=words.number(best[1])) if best else "",
        left_out=tuple(left_out),
    )


def _by_month(source: Source) -> Field:
    """A dot per month in which followers were read: how many, and the leads that came last by networks in it."""
    words = source.words
    dots, unread = [], []
    for index, row in enumerate(source.rows("months")):
        name = words.month(12 * int(str(row["month"])[:4]) + int(str(row["month"])[5:]) - 1)
        if not row["followers"]:
            unread.append(
                words("zero_on_log", metric=words("metric.followers"))
                if row["followers"] is not None
                else words.tell(source.reason("months", index, "followers"))
            )
            continue
        low, high = real(row["network_leads_low"]), real(row["network_leads_high"])
        note = words.count_of(whole(row["network_leads"]), "lead")
        x, y = real(row["followers"]), real(row["network_leads"])
        dots.append(Dot(label=name, note=note, x=x, y=y, low=low, high=high))
    left_out = [(words.count_of(len(unread), "month"), unread[0])] if unread else []
    if len(dots) > MAX_ROWS:
        left_out += source.more(len(dots) - MAX_ROWS, "months")
    return Field(
        dots=tuple(dots[-MAX_ROWS:]),
        x_label=words("visibility.x_month"),
        y_label=words("visibility.y_leads"),
        log_x=True,
        left_out=tuple(left_out),
    )


def _from_leads(words: Words, row: Record, high: float) -> str:
    leads = words.count_of(whole(row["leads"]), "lead")
    if row["clients"] == 0:
        return words("from_leads_zero", leads=leads, high=words.number(round(high, 1)))
    return words("from_leads", leads=leads, clients=words.count_of(whole(row["clients"]), "client"))
