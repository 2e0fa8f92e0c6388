"""The bytes of images, in files named by their SHA-256: what was approved is what is sent."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from crosspost.domain.errors import BadInput, NotFound
from crosspost.domain.teaser import Attachment

MAX_BYTES = 20_000_000
_TYPES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attachments:
    folder: Path

    def put(self, content: bytes, alt: str, where: str) -> Attachment:
        """Store an image; the same bytes are one file. Raises BadInput when it is no image that networks take."""
        if len(content) > MAX_BYTES:
            raise BadInput(f"larger than {MAX_BYTES // 1_000_000} MB", where=where, remedy="make it smaller")
        media_type = next((kind for start, kind in _TYPES if content.startswith(start)), None)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            media_type = "image/webp"
        if media_type is None:
            raise BadInput("is not a PNG, JPEG, GIF or WebP image", where=where, remedy="convert it")
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.folder / sha256
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            # Written aside and renamed: a crash leaves no half image under a whole image's name.
            aside = path.with_name(f"{sha256}.{os.getpid()}")
            with aside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        return Attachment(sha256, media_type, alt)

    def size(self, sha256: str) -> int | None:
        """Bytes of an image's file; None when it is gone."""
        try:
            return (self.folder / sha256).stat().st_size
        except OSError:
            return None

    def get(self, sha256: str) -> bytes:
        """The bytes of an image. Raises NotFound when the file is gone or is not what it was."""
        try:
            content = (self.folder / sha256).read_bytes()
        except OSError:
            raise NotFound(f"the image {sha256[:12]} is gone", remedy=f"restore {self.folder}") from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise NotFound(f"the image {sha256[:12]} was changed", remedy=f"restore {self.folder}")
        return content
