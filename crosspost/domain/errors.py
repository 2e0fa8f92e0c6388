"""Failures, as two closed vocabularies.

    CrosspostError                 what a person did or must do; carries an exit code
    ├── BadInput                   a file, argument or setting is wrong (exit 2)
    ├── NotFound                   the thing named does not exist for this brand (exit 3)
    ├── Conflict                   the present state forbids it (exit 4)
    ├── NotAllowed                 a guard refused: address, login, virtual clock… (exit 5)
    ├── Unavailable                something outside did not answer (exit 6)
    └── NotVerified                an audit's bundle is not what it says (exit 7)

    NetworkFailure                 what a network's answer meant for one delivery or reading
    ├── NotSent                    proof that no byte of the request left
    ├── RateLimited                refused for now; `until` if the network said so
    ├── Unauthorized               the token is expired, revoked or lacks a scope
    ├── NoCredit                   refused, for there is nothing left to pay with; `reason` says what to do
    ├── Rejected                   a definite refusal of this content
    ├── Duplicate                  refused as a repeat; `remote_id` names the twin if told
    ├── Unreachable                a *read* failed and may be repeated
    └── OutcomeUnknown             the request left and nothing proves what became of it

Anything an adapter cannot classify is `OutcomeUnknown` on a publish: retrying it could post twice.
"""

from __future__ import annotations

from datetime import datetime


class CrosspostError(Exception):
    """Something a person can act on: what happened, where, and the remedy."""

    exit_code = 1

    def __init__(self, message: str, *, where: str | None = None, remedy: str | None = None) -> None:
        self.message, self.where, self.remedy = message, where, remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text} — {self.remedy}" if self.remedy else text


class BadInput(CrosspostError):
    exit_code = 2


class NotFound(CrosspostError):
    exit_code = 3


class Conflict(CrosspostError):
    exit_code = 4


class NotAllowed(CrosspostError):
    exit_code = 5


class Unavailable(CrosspostError):
    exit_code = 6


class NotVerified(CrosspostError):
    exit_code = 7


class NetworkFailure(Exception):
    """An outcome other than success, in the words every network shares.

    `reason` is safe to show and to log: adapters put no token and no request body in it.
    `code` is the network's own error code or word, kept for the attempt log.
    """

    def __init__(self, reason: str, *, code: str | None = None) -> None:
        super().__init__(reason)
        self.reason, self.code = reason, code


class NotSent(NetworkFailure):
    pass


class RateLimited(NetworkFailure):
    def __init__(self, reason: str, *, until: datetime | None = None, code: str | None = None) -> None:
        super().__init__(reason, code=code)
        self.until = until


class Unauthorized(NetworkFailure):
    pass


class NoCredit(NetworkFailure):
    pass


class Rejected(NetworkFailure):
    pass


class Duplicate(NetworkFailure):
    def __init__(self, reason: str, *, remote_id: str | None = None, code: str | None = None) -> None:
        super().__init__(reason, code=code)
        self.remote_id = remote_id


class Unreachable(NetworkFailure):
    pass


class OutcomeUnknown(NetworkFailure):
    pass
