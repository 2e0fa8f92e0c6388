"""Settings: where they come from, which wins, and what a wrong one says."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from crosspost.domain.errors import BadInput
from crosspost.settings import Settings, load


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"CROSSPOST_{name.upper()}", raising=False)
    for name in ("CROSSPOST_CONFIG", "CROSSPOST_SECRETS_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_the_environment_wins_over_the_file_and_arguments_over_both(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "c.toml"
    file.write_text('port = 1111\nbind = "127.0.0.9"\nworkers = 3\n')
    monkeypatch.setenv("CROSSPOST_PORT", "2222")
    monkeypatch.setenv("CROSSPOST_WORKERS", "4")
    settings = load(file, workers=5)
    assert (settings.bind, settings.port, settings.workers) == ("127.0.0.9", 2222, 5)


def test_secret_files_are_read_and_never_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "crosspost_master_key").write_text("canary-key\n")
    monkeypatch.setenv("CROSSPOST_SECRETS_DIR", str(tmp_path / "secrets"))
    settings = load()
    assert settings.master_key is not None
    assert settings.master_key.get_secret_value() == "canary-key"
    assert "canary" not in repr(settings)
    assert "canary" not in settings.model_dump_json()


@pytest.mark.parametrize(("text", "says"), [
    ('port = "much"', "port"), ("prot = 1", "prot"), ("port =", "cannot be read"), ("port = 99999", "port"),
    ('private_origins = ["127.0.0.1:80"]', "private_origins"),
    ('private_origins = ["http://127.0.0.1:80/path"]', "private_origins"),
])  # fmt: skip
def test_a_wrong_file_is_named_with_its_key(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(text)
    with pytest.raises(BadInput) as refusal:
        load(file)
    assert "wrong.toml" in str(refusal.value)
    assert says in str(refusal.value)


def test_a_wrong_secret_is_not_repeated_in_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROSSPOST_PORT", "hunter2-canary")
    with pytest.raises(BadInput) as refusal:
        load()
    assert "hunter2" not in str(refusal.value)


def test_a_misspelled_setting_of_the_environment_is_refused_and_its_value_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CROSSPOST_DATABSE", "postgresql://me:canary@localhost/real")
    with pytest.raises(BadInput, match="CROSSPOST_DATABSE") as refusal:
        load()
    assert "CROSSPOST_DATABASE" in str(refusal.value.remedy)
    assert "canary" not in str(refusal.value)


def test_a_file_that_was_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        load(tmp_path / "none.toml")


def test_the_example_lists_every_setting_with_its_default() -> None:
    text = (Path(__file__).parents[1] / "config" / "crosspost.example.toml").read_text()
    from crosspost.settings import example

    assert text == example(), "run: python -m crosspost.settings > config/crosspost.example.toml"
    uncommented = "\n".join(line.removeprefix("# ") if line.startswith("# ") and " = " in line else line
                            for line in text.splitlines() if not line.startswith("##"))  # fmt: skip
    assert set(tomllib.loads(uncommented)) == set(Settings.model_fields)
