"""The published examples and the pinned operations of the protocol."""

import json
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent.parent.parent / "Fixtures/dfos"


def read(name):
    return json.loads((FOLDER / name).read_text())
