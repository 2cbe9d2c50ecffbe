"""How a cluster writes a transaction's error as JSON."""


def instruction_failure(error):
    kind = type(error).__name__
    if kind == "InstructionErrorCustom":
        return {"Custom": error.code}
    return str(error).split(".")[-1]


def failure_json(error):
    kind = type(error).__name__
    if kind == "TransactionErrorInstructionError":
        return {"InstructionError": [error.index, instruction_failure(error.err)]}
    if kind == "TransactionErrorInsufficientFundsForRent":
        return {"InsufficientFundsForRent": {"account_index": error.account_index}}
    if kind == "TransactionErrorDuplicateInstruction":
        return {"DuplicateInstruction": error.index}
    return str(error).split(".")[-1]
