"""PNGs of charts, made from their SVGs: several times faster than drawing each a second time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

DPI = 200


def pngs(pictures: Mapping[str, bytes], dpi: float = DPI) -> dict[str, bytes]:
    """Every SVG as PNG, by name. Equal pictures give equal bytes."""
    import typst

    with TemporaryDirectory(prefix="crosspost-png-") as name:
        folder = Path(name)
        for at, content in enumerate(pictures.values()):
            (folder / f"{at}.svg").write_bytes(content)
        pages = "\n#pagebreak()\n".join(f'#image("{at}.svg")' for at in range(len(pictures)))
        main = folder / "pages.typ"
        main.write_text(f"#set page(width: auto, height: auto, margin: 0pt)\n{pages}\n", "utf-8")
        made = typst.compile(main, root=folder, format="png", ppi=dpi, ignore_system_fonts=True) if pictures else []
    shown: list[Any] = made if isinstance(made, list) else [made]
    return dict(zip(pictures, shown, strict=True))
