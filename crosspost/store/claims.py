"""Taking the next delivery of an account: what is decided and what is written are one transaction.

Every cap, switch and breaker is read where the claim is written, and the intent is committed before the first byte
leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select, text, union

from crosspost.domain.brand import READING_ONLY, Account
from crosspost.domain.costs import Cost
from crosspost.domain.delivery import Delivery, DeliveryClass, State
from crosspost.domain.ids import new_id
from crosspost.domain.notice import Notice
from crosspost.domain.teaser import Teaser
from crosspost.domain.transitions import Do, Step, check, next_by_hand, next_step
from crosspost.domain.windows import BootTime, Windows
from crosspost.store import experiments, flights, spending
from crosspost.store.brands import account_of
from crosspost.store.deliveries import from_row
from crosspost.store.flights import Action, Flight
from crosspost.store.installation import HELD, STOPPED
from crosspost.store.prepared import Prepared
from crosspost.store.store import Scope
from crosspost.store.tables import account, attempt, brand, delivery, installation

_HOUR, _DAY, _LATELY = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
_FEW, _MORE = 2, 10  # due deliveries looked at per claim; so many times as many when none of these may go


@dataclass(frozen=True, slots=True)
class Taken:
    """A flight, or why there is none and for how many seconds (None: nothing waits, or no time can be told).

    `whole`: the account's queue waits, and a delivery that falls due meanwhile waits with it.
    """

    flight: Flight | None
    wait_s: float | None = None
    reason: str | None = None
    whole: bool = True
    more: bool = True  # behind this flight something else waits for this account
    notices: tuple[Notice, ...] = ()
    capped: bool = False  # a hard cap was reached, and something due waits for it


def for_nothing(_teaser: Teaser) -> Cost | None:
    """The price of a post on most networks."""
    return None


_PARENT = delivery.alias("parent")
_ROWS = (
    select(
        *(one.label(one.name) for one in delivery.columns),
        _PARENT.c.state.label("parent_state"), _PARENT.c.remote_id.label("parent_remote_id")
    )
    .join(
        _PARENT, and_(_PARENT.c.brand_id == delivery.c.brand_id, _PARENT.c.id == delivery.c.parent_id), isouter=True
    )
    .where(delivery.c.brand_id == bindparam("brand_id"), delivery.c.account_id == bindparam("account_id"))
)  # fmt: skip
_WITH_PARENT = _ROWS.order_by(delivery.c.due_at, delivery.c.id)
# Asked as one question, SQLite goes through all that the brand ever sent: no index has both states and owners.
_UNCLEAR = Prepared(
    union(_ROWS.where(flights.IS_UNCLEAR), _ROWS.where(delivery.c.owner.is_not(None))).order_by(
        text("due_at"), text("id")
    )
)
_QUEUE = Prepared(
    _WITH_PARENT.where(delivery.c.state == State.SCHEDULED.value, delivery.c.due_at <= bindparam("now")).limit(
        bindparam("page")
    )
)
_UNVERIFIED = Prepared(
    select(delivery)
    .where(
        delivery.c.brand_id == bindparam("brand_id"),
        delivery.c.account_id == bindparam("account_id"),
        delivery.c.state == State.PUBLISHED.value,
        delivery.c.next_at <= bindparam("now"),
    )
    .order_by(delivery.c.next_at)
    .limit(1)
)


def take(
    scope: Scope,
    account_id: str,
    *,
    owner: str,
    now: datetime,
    boot: BootTime,
    windows: Windows,
    declare: Callable[[Delivery], DeliveryClass],
    price: Callable[[Teaser], Cost | None] = for_nothing,
) -> Taken:
    """Claim the account's next delivery: what is unclear first, then what is due, at last a verification.

    `declare` gives the network's class of a delivery, `price` what a post costs, its own charge first. One delivery
    per account is held at a time: an unclear one holds the account's queue until it is clear, or a person is asked.
    """
    found = _account(scope, account_id, now)
    if found is None:
        return Taken(None, 1.0, "another worker is at this account")
    who, switches = found
    notices: list[Notice] = []
    given = {"brand_id": scope.brand_id, "account_id": account_id, "now": now}
    rows = _UNCLEAR.all(scope.connection, given)
    unclear = [(from_row(row), row.parent_remote_id) for row in rows]
    if any(row.owner is not None for row, _ in unclear):
        return Taken(None, 1.0, "another delivery of this account is in flight")
    if switches.off_until is not None:
        notices += experiments.hold(scope, who, now)
    queue = _queue(scope, account_id, now, boot, windows, notices)
    if switches.blocked:
        asked = [row for row, _ in unclear if now > row.expires_at]
        for row in asked:
            notices.append(
                flights.ask(scope, row, f"the account is blocked, and the window has passed: {row.reason}", now)
            )
        return Taken(None, None, f"the account is blocked: {switches.blocked}", notices=tuple(notices))
    if (left := switches.closed_for(boot)) > 0:
        return Taken(None, left, "the account rests after failures or a rate limit", notices=tuple(notices))
    open_ = _Claim(scope, who, switches, owner, now, boot, windows)
    waits: list[Step] = []
    for row, parent_remote_id in unclear:
        declared = declare(row)
        step = next_step(row, declared, now, boot, windows)
        if step.do is Do.ASK:
            notices.append(flights.ask(scope, row, step.reason, now))
        elif step.do is Do.LOOK:
            return Taken(open_.claim(row, "look", declared, parent_remote_id), notices=tuple(notices))
        elif step.do is Do.SEND and switches.off_until is not None:
            # Past its window only a look remains, which an off week does not forbid.
            left = (min(switches.off_until, row.expires_at) - now).total_seconds()
            waits.append(Step(Do.WAIT, "an off week of an experiment: nothing is sent again", max(1.0, left)))
        elif step.do is Do.SEND:
            cost = price(row.teaser)
            if refusal := open_.refused(row, cost):
                return replace(refusal, notices=(*notices, *refusal.notices))
            return Taken(open_.claim(row, "send", declared, parent_remote_id, cost), notices=tuple(notices))
        else:
            waits.append(step)
    if waits:
        first = min(waits, key=lambda step: step.wait_s)
        return Taken(None, first.wait_s, first.reason, notices=tuple(notices))
    for row, parent_remote_id, step in queue:
        if step.do is Do.WAIT:
            waits.append(step)
            continue
        cost = price(row.teaser)
        if refusal := open_.refused(row, cost):
            return replace(refusal, notices=(*notices, *refusal.notices))
        sent = open_.claim(row, "send", declare(row), parent_remote_id, cost)
        # What was closed on the way stood in the page: more may be due behind it.
        return Taken(sent, notices=tuple(notices), more=len(queue) > 1 or bool(notices))
    if flight := open_.verification(declare):
        return Taken(flight, notices=tuple(notices))
    wait = min((step.wait_s for step in waits), default=None)
    return Taken(None, wait, waits[0].reason if waits else None, whole=False, notices=tuple(notices))


_BY_HAND = Prepared(
    _WITH_PARENT.where(
        or_(
            and_(delivery.c.state == State.SCHEDULED.value, delivery.c.due_at <= bindparam("now")),
            and_(delivery.c.state == State.NEEDS_PERSON.value, delivery.c.next_at <= bindparam("now")),
        )
    )
)


def remind(scope: Scope, account_id: str, *, now: datetime, boot: BootTime, windows: Windows) -> Taken:
    """A manual account's turn: ask a person to post what is due, and miss what nobody said was posted.

    A stop holds reminders as it holds what is sent by machine. Nothing is ever claimed.
    """
    found = _account(scope, account_id, now)
    if found is None:
        return Taken(None, 1.0, "another worker is at this account")
    who, switches = found
    notices: list[Notice] = []
    if switches.off_until is not None:
        notices += experiments.hold(scope, who, now)
    waits: list[Step] = []
    given = {"brand_id": scope.brand_id, "account_id": account_id, "now": now}
    for raw in _BY_HAND.all(scope.connection, given):
        row = from_row(raw)
        step = next_by_hand(row, now, boot, windows)
        if step.do is Do.ASK and row.parent_id is not None:
            step = _after_parent(step, raw.parent_state, raw.parent_remote_id)
        if step.do is Do.MISS:
            notices.append(flights.miss(scope, row, step.reason, now))
        elif step.do is Do.ASK and switches.stopped is None:
            notices.append(flights.remind(scope, row, now))
        else:
            waits.append(step)
    if switches.stopped and waits:
        return Taken(None, None, switches.stopped, notices=tuple(notices))
    wait = min((step.wait_s for step in waits), default=None)
    return Taken(None, wait, waits[0].reason if waits else None, whole=False, notices=tuple(notices))


@dataclass(slots=True)
class _Switches:
    blocked: str | None
    stopped: str | None
    failures: int
    open_until: BootTime | None
    off_until: datetime | None  # an experiment's off week: nothing planned goes out

    def closed_for(self, boot: BootTime) -> float:
        """Seconds the breaker is still open. After a reboot it is half open: one delivery tries."""
        since = boot.since(self.open_until)
        return max(0.0, -since) if since is not None else 0.0


_ACCOUNT = Prepared(
    select(
        account,
        brand.c.stopped_reason.label("brand_stopped"),
        select(installation.c.value).where(installation.c.name == STOPPED).scalar_subquery().label("all_stopped"),
        select(installation.c.value).where(installation.c.name == HELD).scalar_subquery().label("held"),
        experiments.OFF_UNTIL.label("off_until"),
    )
    .join(brand, brand.c.id == account.c.brand_id)
    .where(account.c.brand_id == bindparam("brand_id"), account.c.id == bindparam("account_id"))
    .with_for_update(of=account, skip_locked=True)
)


def _account(scope: Scope, account_id: str, now: datetime) -> tuple[Account, _Switches] | None:
    """The account with every switch, locked so that two workers never claim for it at once; None when one is."""
    row = _ACCOUNT.first(scope.connection, {"brand_id": scope.brand_id, "account_id": account_id, "now": now})
    if row is None:
        return None
    until = BootTime(row.open_boot_id, row.open_until_boot_s) if row.open_until_boot_s is not None else None
    who = account_of(row)
    # It may have been connected for reading since its worker looked.
    blocked = row.blocked_reason or (READING_ONLY if who.read_only else None)
    return who, _Switches(blocked, _stopped(row), row.failures, until, row.off_until)


def _stopped(row: Any) -> str | None:
    """Why nothing is sent, in the widest sense that holds."""
    if row.all_stopped is not None:
        return f"everything is stopped: {row.all_stopped}"
    if row.held is not None:
        return f"held after a restore: {row.held}"
    if row.brand_stopped is not None:
        return f"the brand is stopped: {row.brand_stopped}"
    return None if row.stopped_reason is None else f"the account is stopped: {row.stopped_reason}"


def _queue(
    scope: Scope, account_id: str, now: datetime, boot: BootTime, windows: Windows, notices: list[Notice]
) -> list[tuple[Delivery, str | None, Step]]:
    """The account's due deliveries in order, each to be sent or waiting. What is too late is missed on the way."""
    given = {"brand_id": scope.brand_id, "account_id": account_id, "now": now}
    page = _FEW
    while True:
        found = _QUEUE.all(scope.connection, {**given, "page": page})
        queue: list[tuple[Delivery, str | None, Step]] = []
        for raw in found:
            row = from_row(raw)
            step = next_step(row, DeliveryClass.BLIND, now, boot, windows)
            if step.do in (Do.SEND, Do.WAIT) and row.parent_id is not None:
                step = _after_parent(step, raw.parent_state, raw.parent_remote_id)
            if step.do is Do.MISS:
                notices.append(flights.miss(scope, row, step.reason, now))
            elif step.do is Do.ASK:
                notices.append(flights.ask(scope, row, step.reason, now))
            else:
                queue.append((row, raw.parent_remote_id, step))
        if len(found) < page or any(step.do is Do.SEND for _, _, step in queue):
            return queue
        page *= _MORE


