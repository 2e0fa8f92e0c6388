"""Settings: config/crosspost.toml, the environment, and secret files. The only reader of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from crosspost.domain.errors import BadInput

DEFAULT_FILE = Path("config/crosspost.toml")


def _data_home() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "crosspost"


class Settings(BaseSettings):
    """Every setting has a default that works on one machine. Environment names start with CROSSPOST_."""

    model_config = SettingsConfigDict(env_prefix="CROSSPOST_", extra="forbid", validate_default=True, defer_build=True)

    data_dir: Path = Field(default_factory=_data_home, description="Where the database, hit log and key file live.")
    database: str = Field(
        default="",
        description="Database URL; empty means SQLite in data_dir. Example: postgresql://localhost/crosspost",
    )
    reports_dir: Path = Field(default=Path("reports"), description="Where reports are written.")
    letterhead: Path | None = Field(
        default=None, description="TOML file with the name, logo, accent and introduction that reports carry; optional."
    )
    monthly_reports: list[str] = Field(
        default_factory=list,
        description='Brands of which `crosspost run` keeps a report each month, by slug; "*" is every brand.',
    )
    send_reports: bool = Field(
        default=False, description="Send each monthly report by the ways that tell you; by mail with its PDF."
    )
    brand: str = Field(default="", description="The brand meant when --brand is not given.")
    templates_dir: Path = Field(
        default=Path("config/templates"), description="Your own teaser templates, one file per network; optional."
    )
    channels_file: Path = Field(
        default=Path("config/channels.toml"),
        description='What your own names of channels are, one a line ("le podcast" = "event"); optional.',
    )
    imports_dir: Path = Field(
        default=Path("config/imports"),
        description="Your own names of columns in exports, one file per kind; optional (docs/importing.md).",
    )
    hypotheses_dir: Path = Field(
        default=Path("config/hypotheses"),
        description="Where `crosspost hypothesis lock` writes, a folder per brand. Keep it under version control.",
    )
    told_file: Path = Field(
        default=Path("config/told.toml"),
        description="Your own words for what people answer to “how did you hear of us?”, and placebos; optional.",
    )
    hourly_rate: Decimal | None = Field(
        default=None,
        ge=0,
        description="What an hour of yours is worth, in the brand's currency: audits set hours and payback against it.",
    )
    private_origins: list[str] = Field(
        default_factory=list,
        description="Exact origins on private addresses that may be reached, such as http://127.0.0.1:8808.",
    )
    http_timeout_s: float = Field(default=20.0, gt=0, le=300, description="Deadline of one outgoing request, seconds.")
    bind: str = Field(default="127.0.0.1", description="Address the web process listens on.")
    hosts: list[str] = Field(
        default_factory=list,
        description="Origins of the pages and the API, such as https://desk.example.org, beside brands' public_url.",
    )
    port: int = Field(default=8807, ge=0, le=65535, description="Port the web process listens on.")
    trusted_proxies: list[str] = Field(
        default_factory=list,
        description="Addresses or networks of your own proxies, whose X-Forwarded-For is believed, such as 127.0.0.1.",
    )
    master_key: SecretStr | None = Field(
        default=None, description="Key that encrypts tokens, 32 bytes in base64. Empty: the key file in data_dir."
    )
    previous_master_key: SecretStr | None = Field(
        default=None, description="The key before master_key, while `crosspost key rotate` seals all tokens again."
    )
    use_keyring: bool = Field(default=False, description="Keep the key in the system keyring instead of a file.")
    clock: str = Field(
        default="system", description='"system", or the origin of a sandbox whose virtual clock drives everything.'
    )
    tick_s: float = Field(default=0.5, gt=0, le=60, description="How often the scheduler looks for due work, seconds.")
    workers: int = Field(default=8, ge=1, le=64, description="Accounts that may be posted to at the same time.")
    settle_s: float = Field(
        default=900, gt=0, description="How long after an unanswered request a network may still apply it, seconds."
    )
    look_gap_s: float = Field(default=60, gt=0, description="Least time between two looks for a missing post, seconds.")
    max_attempts: int = Field(default=8, ge=1, description="Hard cap of attempts per delivery.")
    max_posts_per_hour: int = Field(default=12, ge=1, description="Hard cap of posts per account and hour.")
    late_window_s: int = Field(
        default=21_600, ge=60, description="How late a delivery may still go out before it is missed, seconds."
    )
    feed_every_s: int = Field(default=1_800, ge=60, description="How often feeds are read, seconds.")
    smtp_host: str = Field(default="", description="Mail server that tells you what happened; empty: no mail.")
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Its port: 587 for STARTTLS, 465 for TLS.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description='"starttls", "tls", or "none", which takes no password.'
    )
    smtp_user: str = Field(default="", description="Login at the mail server; empty: none.")
    smtp_password: SecretStr | None = Field(
        default=None, description="Its password: better in the environment or a secret file than here."
    )
    mail_from: str = Field(default="", description="Sender of what you are told, such as crosspost@example.org.")
    mail_to: list[str] = Field(default_factory=list, description="Who is told by mail.")
    webhook_url: SecretStr | None = Field(default=None, description="Address that is told by a POST with JSON.")
    webhook_secret: SecretStr | None = Field(default=None, description="Signs what is posted there.")
    desktop: bool = Field(default=False, description="Tell on this machine's screen too, through notify-send.")
    digest_hour: int = Field(default=8, ge=0, le=23, description="Hour of the daily digest, in the brand's zone.")
    urgent_every_min: int = Field(
        default=15, ge=1, le=1440, description="Least minutes between two messages of one urgent kind."
    )
    client_ids: dict[str, str] = Field(
        default_factory=dict, description='Client ids of your own apps, by network, such as { x = "…" }.'
    )
    client_secrets: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="Their secrets, by network: better in the environment or a secret file (as JSON) than here.",
    )
    login_port: int = Field(
        default=8809, ge=1, le=65535, description="Port of this machine that browsers come back to after a login."
    )
    log_file: Path | None = Field(default=None, description="JSON lines log; empty means crosspost.log in data_dir.")

    @field_validator("hourly_rate", mode="before")
    @classmethod
    def _rate(cls, value: object) -> object:
        return None if value == "" else value  # empty: none is set

    @field_validator("private_origins", "hosts")
    @classmethod
    def _origins(cls, value: list[str]) -> list[str]:
        for origin in value:
            if not origin.startswith(("http://", "https://")) or origin.rstrip("/").count("/") != 2:
                raise ValueError(f"{origin!r} is not an origin such as http://127.0.0.1:8808")
        return [origin.rstrip("/") for origin in value]

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies(cls, value: list[str]) -> list[str]:
        for one in value:
            try:
                ip_network(one)
            except ValueError:
                raise ValueError(f"{one!r} is no address or network such as 127.0.0.1 or 10.0.0.0/8") from None
        return value

    @field_validator(
        "data_dir", "reports_dir", "templates_dir", "channels_file", "imports_dir", "hypotheses_dir", "told_file",
        "log_file", "letterhead",
    )  # fmt: skip
    @classmethod
    def _home(cls, value: Path | None) -> Path | None:
        return value.expanduser() if value else value

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data_dir / 'crosspost.db'}"

    @property
    def hits_dir(self) -> Path:
        return self.data_dir / "hits"

    @property
    def visits_dir(self) -> Path:
        return self.data_dir / "visits"

    @property
    def salts_dir(self) -> Path:
        return self.data_dir / "salts"


def load(file: Path | None = None, **given: Any) -> Settings:
    """Read the settings. `given` wins over the environment, the environment over secret files and the TOML file.

    Secret files live in the folder named by CROSSPOST_SECRETS_DIR, one value a file (crosspost_master_key).
    Raises BadInput naming the file and the key.
    """
    named = file or (Path(os.environ["CROSSPOST_CONFIG"]) if os.environ.get("CROSSPOST_CONFIG") else None)
    if named is not None and not named.is_file():
        raise BadInput(
            "the settings file does not exist", where=str(named), remedy="check --config or CROSSPOST_CONFIG"
        )
    _refuse_unknown(os.environ)
    toml = named or DEFAULT_FILE
    secrets_dir = os.environ.get("CROSSPOST_SECRETS_DIR")
    if secrets_dir and not Path(secrets_dir).is_dir():
        raise BadInput(
            "the folder of secret files does not exist", where=secrets_dir, remedy="check CROSSPOST_SECRETS_DIR"
        )

    class Bound(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            sources: list[PydanticBaseSettingsSource] = [init_settings, env_settings]
            if secrets_dir:
                sources.append(SecretsSettingsSource(settings_cls, secrets_dir=secrets_dir))
            if toml.is_file():
                sources.append(TomlConfigSettingsSource(settings_cls, toml_file=toml))
            return tuple(sources)

    try:
        return Bound(**{key: value for key, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise BadInput(
            f"setting {key}: {first['msg']}", where=str(toml), remedy="see config/crosspost.example.toml"
        ) from None
    except (OSError, ValueError) as error:
        raise BadInput(f"cannot be read: {error}", where=str(toml), remedy="correct the TOML") from None


_NOT_SETTINGS = ("config", "secrets_dir")  # where the settings themselves are


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    """A misspelled name would leave its setting at the default: another database, say. Raises BadInput."""
    known = {f"CROSSPOST_{name.upper()}" for name in (*Settings.model_fields, *_NOT_SETTINGS)}
    for name in sorted(environment):
        if name.upper().startswith("CROSSPOST_") and name.upper() not in known:
            near = get_close_matches(name.upper(), known, n=1)
            remedy = f"did you mean {near[0]}?" if near else "see config/crosspost.example.toml"
            raise BadInput("no setting has that name", where=f"environment: {name}", remedy=remedy)


def bare_environment() -> dict[str, str]:
    """The environment without any setting of crosspost: for a rehearsal's own processes."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CROSSPOST_")}


def example() -> str:
    """config/crosspost.example.toml, from the class itself."""
    lines = ["## Every setting of crosspost, with its default. Copy to crosspost.toml and uncomment what you change."]
    for name, field in Settings.model_fields.items():
        home = name == "data_dir"  # differs from one machine to the next
        shown = '"~/.local/share/crosspost"' if home else _toml(field.get_default(call_default_factory=True))
        lines += ["", f"## {field.description}", f"# {name} = {shown}"]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float | list | dict):
        return str(value)
    return '""' if value is None else f'"{value}"'


if __name__ == "__main__":
    print(example(), end="")
