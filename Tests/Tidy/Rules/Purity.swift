/// The pure targets decide in values: same input, same output, on every machine and in every simulation.
enum Purity {
    static let folders = ["Sources/Kernel", "Sources/Cryptography", "Sources/ProofChain"]

    /// Names that would bring a clock, randomness, concurrency, logging or I/O in, by what each would bring.
    static let forbidden: [String: String] = {
        let names = [
            "a clock": [
                "Date", "DispatchTime", "Clock", "ContinuousClock", "SuspendingClock", "clock_gettime", "gettimeofday",
                "mach_absolute_time", "localtime_r", "gmtime_r",
            ],
            "randomness": [
                "SystemRandomNumberGenerator", "RandomNumberGenerator", "random", "randomElement", "shuffled",
                "shuffle", "UUID",
                "arc4random", "arc4random_buf", "getrandom", "randombytes", "randombytes_buf", "randombytes_random",
                "randombytes_uniform", "RAND_bytes", "RAND_priv_bytes", "crypto_sign_keypair", "drand48",
            ],
            "concurrency": [
                "async", "await", "actor", "Task", "TaskGroup", "withTaskGroup", "withThrowingTaskGroup",
                "DispatchQueue", "Thread", "pthread_create",
            ],
            "logging": ["Logger", "LogHandler", "os_log", "NSLog", "syslog"],
            "I/O": [
                "print", "debugPrint", "dump", "readLine", "FileManager", "FileHandle", "ProcessInfo", "CommandLine",
                "getenv", "setenv", "fopen", "fwrite", "fputs", "fprintf", "printf", "socket", "URLSession",
            ],
        ]
        var forbidden: [String: String] = [:]
        for (kind, words) in names { for word in words { forbidden[word] = kind } }
        return forbidden
    }()

    /// The one place where keys get their bytes: by name, and for these names only.
    static let exceptions: [String: Set<String>] = [
        "Sources/Cryptography/Bytes/RandomBytes.swift": ["randombytes_buf"]
    ]

    static func check(_ files: [TextFile]) -> [Finding] {
        files.filter { $0.isSwift && $0.isUnder(folders) }.flatMap { file -> [Finding] in
            let text = SwiftText(file)
            let imports = text.imports.filter { Arrows.systemModules.contains($0.module) && $0.module != "Swift" }.map {
                Finding(path: file.path, line: $0.line, message: "a pure target imports \($0.module)")
            }
            let excepted = exceptions[file.path] ?? []
            let names = text.words.compactMap { word -> Finding? in
                guard let kind = forbidden[word.text], !excepted.contains(word.text) else { return nil }
                if !isUse(word) { return nil }
                let message = "a pure target names \(word.text): that is \(kind), which belongs to the caller"
                return Finding(path: file.path, line: word.line, message: message)
            }
            return imports + names
        }
    }

    /// Types and the words of concurrency count wherever they stand. A function counts where it is called:
    /// `kind == .print` and a property named `actor` are names of ours.
    private static func isUse(_ word: SwiftText.Word) -> Bool {
        if word.text.first?.isUppercase == true || word.text == "async" || word.text == "await" { return true }
        if word.text == "actor" { return SwiftText.isWordByte(word.after) && word.after != UInt8(ascii: "_") }
        return word.after == UInt8(ascii: "(")
    }
}