def _after_parent(step: Step, state: str | None, remote_id: str | None) -> Step:
    """A reply waits for the post it answers, and is missed with it."""
    if state == State.PUBLISHED.value:
        return step if remote_id else Step(Do.ASK, "the post it replies to is published, but its id is not known")
    if state in (None, State.REJECTED.value, State.MISSED.value, State.CANCELLED.value):
        return Step(Do.MISS, f"the post it replies to is {state or 'gone'}")
    return Step(Do.WAIT, "the post it replies to is not published yet", 1.0)


_HERE = attempt.c.boot_id == bindparam("boot_id")


def _within(boot: str, wall: str) -> ColumnElement[int]:
    on_boot_time = and_(_HERE, attempt.c.started_boot_s > bindparam(boot))
    on_wall_time = and_(~_HERE, attempt.c.started_at > bindparam(wall))
    return func.coalesce(func.sum(case((or_(on_boot_time, on_wall_time), 1), else_=0)), 0)


_SENT = Prepared(
    select(
        _within("boot_hour", "hour").label("hour"),
        _within("boot_day", "day").label("day"),
        func.max(case((_HERE, attempt.c.started_boot_s))).label("last_boot_s"),
    ).where(
        attempt.c.brand_id == bindparam("brand_id"),
        attempt.c.account_id == bindparam("account_id"),
        attempt.c.action == "send",
        # For the index, and generous: the conditions above decide.
        attempt.c.started_at > bindparam("lately"),
    )
)
_ADD_ATTEMPT = Prepared.insert(
    attempt,
    "id brand_id delivery_id account_id number action epoch owner started_at started_boot_s boot_id",
)


