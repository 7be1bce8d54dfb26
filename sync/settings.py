"""Every setting, read from the environment or from `.env`, each described. Secrets never show in a repr or a log."""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from sync.model.zones import zone

WANTED = {
    "int_parsing": "a whole number",
    "float_parsing": "a number",
    "bool_parsing": "1 or 0",
}
"""What a setting should be, by what pydantic calls the mistake, where its own words are not plain."""


PRACTICE = Path("var/practice")
"""Left by `make run` on the practice salon: its settings, for commands typed beside it. It says too whose store is at
the usual place."""


class WrongSettings(Exception):
    """A setting cannot be used as it is. `str(error)` is one plain sentence naming it."""

    def __init__(self, setting: str, sentence: str) -> None:
        super().__init__(sentence)
        self.setting = setting


class Settings(BaseSettings):
    """What a salon tells Slotkeeper. Times are seconds; addresses are URLs."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    database_url: str = Field(
        default="sqlite:///var/slotkeeper.db",
        description="Where Slotkeeper keeps what it remembers: sqlite:///FILE for one salon.",
    )
    lock_url: SecretStr = Field(
        default=SecretStr(""),
        description="Where locks are held when several machines share them: redis://:PASSWORD@HOST:PORT/NUMBER, or "
        "rediss://, unix://; left out, in the store.",
    )
    writes: Literal["on", "off"] = Field(
        default="off",
        description="'off' watches only: nothing is written to Bookly or Square, whatever is clicked. 'on' lets a "
        "person switch writing on from the Set-up page.",
    )
    square_base_url: str = Field(
        default="https://connect.squareup.com",
        description="The address of Square's API; the sandbox or the practice salon has another.",
    )
    square_access_token: SecretStr = Field(
        default=SecretStr(""), description="The access token of the salon's Square app."
    )
    square_location_id: str = Field(
        default="", description="Which Square location; may be left out when there is only one."
    )
    square_webhook_url: str = Field(
        default="",
        description="The address of Square's webhook subscription, character for character: it is part of what Square "
        "signs. Without it Square's webhooks are refused, and changes are learned by reading.",
    )
    square_webhook_signature_key: SecretStr = Field(
        default=SecretStr(""),
        validate_default=True,
        description="The signature key of that subscription, from the Square developer dashboard.",
    )
    bookly_database_url: SecretStr = Field(
        default=SecretStr(""), description="WordPress's database: mysql+pymysql://USER:PASSWORD@HOST/DATABASE"
    )
    bookly_table_prefix: str = Field(default="", description="WordPress's table prefix; discovered when left out.")
    bookly_webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description="The secret with which a WordPress plugin signs (whsec_...; none is part of this release); two, "
        "with a space between, while one takes the other's place. Without it such messages are refused.",
    )
    salon_timezone: str = Field(
        default="", description="The salon's time zone, such as America/Chicago; read from WordPress when left out."
    )
    practice: bool = Field(
        default=False, description="Set by `make run` on the practice salon: nothing real is touched."
    )
    lease_seconds: float = Field(
        default=30.0, description="How long a lock on a staff member's time lasts when not renewed."
    )
    pull_days_back: int = Field(
        default=92, ge=0, description="How many days of the past a pull of Square reads; of Bookly all is read."
    )
    pull_days_ahead: int = Field(
        default=400, ge=1, description="How many days ahead a pull of Square reads; of Bookly all is read."
    )

    @field_validator("lock_url")
    @classmethod
    def _a_place_for_locks(cls, url: SecretStr, info: ValidationInfo) -> SecretStr:
        address = url.get_secret_value()
        if address and address != info.data.get("database_url") and not _is_redis(address):
            raise ValueError("redis://HOST:PORT/NUMBER, rediss://HOST:PORT/NUMBER, unix:///FILE, or left out")
        return url

    @field_validator("salon_timezone")
    @classmethod
    def _a_zone(cls, name: str) -> str:
        if name:
            try:
                zone(name)
            except ValueError:
                raise ValueError("the name of a time zone, such as America/Chicago, or left out") from None
        return name

    @field_validator("square_webhook_url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        if url and (urlsplit(url).scheme not in ("https", "http") or not urlsplit(url).hostname):
            raise ValueError("an address that begins with https://, or left out")
        return url

    @field_validator("square_webhook_signature_key")
    @classmethod
    def _both_or_none(cls, key: SecretStr, others: ValidationInfo) -> SecretStr:
        """One of the two alone would refuse every webhook without a word."""
        if "square_webhook_url" in others.data and bool(key.get_secret_value()) != bool(
            others.data["square_webhook_url"]
        ):
            raise ValueError("given together with SQUARE_WEBHOOK_URL, or both left out")
        return key

    @field_validator("bookly_webhook_secret")
    @classmethod
    def _secrets(cls, given: SecretStr) -> SecretStr:
        if not all(_is_secret(one) for one in split_secrets(given)):
            raise ValueError("whsec_ and base64 of 16 bytes or more, or two such with a space between, or left out")
        return given

    @property
    def bookly_webhook_secrets(self) -> tuple[str, ...]:
        """The secrets that count now; none where the plugin is not set up."""
        return split_secrets(self.bookly_webhook_secret)

    @property
    def names_a_calendar(self) -> bool:
        """Whether one of the two calendars is named at all."""
        return bool(self.bookly_database_url.get_secret_value() or self.square_access_token.get_secret_value())

    def two_calendars_named(self) -> None:
        """Raises WrongSettings unless both calendars can be tried at all."""
        if not self.bookly_database_url.get_secret_value():
            raise WrongSettings(
                "BOOKLY_DATABASE_URL",
                "BOOKLY_DATABASE_URL is empty: set it to WordPress's database, "
                "for example mysql+pymysql://USER:PASSWORD@HOST/DATABASE, in .env or the environment.",
            )
        if not self.square_access_token.get_secret_value():
            raise WrongSettings(
                "SQUARE_ACCESS_TOKEN",
                "SQUARE_ACCESS_TOKEN is empty: copy the access token from the Square developer dashboard "
                "into .env or the environment.",
            )


def split_secrets(given: SecretStr) -> tuple[str, ...]:
    """The secrets in one setting, with spaces or commas between them."""
    return tuple(one for one in re.split(r"[\s,]+", given.get_secret_value()) if one)


def _is_secret(text: str) -> bool:
    """Whether it is a secret as the standard for webhooks has it."""
    bare = text.removeprefix("whsec_").rstrip("=")
    try:
        return len(base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)) >= 16
    except (binascii.Error, ValueError):
        return False


class _BesidePractice(Settings):
    """The settings that the practice salon runs with, over those of .env."""

    model_config = SettingsConfigDict(env_file=(".env", str(PRACTICE)))


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once. Raises WrongSettings with one sentence naming the setting."""
    return read_settings()


