/// What a transaction may be at most. Validators refuse what is past these.
public enum SolanaWireLimits {
    /// Bytes of a transaction with its signatures: an IPv6 packet of 1280 less its headers.
    public static let transactionBytesMax = 1_232
    /// Accounts that one transaction may name, looked-up ones included (`TooManyAccountLocks`).
    public static let accountsMax = 64
    /// Instructions of one transaction, those that programs call included (`MaxInstructionTraceLengthExceeded`).
    public static let instructionsMax = 64
    /// Addresses of a lookup table: an index has one byte.
    public static let tableAddressesMax = 256
    /// Bytes of one seed of a program-derived address.
    public static let seedBytesMax = 32
    /// Seeds of a program-derived address, its bump included.
    public static let seedsMax = 16
}
