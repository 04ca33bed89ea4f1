"""Run as a script: one call of vl-convert, told as JSON and answered in bytes."""

import json
import sys

import vl_convert


def main() -> None:
    """Read the call and its arguments, and write what it returns."""
    call, arguments = json.load(sys.stdin)
    made = getattr(vl_convert, call)(**arguments)
    sys.stdout.buffer.write(made.encode() if isinstance(made, str) else made)


if __name__ == "__main__":
    main()
