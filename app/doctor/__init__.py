"""`rubis doctor`: look at each part of an installation and say what to do about what is wrong."""

from collections.abc import Iterator

from app.core.settings import Settings, SettingsError, read_settings
from app.doctor.database import look_at_database
from app.doctor.findings import Finding
from app.doctor.machine import look_at_machine, look_at_ports
from app.doctor.mail import look_at_mail
from app.doctor.sender import look_at_sender


def examine() -> list[Finding]:
    """Every finding; those that others depend on come first. A check that raises is a finding too."""
    try:
        settings = read_settings()
    except SettingsError as error:
        return [
            Finding("Settings", "bad", fault, "Correct it in the environment or in .env")
            for fault in error.faults
        ]
    return list(_all(settings))


def _all(settings: Settings) -> Iterator[Finding]:
    yield Finding("Settings", "ok", f"{len(Settings.model_fields)} can be used")
    yield from look_at_machine(settings)
    yield from look_at_database(settings)
    yield look_at_mail(settings)
    if settings.mail_driver != "file":
        yield from look_at_sender(settings)
    yield from look_at_ports(settings)
