"""Settings, read from the environment and from `.env`; the names are documented in `.env.example`."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from psycopg.conninfo import make_conninfo
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.core.address import conninfo

MailDriver = Literal["file", "smtp", "resend"]
SmtpTls = Literal["none", "starttls", "tls"]

_LOCAL = ("localhost", "127.0.0.1", "::1")


class Settings(BaseSettings):
    """Every setting of every process. A bad value raises pydantic's ValidationError naming it."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    # HTTP
    host: str = "127.0.0.1"
    port: int = Field(3333, ge=0, le=65535)
    app_url: str = ""
    web_url: str = "http://localhost:5173"
    cors_origin: Annotated[list[str], NoDecode] = []
    trusted_proxies: Annotated[list[str], NoDecode] = []
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    # Metrics
    metrics_host: str = "127.0.0.1"
    api_metrics_port: int | None = Field(None, ge=1, le=65535)
    worker_metrics_port: int | None = Field(None, ge=1, le=65535)

    # Database
    database_url: SecretStr | None = None
    api_database_url: SecretStr | None = None
    worker_database_url: SecretStr | None = None
    pg_host: str | None = None
    pg_port: int = 5432
    pg_user: str = "rubis"
    pg_password: SecretStr = SecretStr("")
    pg_db_name: str = "rubis"
    rubis_data_dir: Path = Path("var")
    db_pool_size: int = Field(16, ge=1)
    db_prepared_statements: bool = True

    # Mail
    mail_driver: MailDriver = "file"
    mail_from_address: str = "relances@rubis-sur-l-ongle.fr"
    mail_from_name: str = "Rubis Sur l'Ongle"
    smtp_host: str = "localhost"
    smtp_port: int = 1025
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: SmtpTls = "none"
    resend_api_key: SecretStr | None = None
    resend_url: str = "https://api.resend.com"
    mail_timeout_seconds: float = Field(30, gt=0, le=60)

    # Worker
    worker_concurrency: int = Field(10, ge=1)
    tick_seconds: float = Field(5, gt=0)

    # Auth
    access_token_ttl_minutes: int = Field(30, ge=1)
    refresh_token_ttl_days: int = Field(30, ge=1)
    cookie_domain: str | None = None
    cookie_secure: bool = False
    limit_sign_in: str = "10/minute"
    limit_invalid_token: str = "30/minute"  # noqa: S105 - a rate, not a secret

    @field_validator("cors_origin", "trusted_proxies", mode="before")
    @classmethod
    def _split_commas(cls, value: Any) -> Any:
        return (
            [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value
        )

    @field_validator("app_url", "web_url", "resend_url")
    @classmethod
    def _drop_trailing_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @cached_property
    def public_url(self) -> str:
        """The base of the links in mails: APP_URL, or this API's own address."""
        return self.app_url or f"http://localhost:{self.port}"

    @property
    def web_port(self) -> int | None:
        """Where to serve the result pages: the port of WEB_URL, or None if that is another machine's."""
        url = urlsplit(self.web_url)
        return (url.port or 80) if url.scheme == "http" and url.hostname in _LOCAL else None

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
        """Whether PostgreSQL is our own, started from the wheel: neither DATABASE_URL nor PG_HOST is set."""
        return self.database_url is None and self.pg_host is None

    @property
    def outbox_dir(self) -> Path:
        """Where the `file` mail driver writes its .eml files."""
        return self.rubis_data_dir / "outbox"

    def owner_conninfo(self) -> str:
        """A libpq connection string for migrations and `rubis psql`: the administrator of the database."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        if self.pg_host is None:
            return conninfo(self.rubis_data_dir)
        return make_conninfo(
            host=self.pg_host,
            port=self.pg_port,
            user=self.pg_user,
            password=self.pg_password.get_secret_value() or None,
            dbname=self.pg_db_name,
        )

    def api_conninfo(self) -> str:
        """As `rubis_api`: API_DATABASE_URL, or the owner's address with the user replaced."""
        return self._role_conninfo(self.api_database_url, "rubis_api")

    def worker_conninfo(self) -> str:
        """As `rubis_worker`: WORKER_DATABASE_URL, or the owner's address with the user replaced."""
        return self._role_conninfo(self.worker_database_url, "rubis_worker")

    def _role_conninfo(self, url: SecretStr | None, role: str) -> str:
        if url is not None:
            return url.get_secret_value()
        return make_conninfo(self.owner_conninfo(), user=role)
