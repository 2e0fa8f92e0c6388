"""The wheel, alone in a fresh environment: nothing it needs was left in the clone."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UV = [sys.executable, "-m", "uv"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([*UV, "build", "--quiet", "--wheel", "--out-dir", str(folder), str(ROOT)], check=True, timeout=300)
    (made,) = folder.glob("*.whl")
    return made


def test_the_wheel_holds_the_package_its_data_and_the_licence(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("licenses/NOTICE") for name in names)
    tracked = subprocess.run(
        ["git", "ls-files", "crosspost"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()  # fmt: skip
    assert not set(tracked) - set(names)
    assert not any(name.startswith(("tests/", "docs/", "reports/")) for name in names)


def test_the_wheel_runs_the_demo_without_the_clone(wheel: Path, tmp_path: Path) -> None:
    python = tmp_path / "env" / "bin" / "python"
    subprocess.run([*UV, "venv", "--quiet", "--python", sys.executable, str(tmp_path / "env")], check=True, timeout=120)
    install = [*UV, "pip", "install", "--quiet", "--python", str(python)]
    subprocess.run([*install, "--require-hashes", "-r", str(ROOT / "constraints.txt")], check=True, timeout=600)
    subprocess.run([*install, "--no-deps", str(wheel)], check=True, timeout=300)
    home = tmp_path / "elsewhere"
    home.mkdir()
    run = subprocess.run(
        [str(python.parent / "crosspost"), "demo", "--weeks", "2", "--json"], cwd=home, capture_output=True, text=True,
        timeout=300,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert [row["published"] for row in json.loads(run.stdout)["published"]] == [2, 2, 2, 2]
    assert (home / "reports" / "demo" / "report.pdf").is_file()
