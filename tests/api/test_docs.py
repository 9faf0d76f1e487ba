"""The page /docs stands on the origin of the refresh cookie: it loads and runs files of this server only."""

import re
from urllib.parse import urljoin, urlsplit

import pytest

from tests.api.support import Api


def directives(policy: str) -> dict[str, str]:
    """Read a Content-Security-Policy."""
    named = (directive.strip().partition(" ") for directive in policy.split(";"))
    return {name: sources for name, _, sources in named}


def test_the_server_has_every_file_that_docs_names(api: Api) -> None:
    """Each address in the page is on this server and answers with a file that is not empty."""
    client = api.client()
    page = client.get("/docs")
    assert page.status_code == 200
    named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(named) == 4
    for address in named:
        url = urljoin(str(page.url), address)
        assert urlsplit(url).netloc == urlsplit(api.url).netloc
        answer = client.get(url)
        assert answer.status_code == 200, address
        assert answer.content
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_docs_has_no_script_of_its_own(api: Api) -> None:
    """Each script element is empty and names a file; no attribute holds a script or a style."""
    page = api.client().get("/docs").text
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL)
    assert scripts
    assert all("src=" in attributes and not body for attributes, body in scripts)
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)


def test_docs_has_a_policy_that_lets_only_this_servers_files_run(api: Api) -> None:
    """No inline script, no eval, no other host; `data:` is for images alone."""
    answer = api.client().get("/docs")
    assert directives(answer.headers["content-security-policy"]) == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize("path", ["/redoc", "/docs/oauth2-redirect"])
def test_fastapis_other_pages_are_not_served(api: Api, path: str) -> None:
    """They hold inline scripts, and /redoc loads one from another host."""
    assert api.client().get(path).status_code == 404
