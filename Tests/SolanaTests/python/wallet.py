"""A payer's wallet: signs a transaction that somebody else made, sends it, and reads what landed.

wallet.py RPC SEED TRANSACTION REFERENCE MINT - prints one line of JSON: the id, and what each owner gained of the mint.
"""
import asyncio
import base64
import json
import sys
import urllib.request

from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Confirmed
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction


async def main(rpc, seed, encoded, reference, mint):
    key = Keypair.from_seed(bytes.fromhex(seed))
    made = VersionedTransaction.from_bytes(base64.b64decode(encoded))
    assert made.message.account_keys[0] == key.pubkey(), "the payer pays the fee"
    assert made.message.header.num_required_signatures == 1, "nobody else signs"
    signed = VersionedTransaction(made.message, [key])
    async with AsyncClient(rpc, commitment=Confirmed) as client:
        sent = await client.send_raw_transaction(bytes(signed))
        tick = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "test_tick", "params": [40]}).encode()
        urllib.request.urlopen(urllib.request.Request(rpc, tick, {"Content-Type": "application/json"})).read()
        named = await client.get_signatures_for_address(Pubkey.from_string(reference))
        assert [entry.signature for entry in named.value] == [sent.value], "the reference finds it"
        landed = await client.get_transaction(sent.value, encoding="base64", max_supported_transaction_version=0)
        meta = landed.value.transaction.meta
        assert meta.err is None
    gained = {}
    for balances, sign in [(meta.pre_token_balances, -1), (meta.post_token_balances, 1)]:
        for entry in balances:
            if str(entry.mint) == mint:
                owner = str(entry.owner)
                gained[owner] = gained.get(owner, 0) + sign * int(entry.ui_token_amount.amount)
    print(json.dumps({"id": str(sent.value), "gained": gained}))


asyncio.run(main(*sys.argv[1:]))
