"""The JSON-RPC methods that the tests use, and those that move the chain along (`test_…`)."""
import base64
import struct

from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

import chain as chains
from chain import CONFIRMED, FINALIZED, PROCESSED, Landed

LEVELS = {"processed": PROCESSED, "confirmed": CONFIRMED, "finalized": FINALIZED}
NAMES = ["processed", "confirmed", "finalized"]
TRANSACTION_BYTES_MAX = 1232


class RPCError(Exception):
    def __init__(self, code, message, data=None):
        super().__init__(message)
        self.code, self.message, self.data = code, message, data


def option(params, position):
    return params[position] if len(params) > position and isinstance(params[position], dict) else {}


def read_transaction(text, encoding):
    if encoding != "base64":
        raise RPCError(-32602, f"unsupported encoding: {encoding}")
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raise RPCError(-32602, "invalid base64 encoding") from None
    if len(raw) > TRANSACTION_BYTES_MAX:
        raise RPCError(-32602, f"decoded transaction too large: {len(raw)} bytes (max: 1232 bytes)")
    try:
        transaction = VersionedTransaction.from_bytes(raw)
        transaction.sanitize()
    except Exception as error:
        raise RPCError(-32602, f"failed to deserialize transaction: {error}") from None
    if bytes(transaction) != raw:
        raise RPCError(-32602, "failed to deserialize transaction: trailing bytes")
    return transaction


def is_signed(transaction):
    try:
        return all(transaction.verify_with_results())
    except Exception:
        return False


