"""Runs the checks against a relay: `suite.py BASE_URL [--only WORD] [--modules a,b]`. Prints a line of JSON: how many
checks passed, which failed and how, which do not apply."""

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
    base, only, modules = arguments[0], None, MODULES
    for index, argument in enumerate(arguments):
        if argument == "--only":
            only = arguments[index + 1]
        if argument == "--modules":
            modules = arguments[index + 1].split(",")
    for module in modules:
        importlib.import_module(module)
    target, report = register.Relay(base), {"passed": 0, "failed": [], "skipped": []}
    for sentence, function in register.CHECKS:
        if only and only not in sentence and only != function.__name__:
            continue
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
