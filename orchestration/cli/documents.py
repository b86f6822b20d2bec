"""Documents given to a command: the text of a file or of standard input as JSON values.

Belongs here: reading text as JSON without losing anything. Does not: what a document must hold (kernels).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from orchestration.cli.output import refuse
from transforms.kernels.document_fields import members

INTEGER_DIGITS = 18  # longer whole numbers mean nothing in any field; as floats they are refused like other numbers


def read_documents(file: Path) -> Any:
    """The JSON value in a file, `-` meaning standard input; bad input (exit status 2) when there is none."""
    name = "standard input" if str(file) == "-" else str(file)
    content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    try:
        return load_documents(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        refuse(f"{name} is not UTF-8 text: {error.reason} at byte {error.start}")
    except json.JSONDecodeError as error:
        refuse(f"{name} is not JSON: {error.msg} in line {error.lineno}, column {error.colno}")
    except RecursionError:
        refuse(f"{name} is nested too deeply")


def load_documents(text: str) -> Any:
    """JSON text as values. NaN, Infinity and long numbers stay numbers, and a member named twice is marked, so that
    whoever reads the values can refuse them by the name of their field."""
    return json.loads(text, object_pairs_hook=members, parse_int=_integer)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= INTEGER_DIGITS else float(digits)
