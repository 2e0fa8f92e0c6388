"""From the audit's tables to chart records: values are chosen, ordered and worded here, never computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from crosspost.audit.results import Audit, Basis, Cell, Finding, Verdict
from crosspost.report.records import (
    BarRow,
    Bars,
    Chart,
    Dot,
    Field,
    Funnel,
    Panel,
    Scatter,
    Step,
    Strip,
    Tone,
    VerdictRow,
)
from crosspost.report.words import Words

MIN_LEADS = 10  # a rate of fewer leads is greyed
MIN_HOURS = 40  # so are hours, below a week's work
ALL, TOGETHER, BLANK = "(all)", "(networks)", "(blank)"
STEPS = ("impressions", "reach", "click", "visit", "lead", "client")

Record = Mapping[str, Cell]


def prepare(audit: Audit, words: Words) -> tuple[Chart, ...]:
    """Every chart of the report, in the order people look."""
    source = Source(audit, words)
    return tuple(make(source) for make in (verdicts, channels, visibility, funnel, conversion, hours))


@dataclass(frozen=True, slots=True)
class Source:
    """An audit with its words, read as charts need it."""

    audit: Audit
    words: Words

    @property
    def nothing(self) -> str | None:
        """Why no count of leads means anything: none is recorded at all, of any channel."""
        if self.rows("conversion") or any(finding.n for finding in self.audit.findings):
            return None
        return self.words("nothing_recorded")

    def rows(self, name: str) -> list[dict[str, Cell]]:
        return self.audit.table(name).records()

    def reason(self, name: str, index: int, column: str) -> str:
        return self.audit.table(name).missing[index, column]

    def common(self, key: str, *tables: str, **values: object) -> dict[str, object]:
        """The words every chart has, from the catalogue's entries under `key`."""
        sandbox = self.audit.sandbox
        period = self.words.period(self.audit.period, self.audit.brand.zone)
        return {
            "name": key,
            "section": self.words(f"{key}.section"),
            "subtitle": self.words(f"{key}.subtitle", **values),
            "caption": self.words(f"{key}.caption"),
            "notice": self.words("simulated_short") if sandbox is not None else None,
            "tables": tables,
            "foot": self.words("foot", n=self.n_text, period=period, brand=self.audit.brand.name),
        }

    @property
    def n_text(self) -> str:
        finding = self.audit.findings[0] if self.audit.findings else None
        leads = next((_int(row["leads"]) for row in self.rows("conversion") if row["channel"] == ALL), 0)
        n = finding.n if finding else 0
        if self.nothing:
            return self.words("no_leads_recorded")
        return f"{self.words.count_of(n, 'client')}, {self.words.count_of(leads, 'lead')}"


def _int(cell: Cell) -> int:
    assert isinstance(cell, int), cell
    return cell


def _float(cell: Cell) -> float:
    assert isinstance(cell, int | float | Decimal), cell
    return float(cell)


def _maybe(cell: Cell) -> float | None:
    return None if cell is None else _float(cell)


def _alt(source: Source, section: str, parts: list[str]) -> str:
    simulated = f" {source.words('simulated_short')}" if source.audit.sandbox is not None else ""
    return f"{section}. {'; '.join(parts)}.{simulated}"


def _finish(source: Source, make: Callable[..., Chart], common: dict[str, object], parts: list[str]) -> Chart:
    empty = common.get("empty")
    said = [str(empty)] if empty else [str(common["title"]).rstrip("."), *parts]
    left_out = common.get("left_out") or ()
    assert isinstance(left_out, tuple)
    said += [f"{name}: {reason}" for name, reason in left_out]
    return make(**common, alt=_alt(source, str(common["section"]), said))


def verdicts(source: Source) -> Chart:
    """Claim, verdict, bounds and margin of each finding on one scale."""
    words = source.words
    rows = tuple(_verdict_row(finding, words) for finding in source.audit.findings)
    common = source.common("verdicts", "shares")
    common["title"] = words("verdicts.title")
    if not rows:
        common["empty"] = words("verdicts.none")
    parts = [f"{row.word}: {row.claim} ({row.margin_text}): {row.text}" for row in rows]
    return _finish(source, Strip, {**common, "rows": rows}, parts)


