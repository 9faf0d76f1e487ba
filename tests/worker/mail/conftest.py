"""The mail tests' fixtures."""

from tests.worker.mail.mail_peers import localhost_tls  # noqa: F401 - a fixture
