"""Runs the checks against a relay: `suite.py BASE_URL [--only WORD] [--modules a,b] [--other BASE_URL]`. Prints a line of JSON: how many
checks passed, which failed and how, which do not apply. A run of everything also holds `conformance.json` to its word:
each test of the protocol's own suite is covered by checks that exist and ran."""

import collections
import importlib
import json
import pathlib
import sys
import traceback

import relay as register

MODULES = [
    "checks_identity", "checks_content", "checks_statements", "checks_logs", "checks_blobs", "checks_credentials",
    "checks_index", "checks_revocations", "checks_signing", "checks_parity", "checks_switched_off",
]
CONFORMANCE = pathlib.Path(__file__).with_name("conformance.json")


def uncovered(ran):
    """What `conformance.json` says that is not so, given the names of the checks that ran."""
    covering = json.loads(CONFORMANCE.read_text())
    known = collections.Counter(sentence for sentence, _ in register.CHECKS)
    for sentence, count in known.items():
        if count > 1:
            yield sentence, f"{count} checks have this name"
    for test, sentences in covering.items():
        if test == "suite":
            continue
        if not sentences:
            yield test, "no check covers it"
        for sentence in sentences:
            if sentence not in known:
                yield test, f"no check has the name: {sentence}"
            elif sentence not in ran:
                yield test, f"the check did not run: {sentence}"


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
    target, report, ran = register.Relay(base), {"passed": 0, "failed": [], "skipped": []}, set()
    target.other = register.Relay(other) if other else None
    for sentence, function in register.CHECKS:
        if only and only not in sentence and only != function.__name__:
            continue
        try:
            function(target)
            report["passed"] += 1
            ran.add(sentence)
        except register.Skip as skip:
            report["skipped"].append(f"{sentence} ({skip})")
        except Exception:
            report["failed"].append({"check": sentence, "why": traceback.format_exc(limit=-3)})
            ran.add(sentence)
    if modules is MODULES and not only:
        for name, why in uncovered(ran):
            report["failed"].append({"check": f"conformance.json: {name}", "why": why})
    print(json.dumps(report))
    return 1 if report["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