def _verdict_row(finding: Finding, words: Words) -> VerdictRow:
    limits = finding.bounds
    text = words("verdicts.no_client")
    if limits is not None and finding.estimate is not None:
        x = int(finding.estimate.numerator)
        key = "verdicts.row_unknown" if limits.unknown else "verdicts.row"
        text = words(
            key,
            x=words.number(x),
            n=words.count_of(finding.n, "client"),
            unknown=words.number(limits.unknown),
            low=words.share(limits.low_95),
            high=words.share(limits.high_95),
        )
    if finding.verdict is Verdict.NOT_ENOUGH_DATA and limits is not None:
        text += " " + words("verdicts.planned", planned=words.count_of(finding.planned, "client"))
    return VerdictRow(
        verdict=finding.verdict.value,
        word=words(f"verdict.{finding.verdict.value}"),
        claim=finding.claim.text,
        margin=finding.claim.margin,
        margin_text=words("margin", margin=words.axis_share(finding.claim.margin)),
        low=limits.low if limits else None,
        high=limits.high if limits else None,
        low_95=limits.low_95 if limits else None,
        high_95=limits.high_95 if limits else None,
        text=text,
    )


def _tone(name: str, kind: str) -> Tone:
    return {"network": Tone.NETWORK, "unknown": Tone.UNKNOWN}.get(kind, Tone.OTHER)


def _share_of(source: Source, basis: Basis) -> Record:
    return next(r for r in source.rows("shares") if (r["basis"], r["who"]) == (basis.value, "all clients"))


def channels(source: Source) -> Chart:
    """Share of clients per channel; networks together first, the unknown last."""
    words = source.words
    common = source.common("channels", "channels", "shares")
    total, any_touch = _share_of(source, Basis.LAST), _share_of(source, Basis.ANY)
    found = source.rows("channels")
    n = _int(total["clients"])
    if n == 0:
        common |= {"title": words("channels.title_empty"), "empty": source.nothing or words("no_clients")}
        return _finish(source, Bars, {**common, "rows": (), "axis": ""}, [])
    journeys = any(row["any_touch"] is not None for row in found)
    rows = [
        BarRow(
            label=words("channel.(networks)"),
            text=_share_text(words, _int(total["networks"]), n, total),
            value=_float(total["share"]),
            low=_float(total["low"]),
            high=_float(total["high"]),
            upper=_float(total["share_unknown_in"]) if total["unknown"] else None,
            any_touch=_float(any_touch["share"]) if journeys else None,
            tone=Tone.NETWORK,
            strong=True,
        )
    ]
    ranked = sorted(
        found, key=lambda row: (row["kind"] == "unknown", -_int(row["clients"]), str(row["channel"]))
    )
    for row in ranked:
        tone = _tone(str(row["channel"]), str(row["kind"]))
        placed = tone is not Tone.UNKNOWN
        rows.append(
            BarRow(
                label=words.channel(str(row["channel"])),
                text=_share_text(words, _int(row["clients"]), n, row if placed else None, row["share"]),
                value=_float(row["share"]),
                low=_maybe(row["low"]) if placed else None,
                high=_maybe(row["high"]) if placed else None,
                any_touch=_maybe(row["any_share"]),
                tone=tone,
            )
        )
    unknown = _int(total["unknown"])
    key = "channels.title_unknown" if unknown else "channels.title"
    common["title"] = words(
        key,
        x=words.number(_int(total["networks"])),
        n=words.count_of(n, "client"),
        unknown=words.number(unknown),
    )
    marks = [("network", words("key.network")), ("other", words("key.other"))]
    marks += [("unknown", words("key.unknown"))] if unknown else []
    marks += [("outline", words("key.any_touch"))] if journeys else []
    marks.append(("interval", words("key.interval")))
    parts = [f"{row.label}: {row.text}" for row in rows]
    extra = {"rows": tuple(rows), "axis": words("channels.axis"), "key": tuple(marks)}
    return _finish(source, Bars, {**common, **extra}, parts)


