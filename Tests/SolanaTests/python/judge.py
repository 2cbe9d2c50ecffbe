"""Reads transactions, one in base64 a line, with solders. Prints a line for each: `ok` and its id, or `no`."""
import base64
import sys

from solders.transaction import VersionedTransaction

for line in sys.stdin if len(sys.argv) < 2 else open(sys.argv[1]):
    raw = base64.b64decode(line)
    try:
        transaction = VersionedTransaction.from_bytes(raw)
        transaction.sanitize()
        is_same = bytes(transaction) == raw
    except BaseException:
        is_same = False
    print(f"ok {transaction.signatures[0]}" if is_same else "no")
