"""The contract as a file: `python -m grader_api.contract` prints api/openapi.json."""

from __future__ import annotations

import json
import sys

from grader.bank.library import Library
from grader.encoders.hashing import HashingEncoder
from grader.grading import Grader
from grader_api.app import create_app
from grader_api.settings import ServiceSettings


def contract() -> str:
    """The OpenAPI document, as it is committed."""
    app = create_app(ServiceSettings(), Grader(Library([]), HashingEncoder()))
    return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(contract())