def _share_text(words: Words, x: int, n: int, row: Record | None, share: Cell = None) -> str:
    if row is None:
        return words("share_plain", x=words.number(x), share=words.share(_float(share)))
    if x == 0:
        return words("zero_share", high=words.share(_float(row["high"])))
    given = words.share_range(_float(row["low"]), _float(row["high"]))
    return words("share_text", x=words.number(x), share=words.share(_float(row["share"])), range=given)


def visibility(source: Source) -> Chart:
    """A dot per network: how visible it is against the clients it brought."""
    words = source.words
    common = source.common("visibility", "visibility")
    found = source.rows("visibility")
    if not found or source.nothing:
        reason = source.nothing or words("no_networks")
        common |= {"title": words("visibility.title_empty"), "empty": reason}
        return _finish(source, Scatter, {**common, "fields": ()}, [])
    best = _best_elsewhere(source)
    top = max(_float(row["clients_high"]) for row in found)
    shown = best if best is not None and best[1] <= 4 * top else None
    seen = max(("reach", "impressions"), key=lambda metric: sum(row[metric] is not None for row in found))
    fields = tuple(
        field
        for metric in ("followers", seen)
        if (field := _visible(source, found, metric, shown)) is not None
    )
    total = _share_of(source, Basis.LAST)
    came = words.count_of(_int(total["networks"]), "client")
    common["title"] = words("visibility.title", came=came)
    if best is not None:
        name, number = best
        against = words.count_of(number, "client")
        common["title"] = words("visibility.title_best", came=came, name=words.channel(name), against=against)
    if not any(field.dots for field in fields):
        common["empty"] = words("visibility.nothing_read")
        common["left_out"] = fields[0].left_out
        fields = ()
    parts = [
        f"{field.x_label}: " + ", ".join(f"{dot.label} {words.number(dot.x)}, {dot.note}" for dot in field.dots)
        for field in fields
        if field.dots
    ]
    parts += [f"{name}: {reason}" for field in fields for name, reason in field.left_out]
    return _finish(source, Scatter, {**common, "fields": fields}, parts)


def _best_elsewhere(source: Source) -> tuple[str, int] | None:
    """The channel beside networks that most clients came by, and their number."""
    others = [row for row in source.rows("channels") if row["kind"] not in ("network", "unknown", "recurrence")]
    if not others:
        return None
    best = max(others, key=lambda row: _int(row["clients"]))
    return (str(best["channel"]), _int(best["clients"])) if best["clients"] else None


def _visible(source: Source, found: list[dict[str, Cell]], metric: str, best: tuple[str, int] | None) -> Field | None:
    words = source.words
    dots, left_out = [], []
    for index, row in enumerate(found):
        name = words.channel(str(row["network"]))
        x = row[metric]
        if x is None:
            left_out.append((name, source.reason("visibility", index, metric)))
        elif x == 0:
            left_out.append((name, words("zero_on_log", metric=words(f"metric.{metric}"))))
        else:
            low, high = _float(row["clients_low"]), _float(row["clients_high"])
            dots.append(
                Dot(label=name, note=_from_leads(words, row, high), x=_float(x), y=_float(row["clients"]), low=low, high=high)
            )
    if not dots and metric != "followers":
        return None
    return Field(
        dots=tuple(dots),
        x_label=words(f"visibility.x_{metric}"),
        y_label=words("visibility.y"),
        log_x=True,
        reference=float(best[1]) if best else None,
        reference_text=words("visibility.best", name=words.channel(best[0]), n=words.number(best[1])) if best else "",
        left_out=tuple(left_out),
    )


def _from_leads(words: Words, row: Record, high: float) -> str:
    leads = words.count_of(_int(row["leads"]), "lead")
    if row["clients"] == 0:
        return words("from_leads_zero", leads=leads, high=words.number(round(high, 1)))
    return words("from_leads", leads=leads, clients=words.count_of(_int(row["clients"]), "client"))


