import ArgumentParser
import Cryptography
import Foundation

/// Keys and the DIDs made of them.
struct DIDCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "did",
        abstract: "Keys as JWK files, and the DIDs made of them.",
        discussion: """
            A DID is did:imajin: and the base58 of the public key: it resolves offline, and is a Solana address.

            Example: mjn did new --out me.jwk && mjn did show me.jwk
            """,
        subcommands: [DIDNew.self, DIDShow.self, DIDImportSolana.self])
}

/// `mjn did new`.
struct DIDNew: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Makes a key, and prints its DID.",
        discussion: "Example: mjn did new --out me.jwk")

    @Option(help: "The JWK file to write, mode 0600. A file that exists is never written over.")
    var out: String

    func run() throws {
        let key = Ed25519PrivateKey()
        try KeyFile.writePrivate(key, to: out)
        try StandardOutput.line(DID(publicKey: key.publicKey).string)
    }
}

/// `mjn did show`.
struct DIDShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Prints the DID of a key file, private or public.",
        discussion: """
            Example: mjn did show me.jwk
            Example: mjn did show me.jwk --public > me.public.jwk
            """)

    @Argument(help: "A JWK file; - reads standard input.")
    var file: String

    @Flag(name: .customLong("public"), help: "Print the public key as JWK instead.")
    var isPublic = false

    func run() throws {
        let bytes = try InputFile.read(file)
        let key: Ed25519PublicKey
        do throws(CryptographyError) {
            key = try JWK.decodePublic(bytes)
        } catch {
            throw CLIFailure(
                "\(InputFile.name(file)) is not an Ed25519 key: \(error.code)",
                fix: "give a JWK file, or make one with: mjn did new --out FILE", exitCode: ExitStatus.badInput)
        }
        if isPublic {
            try StandardOutput.write(JWK.encode(publicKey: key) + [UInt8(ascii: "\n")])
        } else {
            try StandardOutput.line(DID(publicKey: key).string)
        }
    }
}

/// `mjn did import-solana`.
struct DIDImportSolana: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import-solana",
        abstract: "Reads a Solana keypair file: the same key, as JWK.",
        discussion: "Example: mjn did import-solana id.json --out me.jwk")

    @Argument(help: "The file that solana-keygen wrote.")
    var file: String

    @Option(help: "The JWK file to write, mode 0600; without it the JWK goes to standard output.")
    var out: String?

    func run() throws {
        let key = try KeyFile.readSolana(file)
        guard let out else {
            try StandardOutput.write(JWK.encode(privateKey: key) + [UInt8(ascii: "\n")])
            return
        }
        try KeyFile.writePrivate(key, to: out)
        try StandardOutput.line(DID(publicKey: key.publicKey).string)
    }
}