class Methods:
    def __init__(self, chain):
        self.chain = chain

    def level(self, options, default="finalized"):
        name = options.get("commitment") or default
        if name not in LEVELS:
            raise RPCError(-32602, f"unknown commitment {name}")
        level = LEVELS[name]
        wanted = options.get("minContextSlot")
        if wanted is not None and self.chain.slot_at(level) < wanted:
            data = {"contextSlot": self.chain.slot_at(level)}
            raise RPCError(-32016, "Minimum context slot has not been reached", data)
        return level

    def wrap(self, level, value):
        return {"context": {"apiVersion": "3.0.0", "slot": self.chain.slot_at(level)}, "value": value}

    # Reading

    def getHealth(self, params):
        fault = self.chain.take("behind")
        if fault:
            slots = fault.get("slots", 42)
            raise RPCError(-32005, f"Node is behind by {slots} slots", {"numSlotsBehind": slots})
        return "ok"

    def getSlot(self, params):
        return self.chain.slot_at(self.level(option(params, 0)))

    def getBlockHeight(self, params):
        return self.chain.heights[self.chain.slot_at(self.level(option(params, 0)))]

    def getEpochInfo(self, params):
        slot = self.chain.slot_at(self.level(option(params, 0)))
        return {"absoluteSlot": slot, "blockHeight": self.chain.heights[slot]}

    def getLatestBlockhash(self, params):
        level = self.level(option(params, 0))
        height, blockhash = self.chain.latest_hash(level)
        return self.wrap(level, {"blockhash": str(blockhash), "lastValidBlockHeight": height + chains.WINDOW})

    def getMinimumBalanceForRentExemption(self, params):
        return self.chain.svm.minimum_balance_for_rent_exemption(params[0])

    def getGenesisHash(self, params):
        return str(Pubkey.from_bytes(b"local chain of the mjn test suite"[:32]))

    def account_json(self, account):
        if account is None:
            return None
        return {
            "data": [base64.b64encode(bytes(account.data)).decode(), "base64"], "executable": account.executable,
            "lamports": account.lamports, "owner": str(account.owner), "rentEpoch": account.rent_epoch,
            "space": len(account.data)}

    def getAccountInfo(self, params):
        level = self.level(option(params, 1))
        return self.wrap(level, self.account_json(self.chain.account(Pubkey.from_string(params[0]), level)))

    def getMultipleAccounts(self, params):
        level = self.level(option(params, 1))
        if len(params[0]) > 100:
            raise RPCError(-32602, "Too many inputs provided; max 100")
        accounts = [self.chain.account(Pubkey.from_string(text), level) for text in params[0]]
        return self.wrap(level, [self.account_json(account) for account in accounts])

    def getBalance(self, params):
        level = self.level(option(params, 1))
        account = self.chain.account(Pubkey.from_string(params[0]), level)
        return self.wrap(level, account.lamports if account else 0)

    def getFirstAvailableBlock(self, params):
        return self.chain.first_slot

    def getSignatureStatuses(self, params):
        if len(params[0]) > 256:
            raise RPCError(-32602, "Too many inputs provided; max 256")
        searches = option(params, 1).get("searchTransactionHistory", False)
        return self.wrap(PROCESSED, [self.status(Signature.from_string(text), searches) for text in params[0]])

    def status(self, signature, searches):
        chain = self.chain
        entry = chain.landed.get(signature)
        if entry is None or not chain.first_slot <= entry.slot <= chain.slot_at(PROCESSED):
            return None
        if not searches and chain.slot - entry.slot > chains.STATUS_CACHE_SLOTS:
            return None
        level = chain.commitment_of(entry)
        return {
            "slot": entry.slot, "confirmations": None if level == FINALIZED else chain.slot - entry.slot,
            "err": entry.error, "confirmationStatus": NAMES[level]}

    def getSignaturesForAddress(self, params):
        options = option(params, 1)
        level = self.level(options)
        limit = options.get("limit") or 1000
        if level == PROCESSED or not 1 <= limit <= 1000:
            raise RPCError(-32602, "Invalid commitment or limit")
        landed, at = self.chain.landed, self.chain.slot_at(level)
        found = [s for s in reversed(self.chain.index.get(Pubkey.from_string(params[0]), [])) if s in landed]
        found = [s for s in found if landed[s].slot <= at]
        if options.get("before"):
            before = Signature.from_string(options["before"])
            found = found[found.index(before) + 1:] if before in found else []
        if options.get("until"):
            until = Signature.from_string(options["until"])
            found = found[:found.index(until)] if until in found else found
        return [{
            "signature": str(s), "slot": landed[s].slot, "err": landed[s].error, "memo": None,
            "blockTime": self.chain.time(landed[s].slot),
            "confirmationStatus": NAMES[self.chain.commitment_of(landed[s])]} for s in found[:limit]]

    def getTransaction(self, params):
        options = option(params, 1)
        level = self.level(options)
        entry = self.chain.landed.get(Signature.from_string(params[0]))
        if entry is None or entry.meta is None or not self.chain.first_slot <= entry.slot <= self.chain.slot_at(level):
            return None
        raw = base64.b64encode(bytes(entry.transaction)).decode()
        version = 0 if hasattr(entry.transaction.message, "address_table_lookups") else "legacy"
        return {
            "slot": entry.slot, "blockTime": self.chain.time(entry.slot), "transaction": [raw, "base64"],
            "meta": entry.meta, "version": version}

    # Sending

    def sendTransaction(self, params):
        chain, options = self.chain, option(params, 1)
        transaction = read_transaction(params[0], options.get("encoding"))
        signature = transaction.signatures[0]
        chain.sends += 1
        if not options.get("skipPreflight", False):
            self.preflight(transaction, options)
        if chain.take("drop"):
            return str(signature)
        # What is in a block already stays there.
        if signature not in chain.landed and chain.take("ghost"):
            chain.landed[signature] = Landed(transaction, chain.slot, None, None, [], is_ghost=True)
            return str(signature)
        queued = any(other.signatures[0] == signature for _, other in chain.queue)
        if is_signed(transaction) and signature not in chain.landed and not queued:
            fault = chain.take("delay")
            chain.queue.append((chain.slot + (fault["slots"] if fault else 1), transaction))
        return str(signature)

    def simulateTransaction(self, params):
        options = option(params, 1)
        transaction = read_transaction(params[0], options.get("encoding"))
        level = self.level(options)
        if options.get("sigVerify") and not is_signed(transaction):
            raise RPCError(-32003, "Transaction signature verification failure")
        error, logs, units = self.chain.simulate(transaction, level)
        return self.wrap(level, {"err": error, "logs": logs, "unitsConsumed": units})

    def preflight(self, transaction, options):
        if not is_signed(transaction):
            raise RPCError(-32003, "Transaction signature verification failure")
        self.getHealth([])
        level = self.level({"commitment": options.get("preflightCommitment")})
        if self.chain.take("blockhashNotFound"):
            error, logs, units = "BlockhashNotFound", [], 0
        else:
            error, logs, units = self.chain.simulate(transaction, level)
        if error is not None:
            data = {"err": error, "logs": logs, "unitsConsumed": units}
            raise RPCError(-32002, "Transaction simulation failed", data)

    # What only tests can do

    def test_tick(self, params):
        self.chain.tick(params[0])
        return {"slot": self.chain.slot, "height": self.chain.height}

    def test_fault(self, params):
        self.chain.faults[params[0]] = dict(option(params, 1))
        return True

    def test_clear(self, params):
        self.chain.faults.clear()
        return True

    def test_forget(self, params):
        """Loses the history before the newest slot."""
        self.chain.first_slot = self.chain.slot
        return True

    def test_state(self, params):
        return {"slot": self.chain.slot, "height": self.chain.height, "queued": len(self.chain.queue),
                "sends": self.chain.sends}

    def test_airdrop(self, params):
        key = Pubkey.from_string(params[0])
        held = self.chain.svm.get_account(key)
        self.chain.set_account(key, b"", chains.SYSTEM, (held.lamports if held else 0) + params[1])
        return True

    def test_setAccount(self, params):
        """Address, base64 of the data, owner."""
        key, owner = Pubkey.from_string(params[0]), Pubkey.from_string(params[2])
        self.chain.set_account(key, base64.b64decode(params[1]), owner)
        return True

    def test_createMint(self, params):
        """Address, decimals, authority, program."""
        key, authority, program = (Pubkey.from_string(params[i]) for i in (0, 2, 3))
        tagged = struct.pack("<I", 1) + bytes(authority)
        self.chain.set_account(key, tagged + bytes(8) + bytes([params[1], 1]) + tagged, program)
        return True

    def test_fund(self, params):
        """Owner, mint, amount: sets what the owner's token account holds, and makes it where it is missing."""
        owner, mint = Pubkey.from_string(params[0]), Pubkey.from_string(params[1])
        program = self.chain.svm.get_account(mint).owner
        account = chains.associated_account(owner, mint, program)
        # An account of wrapped SOL holds what it has, beside its rent.
        is_native = mint == chains.NATIVE_MINT
        rent = self.chain.svm.minimum_balance_for_rent_exemption(165)
        native = struct.pack("<IQ", 1, rent) if is_native else bytes(12)
        data = bytes(mint) + bytes(owner) + struct.pack("<Q", params[2]) + bytes(36) + b"\1" + native + bytes(44)
        if program == chains.TOKEN_2022:
            data += b"\2" + struct.pack("<HH", 7, 0)
        self.chain.set_account(account, data, program, rent + params[2] if is_native else None)
        return str(account)

    def test_freeze(self, params):
        """Token account, whether it is frozen."""
        key = Pubkey.from_string(params[0])
        account = self.chain.svm.get_account(key)
        data = bytearray(account.data)
        data[108] = 2 if params[1] else 1
        self.chain.set_account(key, bytes(data), account.owner, account.lamports)
        return True
