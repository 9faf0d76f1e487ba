"""What schemathesis is told of this API beyond its document; loaded by schemathesis itself."""

import re
from typing import Any

import schemathesis
from schemathesis.generation import GenerationMode

BEYOND_SCHEMA = re.compile(r"(.*\.|)(email|client_email|password|opening|request)")
"""Whether an address can exist, a password is good enough, a wording has known fields: this is more than a
JSON schema can say."""

WHOLE = " must be a whole number"
"""To a JSON schema 1.0 is an integer; the API wants it written as one."""


@schemathesis.check
def what_the_document_allows_is_allowed(
    _context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """A request that fits the document may meet a rule of the business (422, its reason), never one of form.

    In the place of schemathesis' own positive_data_acceptance, which takes every 422 for a fault.
    """
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    if response.status_code != 422 or response.json()["reason"] != "request__invalid":
        return
    faults = [
        error
        for error in response.json()["errors"]
        if not BEYOND_SCHEMA.fullmatch(error["field"]) and not error["message"].endswith(WHOLE)
    ]
    if faults:
        raise AssertionError(f"the document allows what the API refuses: {faults}")