def funnel(source: Source) -> Chart:
    """One panel per network, the most seen first; a zero has its bound, a missing count its reason."""
    words = source.words
    common = source.common("funnel", "funnel", "visibility")
    found = source.rows("funnel")
    bounds = {str(row["network"]): row for row in source.rows("visibility")}
    if not bounds:
        common |= {"title": words("funnel.title_empty"), "empty": words("no_networks")}
        return _finish(source, Funnel, {**common, "panels": ()}, [])
    panels = []
    for name, bound in bounds.items():
        lines = [(index, row) for index, row in enumerate(found) if row["network"] == name]
        steps = [_step(source, index, row, bound) for index, row in lines if row["stage"] in STEPS]
        money = [
            words("revenue", amount=words.number(_amount(row["value"]), 2), currency=str(row["unit"]))
            if row["value"] is not None
            else source.reason("funnel", index, "value")
            for index, row in lines
            if row["stage"] == "revenue"
        ]
        note = "" if source.nothing else words("funnel.revenue", amounts=" + ".join(money))
        panels.append(Panel(label=words.channel(name), steps=tuple(steps), note=note))
    panels.sort(key=lambda panel: (-max((step.value or 0 for step in panel.steps), default=0), panel.label))
    common["title"] = words("funnel.title")
    parts = [f"{p.label}: " + ", ".join(f"{s.label} {s.text}" for s in p.steps) for p in panels]
    return _finish(source, Funnel, {**common, "panels": tuple(panels)}, parts)


def _amount(cell: Cell) -> Decimal:
    assert isinstance(cell, Decimal), cell
    return cell


def _step(source: Source, index: int, row: Record, bound: Record) -> Step:
    words, stage = source.words, str(row["stage"])
    label = words(f"stage.{stage}")
    if stage in ("lead", "client") and source.nothing:
        return Step(label=label, value=None, upper=None, text=words("absent", reason=source.nothing))
    value, upper = _maybe(row["value"]), _maybe(row["upper"])
    if value is None or upper is None:
        reason = source.reason("funnel", index, "value")
        return Step(label=label, value=None, upper=None, text=words("absent", reason=reason))
    text = words.number(value)
    if upper > value:
        text = words("from_to", low=text, high=words.number(upper))
    elif value == 0 and row["rate_high"] is not None:
        text = words("zero_share", high=words.share(_float(row["rate_high"])))
    elif value == 0 and stage in ("lead", "client"):
        text = words("zero_count", high=words.number(round(_float(bound[f"{stage}s_high"]), 1)))
    elif stage == "client" and row["rate"] is not None:
        rate, low, high = (_float(row[name]) for name in ("rate", "rate_low", "rate_high"))
        text = words("funnel.client", n=text, rate=words.share(rate), range=words.share_range(low, high))
    return Step(label=label, value=value, upper=upper, text=text)


def conversion(source: Source) -> Chart:
    """Clients per lead and channel, with exact intervals; the surest first."""
    words = source.words
    common = source.common("conversion", "conversion")
    found = source.rows("conversion")
    together = next((row for row in found if row["channel"] == ALL), None)
    if together is None:
        common |= {"title": words("conversion.title_empty"), "empty": source.nothing or words("no_contacts")}
        return _finish(source, Bars, {**common, "rows": (), "axis": "", "dots": True}, [])
    kinds = {str(row["channel"]): str(row["kind"]) for row in source.rows("channels")}
    networks = {str(row["network"]) for row in source.rows("visibility")}
    rows = []
    for row in sorted(found, key=lambda row: (-_float(row["rate"]), -_int(row["leads"]), str(row["channel"]))):
        name, leads, deals = str(row["channel"]), _int(row["leads"]), _int(row["deals"])
        if name == ALL:
            continue
        tone = Tone.NETWORK if name in networks else _tone(name, kinds.get(name, "other"))
        text = words("rate_text", x=words.number(deals), n=words.number(leads), rate=words.share(_float(row["rate"])))
        if deals == 0:
            text = words("rate_zero", n=words.number(leads), high=words.share(_float(row["clopper_hi"])))
        if leads < MIN_LEADS:
            text = words("rate_few", text=text, minimum=MIN_LEADS)
        rows.append(
            BarRow(
                label=words.channel(name),
                text=text,
                value=_float(row["rate"]),
                low=_float(row["clopper_lo"]),
                high=_float(row["clopper_hi"]),
                tone=tone,
                faint=leads < MIN_LEADS,
            )
        )
    deals, leads = _int(together["deals"]), words.count_of(_int(together["leads"]), "lead")
    rate = words.share(_float(together["rate"]))
    common["title"] = words("conversion.title", x=words.number(deals), n=leads, rate=rate)
    marks: tuple[tuple[str, str], ...] = (
        ("network", words("key.network")),
        ("other", words("key.other")),
        ("interval", words("key.interval")),
    )
    if any(row.faint for row in rows):
        marks = (*marks, ("faint", words("key.faint", minimum=MIN_LEADS)))
    extra: dict[str, object] = {
        "rows": tuple(rows),
        "dots": True,
        "axis": words("conversion.axis"),
        "key": marks,
        "reference": _float(together["rate"]),
        "reference_text": words("conversion.reference", rate=rate),
    }
    return _finish(source, Bars, {**common, **extra}, [f"{row.label}: {row.text}" for row in rows])


