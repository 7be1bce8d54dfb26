"""Every setting, read from the environment or from `.env`, each described. Secrets never show in a repr or a log."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


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
    writes: Literal["on", "off"] = Field(
        default="off",
        description="'off' watches only: nothing is written to Bookly or Square, whatever is clicked. 'on' lets a person "
        "switch writing on from the Set-up page.",
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
    bookly_database_url: SecretStr = Field(
        default=SecretStr(""), description="WordPress's database: mysql+pymysql://USER:PASSWORD@HOST/DATABASE"
    )
    bookly_table_prefix: str = Field(default="", description="WordPress's table prefix; discovered when left out.")
    salon_timezone: str = Field(
        default="", description="The salon's time zone, such as America/Chicago; read from WordPress when left out."
    )
    practice: bool = Field(
        default=False, description="Set by `make run` on the practice salon: nothing real is touched."
    )
    lease_seconds: float = Field(
        default=30.0, description="How long a lock on a staff member's time lasts when not renewed."
    )
    pull_days_back: int = Field(default=92, description="How many days of the past a pull reads.")
    pull_days_ahead: int = Field(default=400, description="How many days ahead a pull reads.")

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


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once. Raises WrongSettings with one sentence naming the setting."""
    return read_settings()


def read_settings() -> Settings:
    """The settings as they are now. Raises WrongSettings."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        reason = str(first["msg"]).removeprefix("Input should be ")
        raise WrongSettings(
            name, f"{name} cannot be used: it should be {reason}. Mend it in .env or the environment."
        ) from None
