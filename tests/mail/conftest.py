"""The mail tests' fixtures."""

from tests.mail.mail_peers import localhost_tls  # noqa: F401 - a fixture
from tests.web.conftest import browser, screenshots  # noqa: F401 - fixtures
