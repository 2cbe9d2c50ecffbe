"""A chain of one node: LiteSVM runs the real programs; slots, block heights, expiry, commitments, history and faults
are added here, because LiteSVM has none of them."""
import hashlib
import struct
from dataclasses import dataclass, field

from solders.account import Account
from solders.clock import Clock
from solders.hash import Hash
from solders.litesvm import LiteSVM
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.transaction_metadata import FailedTransactionMetadata

from failures import failure_json

SYSTEM = Pubkey.from_string("11111111111111111111111111111111")
TOKEN = Pubkey.from_string("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
NATIVE_MINT = Pubkey.from_string("So11111111111111111111111111111111111111112")
TOKEN_2022 = Pubkey.from_string("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb")
ASSOCIATED = Pubkey.from_string("ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL")
ADVANCE_NONCE = (4).to_bytes(4, "little")

PROCESSED, CONFIRMED, FINALIZED = 0, 1, 2
# How many slots behind the newest each commitment is. Real clusters: about 1-2 and 32.
LAGS = (0, 2, 32)
# How many blocks a blockhash lives.
WINDOW = 150
# Every so many slots there is no block, so that slots and heights differ.
SKIP_EVERY = 20
# After so many slots a status is found in the history only.
STATUS_CACHE_SLOTS = 300
GENESIS_TIME = 1_700_000_000


@dataclass
class Landed:
    """A transaction in a block."""

    transaction: object
    slot: int
    error: object
    meta: dict
    keys: list
    is_ghost: bool = False


@dataclass
class Chain:
    """State; everything is called with the server's lock held."""

    slot: int = 1000
    height: int = 700
    hashes: dict = field(default_factory=dict)
    heights: dict = field(default_factory=dict)
    versions: dict = field(default_factory=dict)
    landed: dict = field(default_factory=dict)
    index: dict = field(default_factory=dict)
    queue: list = field(default_factory=list)
    faults: dict = field(default_factory=dict)
    sends: int = 0
    first_slot: int = 0
    genesis_time: int = GENESIS_TIME

    def __post_init__(self):
        self.svm = LiteSVM().with_transaction_history(1_000_000).with_blockhash_check(False).with_log_bytes_limit(None)
        # The mint of wrapped SOL stands on every cluster: no authorities, nine decimals.
        self.set_account(NATIVE_MINT, bytes(44) + b"\x09\x01" + bytes(36), TOKEN)
        for _ in range(LAGS[FINALIZED] + 5):
            self.advance()

    # Time

    def advance(self):
        """The next slot; most have a block."""
        self.slot += 1
        if self.slot % SKIP_EVERY:
            self.height += 1
            self.svm.expire_blockhash()
            self.hashes[self.svm.latest_blockhash()] = (self.height, self.slot)
        self.heights[self.slot] = self.height
        # What the lookup table program takes a recent slot from; a cluster keeps 512 of them.
        recent = range(self.slot - 1, max(1000, self.slot - 64), -1)
        self.svm.set_slot_hashes([(slot, Hash.default()) for slot in recent])
        clock = self.svm.get_clock()
        self.svm.set_clock(Clock(
            self.slot, clock.epoch_start_timestamp, clock.epoch, clock.leader_schedule_epoch, self.time(self.slot)))

    def tick(self, slots):
        """Lets slots pass, and lands what is queued."""
        for _ in range(slots):
            self.advance()
            due = [tx for slot, tx in self.queue if slot <= self.slot]
            self.queue = [(slot, tx) for slot, tx in self.queue if slot > self.slot]
            for transaction in due:
                self.land(transaction)
            forked = [s for s, e in self.landed.items() if e.is_ghost and self.slot - e.slot >= LAGS[CONFIRMED]]
            for signature in forked:
                del self.landed[signature]

    def time(self, slot):
        return self.genesis_time + (slot - 1000) * 2 // 5

    def slot_at(self, commitment):
        stale = self.faults.get("stale", {}).get("slots", 0)
        return max(1001, self.slot - LAGS[commitment] - stale)

    def commitment_of(self, entry):
        if entry.is_ghost:
            return PROCESSED
        age = self.slot - entry.slot
        return max(level for level in (PROCESSED, CONFIRMED, FINALIZED) if age >= LAGS[level])

    def latest_hash(self, commitment):
        """The newest blockhash and the height of its block."""
        at = self.slot_at(commitment)
        return max(((h, b) for b, (h, slot) in self.hashes.items() if slot <= at), key=lambda entry: entry[0])

    # Accounts, as of a commitment

    def account(self, key, commitment=PROCESSED):
        versions = self.versions.get(key)
        if versions is None:
            return self.svm.get_account(key)
        at = self.slot_at(commitment)
        return next((account for slot, account in reversed(versions) if slot <= at), None)

    def remember(self, keys):
        """Keeps what stands there before it changes."""
        for key in keys:
            self.versions.setdefault(key, [(0, self.svm.get_account(key))])

    def note(self, keys):
        for key in keys:
            account = self.svm.get_account(key)
            self.versions[key].append((self.slot, account if account and account.lamports else None))

    def set_account(self, key, data, owner, lamports=None):
        """Puts an account there, now and for every commitment."""
        lamports = lamports or self.svm.minimum_balance_for_rent_exemption(len(data))
        self.svm.set_account(key, Account(lamports, bytes(data), owner, False, 2**64 - 1))
        self.versions[key] = [(0, self.svm.get_account(key))]

    # Transactions

    def accounts_of(self, transaction):
        """Static accounts, then those that tables give: writable, read-only. LookupError where a table does not."""
        message = transaction.message
        writable, read_only = [], []
        for lookup in message.address_table_lookups if isinstance(message, MessageV0) else []:
            table = self.svm.get_account(lookup.account_key)
            if table is None:
                raise LookupError("AddressLookupTableNotFound")
            entries = [Pubkey(table.data[at:at + 32]) for at in range(56, len(table.data), 32)]
            try:
                writable += [entries[i] for i in lookup.writable_indexes]
                read_only += [entries[i] for i in lookup.readonly_indexes]
            except IndexError:
                raise LookupError("InvalidAddressLookupTableIndex") from None
        return list(message.account_keys), writable, read_only

    def nonce_of(self, transaction):
        """The nonce account of a transaction that advances one, and whether its value is the transaction's."""
        message = transaction.message
        if not message.instructions:
            return None
        first, keys = message.instructions[0], message.account_keys
        if keys[first.program_id_index] != SYSTEM or bytes(first.data)[:4] != ADVANCE_NONCE:
            return None
        key = keys[first.accounts[0]]
        account = self.svm.get_account(key)
        if account is None or len(account.data) != 80:
            return key, False
        return key, account.data[40:72] == bytes(message.recent_blockhash)

    def check(self, transaction, commitment=None):
        """Why it cannot be in a block: in the next one, however stale answers are, or as of a commitment; None: it can.
        Its age is judged first, as validators do."""
        known = self.hashes.get(transaction.message.recent_blockhash)
        height = self.height if commitment is None else self.heights[self.slot_at(commitment)]
        in_window = known is not None and known[0] <= height <= known[0] + WINDOW
        nonce = None if in_window else self.nonce_of(transaction)
        if not in_window and not (nonce and nonce[1]):
            return "BlockhashNotFound"
        if transaction.signatures[0] in self.landed:
            return "AlreadyProcessed"
        try:
            self.accounts_of(transaction)
        except LookupError as error:
            return str(error)
        return None

    def simulate(self, transaction, commitment):
        """What it would come to: an error as JSON or None, logs, units."""
        refusal = self.check(transaction, commitment)
        if refusal:
            return refusal, [], 0
        result = self.svm.simulate_transaction(transaction)
        meta = result.meta()
        error = failure_json(result.err()) if isinstance(result, FailedTransactionMetadata) else None
        return error, meta.logs(), meta.compute_units_consumed()

    def land(self, transaction):
        """Puts it in the newest block, if it may be there."""
        if self.check(transaction):
            return
        static, writable, read_only = self.accounts_of(transaction)
        keys = static + writable + read_only
        self.remember(keys)
        before = [self.svm.get_account(key) for key in keys]
        nonce = self.nonce_of(transaction)
        result = self.svm.send_transaction(transaction)
        failed = isinstance(result, FailedTransactionMetadata)
        error = failure_json(result.err()) if failed else None
        if failed and not isinstance(error, dict):
            return
        if failed and nonce and nonce[1]:
            self.advance_nonce(nonce[0])
        self.note(keys)
        after = [self.svm.get_account(key) for key in keys]
        meta = result.meta() if failed else result
        record = {
            "err": error, "status": {"Err": error} if failed else {"Ok": None}, "fee": meta.fee(), "computeUnitsConsumed": meta.compute_units_consumed(),
            "preBalances": [a.lamports if a else 0 for a in before],
            "postBalances": [a.lamports if a else 0 for a in after],
            "preTokenBalances": self.token_balances(keys, before),
            "postTokenBalances": self.token_balances(keys, after),
            "logMessages": meta.logs(), "innerInstructions": [], "rewards": [],
            "loadedAddresses": {"writable": [str(k) for k in writable], "readonly": [str(k) for k in read_only]},
        }
        signature = transaction.signatures[0]
        self.landed[signature] = Landed(transaction, self.slot, error, record, keys)
        for key in dict.fromkeys(keys):
            self.index.setdefault(key, []).append(signature)

    def advance_nonce(self, key):
        """A failed transaction uses up its nonce too; LiteSVM leaves it."""
        account = self.svm.get_account(key)
        data = bytearray(account.data)
        data[40:72] = hashlib.sha256(b"DURABLE_NONCE" + bytes(self.svm.latest_blockhash())).digest()
        self.svm.set_account(key, Account(account.lamports, bytes(data), account.owner, False, account.rent_epoch))

    def token_balances(self, keys, accounts):
        balances = []
        for position, account in enumerate(accounts):
            if not is_token_account(account):
                continue
            mint = Pubkey(account.data[:32])
            decimals = self.svm.get_account(mint).data[44]
            balances.append({
                "accountIndex": position, "mint": str(mint), "owner": str(Pubkey(account.data[32:64])),
                "programId": str(account.owner), "uiTokenAmount": token_amount(account, decimals)})
        return balances

    # Faults

    def take(self, kind):
        """A fault that applies now, once less from then on."""
        fault = self.faults.get(kind)
        if fault is None:
            return None
        fault["count"] = fault.get("count", 1) - 1
        if fault["count"] <= 0:
            del self.faults[kind]
        return fault


def is_token_account(account):
    if account is None or account.owner not in (TOKEN, TOKEN_2022) or len(account.data) < 165:
        return False
    return account.data[108] != 0 and (len(account.data) == 165 or account.data[165] == 2)


def token_amount(account, decimals):
    amount = struct.unpack("<Q", account.data[64:72])[0]
    digits = str(amount).rjust(decimals + 1, "0")
    text = f"{digits[:-decimals]}.{digits[-decimals:]}".rstrip("0").rstrip(".") if decimals else digits
    return {"amount": str(amount), "decimals": decimals, "uiAmountString": text}


def associated_account(owner, mint, program):
    return Pubkey.find_program_address([bytes(owner), bytes(program), bytes(mint)], ASSOCIATED)[0]
