"""Signs each line of a file as Stripe's own library does, and prints the headers: sign.py FILE SECRET TIME"""

import sys

from stripe import WebhookSignature

path, secret, time = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open(path, encoding="utf-8", newline="\n") as file:
    for payload in file.read().split("\n"):
        print(WebhookSignature.generate_signature_header(payload, secret, timestamp=time))
