import Foundation
internal import TernBackend
internal import TernTensor

/// A call with hostile arguments.
package struct HostileCase: Sendable {
  package let name: String
  package let run: @Sendable (inout HostileNumbers) throws -> Void

  package init(_ name: String, _ run: @escaping @Sendable (inout HostileNumbers) throws -> Void) {
    (self.name, self.run) = (name, run)
  }
}

extension [HostileCase] {
  /// Adds a row.
  package mutating func add(_ name: String, _ run: @escaping @Sendable (inout HostileNumbers) throws -> Void) {
    append(HostileCase(name, run))
  }
}

#if os(Linux)
  /// `fork`, which Swift hides.
  private let fork: @convention(c) () -> pid_t = {
    unsafeBitCast(dlsym(nil, "fork")!, to: (@convention(c) () -> pid_t).self)
  }()

  /// Runs every case with `rounds` seeds in child processes that may take 2 GB and ten seconds a call. Each call returns,
  /// throws, or ends its process with one line of the library's own; what did not is returned, a line each.
  ///
  /// A child goes on with the next call until one ends it.
  package func hostileFailures(_ cases: [HostileCase], rounds: Int, from first: Int = 0) -> [String] {
    // What is set up once need not be set up in every child.
    _ = matmul(Tensor<Float>(ones: [3, 3]), Tensor<Float>(ones: [3, 3]))
    let calls = cases.count * rounds
    let progress = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)!
      .bindMemory(to: Int.self, capacity: 1)
    var failures: [String] = []
    var next = 0
    while next < calls {
      let (ended, said) = child(progress) {
        for call in next..<calls {
          progress.pointee = call
          alarm(10)
          var numbers = HostileNumbers(seed: UInt64(first * 1_000_003 + call))
          try? cases[call % cases.count].run(&numbers)
        }
      }
      if ended == 0 { break }
      let call = progress.pointee
      if let wrong = complaint(ended, said) {
        failures.append("\(cases[call % cases.count].name), seed \(first * 1_000_003 + call): \(wrong)")
      }
      next = call + 1
    }
    munmap(progress, 4096)
    return failures
  }

  /// How often each call is tried: `few` times, in a full run 300 times.
  package func hostileRounds(_ few: Int) -> Int { isFullRun ? 300 : few }

  /// Writes failures to standard error, for who watches this process.
  package func report(_ failures: [String]) {
    for failure in failures { FileHandle.standardError.write(Data((failure + "\n").utf8)) }
  }

  /// What is wrong with how a process ended.
  private func complaint(_ status: Int32, _ said: String) -> String? {
    let signal = status & 0x7F
    if signal == SIGALRM { return "took more than ten seconds" }
    // Beyond the limit of its allocations the sanitizer adds a line of its own.
    let lines = said.split(separator: "\n").filter { !$0.contains("WARNING: AddressSanitizer failed to allocate") }
    if signal == SIGILL || signal == SIGTRAP, lines.count == 1, let line = lines.first,
      line.contains(/^\S+\.swift:\d+: Fatal error: [^:]+: \S/), !line.hasPrefix("Swift/")
    {
      return nil
    }
    return "signal \(signal), status \(status >> 8 & 0xFF), said \(said.isEmpty ? "nothing" : String(said.prefix(600)))"
  }

  /// Runs `body` in a child process; its exit status and what it wrote to standard error.
  private func child(_ progress: UnsafeMutablePointer<Int>, _ body: () -> Void) -> (Int32, String) {
    guard let stream = tmpfile() else { fatalError("no temporary file") }
    let file = fileno(stream)
    defer { fclose(stream) }
    let process = fork()
    if process == 0 {
      dup2(file, 2)
      // The runtime's own handlers would print a page, slowly.
      for signal in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGALRM] { restore(signal) }
      // The address sanitizer needs the whole space; `scripts/test` limits its allocations instead.
      if !isAddressSanitizerActive {
        var space = rlimit(rlim_cur: 2 << 30, rlim_max: 2 << 30)
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &space)
      }
      var core = rlimit(rlim_cur: 0, rlim_max: 0)
      setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &core)
      body()
      _exit(0)
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    lseek(file, 0, SEEK_SET)
    var bytes = [UInt8](repeating: 0, count: 8192)
    let count = read(file, &bytes, bytes.count)
    return (status, String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self))
  }

  private func restore(_ number: Int32) { signal(number, SIG_DFL) }
#endif
