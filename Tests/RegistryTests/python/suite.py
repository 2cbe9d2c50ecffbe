"""Runs the checks against a relay: `suite.py BASE_URL [--only WORD] [--modules a,b] [--other BASE_URL]`. Prints a line
of JSON: how many checks passed, which failed and how, which do not apply, and all by name.

`conformance.json` says which checks stand for each of the protocol's own conformance tests (DFOS 0.28.1)."""

import importlib
import json
import sys
import traceback

import relay as register

MODULES = [
    "checks_identity", "checks_content", "checks_statements", "checks_logs", "checks_blobs", "checks_credentials",
    "checks_index", "checks_revocations", "checks_signing", "checks_switched_off",
]


def main(arguments):
    base, only, modules, other = arguments[0], None, MODULES, None
    for index, argument in enumerate(arguments):
        if argument == "--only":
            only = arguments[index + 1]
        if argument == "--modules":
            modules = arguments[index + 1].split(",")
        if argument == "--other":
            other = arguments[index + 1]
    for module in modules:
        importlib.import_module(module)
    target, report = register.Relay(base), {"passed": 0, "failed": [], "skipped": [], "names": []}
    target.other = register.Relay(other) if other else None
    for sentence, function in register.CHECKS:
        if only and only not in sentence and only != function.__name__:
            continue
        report["names"].append(f"{function.__module__.removeprefix('checks_')}.{function.__name__}")
        try:
            function(target)
            report["passed"] += 1
        except register.Skip as skip:
            report["skipped"].append(f"{sentence} ({skip})")
        except Exception:
            report["failed"].append({"check": sentence, "why": traceback.format_exc(limit=-3)})
    print(json.dumps(report))
    return 1 if report["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