def hours(source: Source) -> Chart:
    """Hours spent against revenue per channel, or against clients where no amount is told."""
    words = source.words
    currency = source.audit.brand.currency
    found = [(index, row) for index, row in enumerate(source.rows("hours")) if row["channel"] != TOGETHER]
    by_money = any(row["revenue"] for _, row in found)
    y = "revenue" if by_money else "clients"
    common = source.common("hours", "hours", y=words(f"hours.{y}"))
    if not found or source.nothing:
        reason = words("no_hours") if not found else source.nothing
        common |= {"title": words("hours.title_empty"), "empty": reason}
        return _finish(source, Scatter, {**common, "fields": ()}, [])
    networks = {str(row["network"]) for row in source.rows("visibility")}
    dots, left_out = [], []
    for index, row in found:
        name = words.channel(str(row["channel"]))
        if row[y] is None:
            left_out.append((name, source.reason("hours", index, y)))
            continue
        tone = Tone.NETWORK if row["channel"] in networks else Tone.OTHER
        spent = _float(row["hours"])
        note = words.count_of(_int(row["clients"]), "client")
        if row["clients"] == 0 and row["least_hours_per_client"] is not None:
            note = words("hours.zero", least=words.number(round(_float(row["least_hours_per_client"]))))
        dots.append(Dot(label=name, note=note, x=spent, y=_float(row[y]), tone=tone, faint=spent < MIN_HOURS))
    rates = [_float(row["revenue_per_hour"]) for _, row in found if row["revenue_per_hour"]] if by_money else []
    slopes = tuple((rate, words("hours.slope", rate=words.short(rate), currency=currency)) for rate in _round_rates(rates))
    field = Field(
        dots=tuple(dots),
        x_label=words("hours.x"),
        y_label=words("hours.y_revenue", currency=currency) if by_money else words("hours.y_clients"),
        slopes=slopes,
        left_out=tuple(left_out),
    )
    common["title"] = _hours_title(source)
    few = [("faint", words("key.few_hours", minimum=MIN_HOURS))] if any(dot.faint for dot in dots) else []
    common["key"] = (("network", words("key.network")), ("other", words("key.other")), *few)
    parts = [f"{dot.label}: {words.number(dot.x)} h, {words.number(dot.y, 2)}, {dot.note}" for dot in dots]
    parts += [f"{name}: {reason}" for name, reason in left_out]
    return _finish(source, Scatter, {**common, "fields": (field,)}, parts)


def _hours_title(source: Source) -> str:
    words = source.words
    together = next((row for row in source.rows("hours") if row["channel"] == TOGETHER), None)
    if together is None:
        return words("hours.title_none")
    spent = words.number(round(_float(together["hours"])))
    if together["clients"] == 0:
        least = together["least_hours_per_client"]
        key = "hours.title_zero" if least is not None else "hours.title_none"
        return words(key, hours=spent, least=words.number(round(_float(least))) if least is not None else "")
    return words("hours.title", hours=spent, clients=words.count_of(_int(together["clients"]), "client"))


def _round_rates(rates: list[float]) -> list[float]:
    """Round rates per hour (1, 2 or 5 times a power of ten) that lie among those of the channels."""
    if not rates:
        return []
    grid = [step * 10.0**power for power in range(-2, 7) for step in (1, 2, 5)]
    inside = [rate for rate in grid if min(rates) <= rate <= max(rates)]
    return inside if len(inside) <= 3 else [inside[0], inside[len(inside) // 2], inside[-1]]