@dataclass(slots=True)
class _Claim:
    scope: Scope
    account: Account
    switches: _Switches
    owner: str
    now: datetime
    boot: BootTime
    windows: Windows

    def refused(self, row: Delivery, cost: Cost | None) -> Taken | None:
        """Why nothing may be sent for this account now, for reasons that only the claim's transaction can know."""
        if self.switches.stopped:
            return Taken(None, None, self.switches.stopped)
        sent = self._sent()
        if sent.hour >= self.windows.max_posts_per_hour:
            told = f"{sent.hour} requests within an hour are the most for one account"
            return Taken(None, 60.0, told, capped=True)
        if sent.day >= self.windows.max_posts_per_day:
            return Taken(None, 600.0, f"{sent.day} requests within a day are the most for one account", capped=True)
        late = (self.now - row.due_at).total_seconds() > self.windows.late_grace_s
        if late and sent.last_boot_s is not None:
            left = self.windows.late_gap_s - (self.boot.s - sent.last_boot_s)
            if left > 0:
                return Taken(None, left, "late deliveries go out one by one")
        if cost is not None and (held := spending.held(self.scope, self.account.id, cost, self.now)) is not None:
            return Taken(None, min(600.0, held.wait_s), held.reason, notices=held.notices)
        return None

    def _sent(self) -> Any:
        """How often something was sent, on boot time; on wall time for what other boots sent."""
        given = {
            "brand_id": self.scope.brand_id, "account_id": self.account.id, "boot_id": self.boot.id,
            "boot_hour": self.boot.s - 3600, "boot_day": self.boot.s - 86_400,
            "hour": self.now - _HOUR, "day": self.now - _DAY, "lately": self.now - _LATELY,
        }  # fmt: skip
        return _SENT.first(self.scope.connection, given)

    def claim(
        self,
        row: Delivery,
        action: Action,
        declared: DeliveryClass,
        parent_remote_id: str | None = None,
        cost: Cost | None = None,
    ) -> Flight:
        """Write the intent: state, owner, epoch + 1, and the attempt's row. Committed before the first byte."""
        held: dict[str, Any] = {"owner": self.owner, "epoch": row.epoch + 1, "changed_at": self.now}
        if action == "send":
            check(row.state, State.SENDING)
            held |= {
                "state": State.SENDING, "attempts": row.attempts + 1, "first_sent_at": row.first_sent_at or self.now,
                "first_sent_boot": row.first_sent_boot or self.boot, "last_sent_boot": self.boot,
            }  # fmt: skip
        elif action == "look":
            check(row.state, State.CHECKING)
            held["state"] = State.CHECKING
        claimed = replace(row, **held)
        flights.write(
            self.scope, row, state=claimed.state.value, owner=claimed.owner, epoch=claimed.epoch,
            attempts=claimed.attempts, first_sent_at=claimed.first_sent_at, changed_at=self.now,
            first_sent_boot_s=claimed.first_sent_boot and claimed.first_sent_boot.s,
            first_sent_boot_id=claimed.first_sent_boot and claimed.first_sent_boot.id,
            last_sent_boot_s=claimed.last_sent_boot and claimed.last_sent_boot.s,
            last_sent_boot_id=claimed.last_sent_boot and claimed.last_sent_boot.id,
        )  # fmt: skip
        attempt_id = new_id(self.now) if action != "verify" else None
        if attempt_id is not None:
            values = {
                "id": attempt_id, "brand_id": self.scope.brand_id, "delivery_id": row.id,
                "account_id": row.account_id, "number": claimed.attempts, "action": action,
                "epoch": claimed.epoch, "owner": self.owner, "started_at": self.now,
                "started_boot_s": self.boot.s, "boot_id": self.boot.id,
            }  # fmt: skip
            _ADD_ATTEMPT.change(self.scope.connection, values)
        if cost is not None:
            spending.add(self.scope, row.account_id, cost, self.now, delivery_id=row.id, attempt_id=attempt_id)
        return Flight(
            claimed, self.account, action, declared, attempt_id, self.switches.failures, parent_remote_id,
            charge=cost.charges[0] if cost is not None else None,
        )  # fmt: skip

    def verification(self, declare: Callable[[Delivery], DeliveryClass]) -> Flight | None:
        """A published delivery that waits to be read back."""
        given = {"brand_id": self.scope.brand_id, "account_id": self.account.id, "now": self.now}
        raw = _UNVERIFIED.first(self.scope.connection, given)
        if raw is None:
            return None
        row = from_row(raw)
        return self.claim(row, "verify", declare(row), self._parent(row))

    def _parent(self, row: Delivery) -> str | None:
        """The network's id of the post a reply answers."""
        if row.parent_id is None:
            return None
        wanted = select(delivery.c.remote_id).where(
            delivery.c.brand_id == self.scope.brand_id, delivery.c.id == row.parent_id
        )
        return self.scope.connection.execute(wanted).scalar_one_or_none()
