"""A strict reader of dag-cbor: refuses what is not the one canonical form (RFC 8949, section 4.2.1; maps by length,
then bytes, as dag-cbor has it)."""


def decode(data):
    value, end = _read(data, 0)
    assert end == len(data), "bytes after the value"
    return value


def _argument(data, at):
    low = data[at] & 31
    if low < 24:
        return low, at + 1
    width = {24: 1, 25: 2, 26: 4, 27: 8}[low]
    value = int.from_bytes(data[at + 1:at + 1 + width], "big")
    assert value >= {1: 24, 2: 1 << 8, 4: 1 << 16, 8: 1 << 32}[width], "not the shortest form"
    return value, at + 1 + width


def _read(data, at):
    major = data[at] >> 5
    if major == 7:
        return {0xF4: False, 0xF5: True, 0xF6: None}[data[at]], at + 1
    argument, at = _argument(data, at)
    if major == 0:
        return argument, at
    if major == 1:
        return -1 - argument, at
    if major in (2, 3):
        raw = data[at:at + argument]
        assert len(raw) == argument, "cut off"
        return (raw if major == 2 else raw.decode()), at + argument
    if major == 4:
        items = []
        for _ in range(argument):
            item, at = _read(data, at)
            items.append(item)
        return items, at
    assert major == 5, "no tag is expected here"
    members, last = {}, None
    for _ in range(argument):
        name, at = _read(data, at)
        order = (len(name.encode()), name.encode())
        assert last is None or last < order, "keys out of order"
        members[name], at = _read(data, at)
        last = order
    return members, at
