"""Settings, read from the environment and from `.env`; the names are documented in `.env.example`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from psycopg.conninfo import make_conninfo
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.core.address import conninfo
from app.core.setting_types import (
    LOCAL_HOSTS,
    WILDCARDS,
    Address,
    DatabaseHost,
    DatabaseUrl,
    Domain,
    Host,
    HttpUrl,
    Key,
    Line,
    Network,
    Origin,
    Rate,
)

MailDriver = Literal["file", "smtp", "resend"]
SmtpTls = Literal["none", "starttls", "tls"]
Port = Annotated[int, Field(ge=1, le=65535)]


class SettingsError(Exception):
    """Settings that cannot work. `faults` has a line for each: its name, and what it should be."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class Settings(BaseSettings):
    """Every setting of every process. A bad value raises pydantic's ValidationError naming it."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    # HTTP
    host: Host = "127.0.0.1"
    port: int = Field(3333, ge=0, le=65535)
    app_url: HttpUrl | None = None
    web_url: HttpUrl = "http://localhost:5173"
    cors_origin: Annotated[list[Origin], NoDecode] = []
    trusted_proxies: Annotated[list[Network], NoDecode] = []
    request_timeout_seconds: float = Field(30, ge=1, le=300)
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    # Metrics
    metrics_host: Host = "127.0.0.1"
    api_metrics_port: Port | None = None
    worker_metrics_port: Port | None = None

    # Database
    database_url: DatabaseUrl | None = None
    api_database_url: DatabaseUrl | None = None
    worker_database_url: DatabaseUrl | None = None
    pg_host: DatabaseHost | None = None
    pg_port: Port = 5432
    pg_user: Line = "rubis"
    pg_password: SecretStr = SecretStr("")
    pg_db_name: Line = "rubis"
    rubis_data_dir: Path = Path("var")
    db_pool_size: int = Field(16, ge=1, le=1000)
    db_prepared_statements: bool = True

    # Mail
    mail_driver: MailDriver = "file"
    mail_from_address: Address = "relances@rubis-sur-l-ongle.fr"
    mail_from_name: Line = "Rubis Sur l'Ongle"
    smtp_host: Host = "localhost"
    smtp_port: Port = 1025
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: SmtpTls = "none"
    resend_api_key: Key | None = None
    resend_url: HttpUrl = "https://api.resend.com"
    mail_timeout_seconds: float = Field(30, gt=0, le=60)

    # Worker
    worker_concurrency: int = Field(10, ge=1, le=1000)
    tick_seconds: float = Field(5, gt=0, le=30)
    details_kept_days: int = Field(365, ge=30, le=3650)

    # Auth
    access_token_ttl_minutes: int = Field(30, ge=1, le=525_600)
    refresh_token_ttl_days: int = Field(30, ge=1, le=3650)
    cookie_domain: Domain | None = None
    cookie_secure: bool = False
    limit_sign_in: Rate = "10/minute"
    limit_sign_in_pair: Rate = "30/hour"
    limit_sign_in_email: Rate = "100/hour"
    limit_invalid_token: Rate = "30/minute"  # noqa: S105 - a rate, not a secret

    @field_validator("cors_origin", "trusted_proxies", mode="before")
    @classmethod
    def _split_commas(cls, value: Any) -> Any:
        return (
            [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value
        )

    @field_validator("rubis_data_dir")
    @classmethod
    def _check_folder(cls, value: Path) -> Path:
        if value.exists() and not value.is_dir():
            message = "should be a folder"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if faults := [*self._mail_faults(), *self._address_faults(), *self._cookie_faults()]:
            raise ValueError("\n".join(faults))
        return self

    def _mail_faults(self) -> Iterator[str]:
        if self.mail_driver == "resend":
            if self.resend_api_key is None:
                yield "RESEND_API_KEY: should be set, since MAIL_DRIVER is resend"
            if not self.resend_url.startswith("https:") and _host(self.resend_url) not in LOCAL_HOSTS:
                yield "RESEND_URL: should begin with https, or the key can be read on its way"
        if self.mail_driver == "smtp":
            if (self.smtp_username is None) != (self.smtp_password is None):
                yield "SMTP_USERNAME: should be set together with SMTP_PASSWORD, or neither"
            elif self.smtp_username and self.smtp_tls == "none" and self.smtp_host not in LOCAL_HOSTS:
                yield "SMTP_TLS: should be starttls or tls, or the password can be read on its way"

    def _address_faults(self) -> Iterator[str]:
        same = _place(self.web_url) == _place(self.public_url)
        if same:
            yield "WEB_URL: should be another address than the API's, APP_URL"
        ports = {
            "PORT": (self.host, self.port),
            "WEB_URL": (self.host, None if same else self.web_port),
            "API_METRICS_PORT": (self.metrics_host, self.api_metrics_port),
            "WORKER_METRICS_PORT": (self.metrics_host, self.worker_metrics_port),
        }
        everywhere = any(host in WILDCARDS for host in (self.host, self.metrics_host))
        taken: dict[tuple[str, int], str] = {}
        for name, (host, port) in ports.items():
            if port:
                first = taken.setdefault(("" if everywhere else host, port), name)
                if first != name:
                    yield f"{name}: should have another port than {first}"

    def _cookie_faults(self) -> Iterator[str]:
        url = urlsplit(self.public_url)
        if self.cookie_domain is not None:
            domain = self.cookie_domain.removeprefix(".").lower()
            if not f".{url.hostname}".endswith(f".{domain}"):
                yield "COOKIE_DOMAIN: should be the host of APP_URL or a domain above it"
        if self.cookie_secure and url.scheme == "http" and url.hostname not in LOCAL_HOSTS:
            yield "COOKIE_SECURE: should be false, since APP_URL is http and no browser would send the cookie"

    @property
    def public_url(self) -> str:
        """The base of the links in mails: APP_URL, or this API's own address."""
        return self.app_url or f"http://localhost:{self.port}"

    @property
    def web_port(self) -> int | None:
        """Where to serve the result pages: the port of WEB_URL, or None if that is another machine's."""
        url = urlsplit(self.web_url)
        return (url.port or 80) if url.scheme == "http" and url.hostname in LOCAL_HOSTS else None

    @property
    def prepare_threshold(self) -> int | None:
        """After how many uses psycopg prepares a statement; None behind pgbouncer in transaction mode."""
        return 5 if self.db_prepared_statements else None

    @property
    def hears_notify(self) -> bool:
        """Whether a session of ours hears NOTIFY; not behind pgbouncer in transaction mode."""
        return self.db_prepared_statements

    @property
    def embedded(self) -> bool:
        """Whether PostgreSQL is our own, started from the wheel: no setting names another."""
        urls = (self.database_url, self.api_database_url, self.worker_database_url)
        return self.pg_host is None and all(url is None for url in urls)

    @property
    def has_administrator(self) -> bool:
        """Whether `rubis migrate` can run here; not where only the API's or the worker's URL is set."""
        return self.embedded or self.database_url is not None or self.pg_host is not None

    @property
    def outbox_dir(self) -> Path:
        """Where the `file` mail driver writes its .eml files."""
        return self.rubis_data_dir / "outbox"

    def owner_conninfo(self) -> str:
        """A libpq connection string for migrations and `rubis psql`: the administrator of the database.

        Raises SettingsError where only the API or the worker has a URL.
        """
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        if self.embedded:
            return conninfo(self.rubis_data_dir)
        if self.pg_host is None:
            raise SettingsError(["DATABASE_URL: should name the database's administrator for this command"])
        return make_conninfo(
            host=self.pg_host,
            port=self.pg_port,
            user=self.pg_user,
            password=self.pg_password.get_secret_value() or None,
            dbname=self.pg_db_name,
        )

    def api_conninfo(self) -> str:
        """As `rubis_api`: API_DATABASE_URL, or the owner's address with the user replaced."""
        return self._role_conninfo(self.api_database_url, "api")

    def worker_conninfo(self) -> str:
        """As `rubis_worker`: WORKER_DATABASE_URL, or the owner's address with the user replaced."""
        return self._role_conninfo(self.worker_database_url, "worker")

    def _role_conninfo(self, url: SecretStr | None, name: str) -> str:
        if url is not None:
            return url.get_secret_value()
        if not self.has_administrator:
            raise SettingsError([f"{name.upper()}_DATABASE_URL: should be set for this command"])
        return make_conninfo(self.owner_conninfo(), user=f"rubis_{name}")


def read_settings() -> Settings:
    """The settings from the environment and `.env`. Raises SettingsError, which quotes no value."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(list(_faults(error))) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f".env: should be a readable file in UTF-8 ({type(error).__name__})"]) from None


def _faults(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        words = problem["msg"].removeprefix("Value error, ")
        if problem["loc"]:
            name = str(problem["loc"][0]).upper()
            yield f"{name}: {words[0].lower()}{words[1:]}"
        else:
            yield from words.splitlines()


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _place(url: str) -> tuple[str, int | None, str]:
    """What a URL leads to, the same for all names of this machine."""
    parts = urlsplit(url)
    host = "localhost" if parts.hostname in LOCAL_HOSTS else str(parts.hostname)
    return host, parts.port or {"http": 80, "https": 443}[parts.scheme], parts.path
