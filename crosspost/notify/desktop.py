"""A notification on this machine's screen, through `notify-send` where there is one."""

from __future__ import annotations

import html
import shutil
import subprocess

from crosspost.notify.message import Message, NotTold


class Desktop:
    """Gone when nobody sits there: told on the desktop alone counts only where no other way is set."""

    name = "desktop"
    attended = False

    def __init__(self, program: str = "notify-send", timeout_s: float = 5.0) -> None:
        self._program, self._timeout_s = program, timeout_s

    def send(self, message: Message) -> None:
        """Raises NotTold: no such program, no screen."""
        program = shutil.which(self._program)
        if program is None:
            raise NotTold(f"{self._program} is not installed")
        first = [line.strip() for line in message.lines if line.strip()][:4]
        command = [
            program, "--app-name=crosspost", f"--urgency={'critical' if message.urgent else 'normal'}", "--",
            # The body may hold markup by the desktop's rules: everything in it is quoted.
            message.subject, html.escape("\n".join(first)),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, timeout=self._timeout_s, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotTold(f"{self._program} did not end well ({type(error).__name__})") from None
        if done.returncode != 0:
            raise NotTold(f"{self._program} ended with {done.returncode}: is there a screen?")
