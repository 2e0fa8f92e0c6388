"""facebook-sdk's GraphAPI with the parts replaced that no longer hold (version 3.1.0, 2018). Imported late.

Its constructor refuses every living Graph version, and its `request()` puts the token into the address,
ignores the HTTP status and hides the headers. Here the version is set after construction, the token travels in
a header, and every answer is kept for the adapter to judge.
"""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

from crosspost.outside import sdk
from crosspost.secret import Secret

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # an invalid escape sequence in its source
    import facebook

if TYPE_CHECKING:
    from crosspost.outside.http import Answer, Outbound

HOST = "https://graph.facebook.com"


class Graph(facebook.GraphAPI):  # type: ignore[misc]  # facebook-sdk has no types
    """`answer` is the last complete answer, None if there was none."""

    def __init__(self, *, server: str, token: Secret, version: str, outbound: Outbound, timeout_s: float) -> None:
        self.answer: Answer | None = None
        # Any non-empty token satisfies the SDK's own check; the real one is only revealed in request().
        super().__init__(access_token="in the header", timeout=timeout_s)  # noqa: S106
        self.version = version
        self._token = token
        self.session = sdk.session(
            server=server, stands_for=(HOST,), outbound=outbound, timeout_s=timeout_s, on_answer=self._keep
        )

    def _keep(self, answer: Answer) -> None:
        self.answer = answer

    def request(
        self,
        path: str,
        args: dict[str, Any] | None = None,
        post_args: dict[str, Any] | None = None,
        files: Any = None,
        method: str | None = None,
    ) -> Any:
        """The answer's JSON, whatever its status; ValueError if it is none."""
        self.answer = None
        self.session.request(
            "POST" if post_args is not None else method or "GET",
            f"{HOST}/{path}",
            params=args,
            data=post_args,
            files=files,
            headers={"Authorization": f"Bearer {self._token.reveal()}"},
        )
        return json.loads(self.answer.body) if self.answer else None
