import ChildProcesses
import Foundation
import Glibc
import Testing

@Suite("Child processes")
struct ChildProcessTests {
    private static func shell(
        _ script: String, _ arguments: [String] = [], environment: [String: String]? = nil, input: String = "",
        withinSeconds seconds: Double = 60
    ) throws -> ChildProcess.Outcome {
        try ChildProcess.run(
            ["/bin/sh", "-c", script, "sh"] + arguments, environment: environment, input: Array(input.utf8),
            withinSeconds: seconds)
    }

    @Test("a run gives what was printed, what was said and the exit code, whatever the sizes")
    func run() throws {
        let input = String(repeating: "0123456789abcdef", count: 20_000)
        let outcome = try Self.shell("cat; cat /etc/passwd >&2; exit 3", input: input)
        #expect(outcome.status == 3)
        #expect(outcome.output == input)
        #expect(outcome.errors == (try String(contentsOfFile: "/etc/passwd", encoding: .utf8)))
    }

    @Test("arguments arrive as they are, and so does an environment")
    func arguments() throws {
        let words = ["", "a b", "$HOME", "\"'\\", "é\n"]
        let printed = try Self.shell(#"for word; do printf '%s|' "$word"; done"#, words)
        #expect(printed.output == words.map { $0 + "|" }.joined())
        #expect(try ChildProcess.run(["/usr/bin/env"], environment: ["A": "b=c"]).output == "A=b=c\n")
        #expect(try ChildProcess.run(["/bin/pwd"], directory: "/usr").output == "/usr\n")
    }

    @Test("a program is found on PATH; one that is not there is an error that names it")
    func lookup() throws {
        #expect(try ChildProcess.run(["true"]).status == 0)
        let error = #expect(throws: ChildProcess.StartError.self) { try ChildProcess(["mjn-no-such-program"]) }
        #expect(error?.description == "mjn-no-such-program: No such file or directory")
    }

    @Test("it inherits three descriptors, no blocked or ignored signal, and has a group of its own")
    func inheritance() async throws {
        let kept = open("/dev/null", O_RDONLY)
        defer { close(kept) }
        // On a thread that blocks signals, as those of the runtime do.
        let outcome = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                var all = sigset_t()
                sigfillset(&all)
                pthread_sigmask(SIG_SETMASK, &all, nil)
                let script = "ls /proc/$$/fd; grep -E 'Sig(Blk|Ign)' /proc/$$/status; cut -d' ' -f1,5 /proc/$$/stat"
                continuation.resume(with: Result { try Self.shell(script) })
            }
        }
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(Array(lines.prefix(3)) == ["0", "1", "2"])
        try #require(lines.count == 6, "\(lines)")
        for line in lines[3...4] {
            let signals = try #require(line.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) })
            // The C library has two of its own ignored, 32 and 33.
            #expect(signals & ~(0b11 << 31) == 0, "\(line)")
        }
        let numbers = lines[5].split(separator: " ")
        #expect(numbers[0] == numbers[1])
    }

    @Test("one that was killed tells by which signal; one that takes too long is ended")
    func signals() throws {
        #expect(try Self.shell("kill -TERM $$").status == 128 + SIGTERM)
        #expect(try Self.shell("echo begun; exec sleep 600", withinSeconds: 0.3).status == 128 + SIGKILL)
        let sleeper = try ChildProcess(["sleep", "600"])
        #expect(sleeper.isRunning && sleeper.exitStatus(withinSeconds: 0.05) == nil)
        sleeper.signal(SIGINT)
        #expect(sleeper.waitForEnd() == 128 + SIGINT)
        // Its number may be another's now.
        sleeper.signal(SIGKILL)
        #expect(sleeper.exitStatus == 128 + SIGINT)
    }

    @Test("a process that nobody waited for leaves no entry behind")
    func noZombie() throws {
        let process = try ChildProcess(["true"])
        let end = ContinuousClock.now + .seconds(30)
        while kill(process.identifier, 0) == 0, ContinuousClock.now < end { usleep(1000) }
        #expect(kill(process.identifier, 0) == -1)
        #expect(process.exitStatus == 0)
    }

    @Test("many at once, from many threads, each get their own ending")
    func many() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let outcome = try Self.shell("cat; exit \(number % 100)", input: "\(number)")
                    return outcome.status == Int32(number % 100) && outcome.output == "\(number)"
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }

    @Test("a server is heard when it serves, ends with its leash, and is told of when it ends first or says nothing")
    func server() throws {
        var server: ChildServer? = try ChildServer(["/bin/sh", "-c", "echo 4000; cat >/dev/null"])
        #expect(try server?.firstLine() == "4000")
        let process = try #require(server).process
        #expect(process.isRunning)
        server = nil
        #expect(process.exitStatus(withinSeconds: 30) == 0)
        let failed = try ChildServer(["/bin/sh", "-c", "printf 'no port'; exit 1"])
        let reason = #expect(throws: ChildServer.NotServing.self) { try failed.firstLine() }
        #expect(reason?.description == "it ended before it served, and said: no port")
        let silent = try ChildServer(["cat"])
        #expect(throws: ChildServer.NotServing.self) { try silent.firstLine(withinSeconds: 0.05) }
        silent.process.end()
    }
}