def read_settings() -> Settings:
    """The settings as they are now; where no calendar is named and the practice salon runs here, those it runs with.
    Raises WrongSettings."""
    try:
        found = Settings()
        if not PRACTICE.exists():
            return found
        if not found.names_a_calendar:
            return _BesidePractice()
    except ValidationError as error:
        raise _wrong(error) from None
    if not found.practice and found.database_url == Settings.model_fields["database_url"].default:
        raise WrongSettings(
            "DATABASE_URL",
            "DATABASE_URL is left out, and what is kept at the usual place is the practice salon's: run `make reset` "
            "first, or set another.",
        )
    return found


def _is_redis(address: str) -> bool:
    """Whether Redis can be looked for there."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    if parts.scheme == "unix":
        return bool(parts.path)
    database = parts.path.strip("/")
    return parts.scheme in ("redis", "rediss") and bool(parts.hostname) and (not database or database.isdecimal())


def _wrong(error: ValidationError) -> WrongSettings:
    """The first wrong setting, what was seen (a secret is never shown), what it should be."""
    first = error.errors()[0]
    field = "_".join(str(part) for part in first["loc"])
    is_secret = Settings.model_fields[field].annotation is SecretStr
    seen = "" if is_secret else f" ({str(first['input'])[:40]})"
    should = WANTED.get(first["type"]) or str(first["msg"]).removeprefix("Input should be ")
    should = should.removeprefix("Value error, ").replace("greater than or equal to", "at least")
    name = field.upper()
    return WrongSettings(
        name, f"{name}{seen} cannot be used: it should be {should}; mend it in .env or the environment."
    )
