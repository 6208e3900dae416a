import Foundation
import Tern
import TernTestSupport
import Testing

@testable import TernTraining

/// Ways in which a process ends with a view on its terminal.
private enum Ending: String, CaseIterable, Codable, Sendable {
  case fatalError, libraryCheck, outOfBounds, badPointer, abort, exit, interrupt, terminate, hangup, quit, uncaught

  func happen() {
    switch self {
    case .fatalError: Swift.fatalError("the end")
    case .libraryCheck: _ = matmul(Tensor<Float>(zeros: [2, 3]), Tensor<Float>(zeros: [2, 3]))
    case .outOfBounds: print([1, 2, 3][Int.random(in: 3...4)])
    case .badPointer: UnsafeMutablePointer<Int>(bitPattern: 64)?.pointee = 1
    case .abort: Foundation.abort()
    case .exit: Foundation.exit(3)
    case .interrupt: send(SIGINT)
    case .terminate: send(SIGTERM)
    case .hangup: send(SIGHUP)
    case .quit: send(SIGQUIT)
    case .uncaught: try! { throw POSIXError(.EIO) }()
    }
  }
}

/// Sends this process a signal; the threads of tests block them.
private func send(_ signal: Int32) {
  var all = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_UNBLOCK, &all, nil)
  raise(signal)
}

/// However the process ends, the terminal is whole.
@Suite struct LiveViewCrashTests {
  @Test(arguments: Ending.allCases) fileprivate func theTerminalIsWholeAfter(_ ending: Ending) async throws {
    let terminal = try PseudoTerminal()
    let path = terminal.path
    await #expect(processExitsWith: .failure) { [path = path as String, ending = ending as Ending] in
      // No dump of memory is wanted.
      var none = rlimit(rlim_cur: 0, rlim_max: 0)
      setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
      let descriptor = open(path, O_RDWR | O_NOCTTY)
      let view = LiveView(
        "digits", descriptor: descriptor, output: ReportOutput(isTerminal: true, isUnicode: true) { _ in })
      view.begin(TrainingStart())
      for step in 1...10 { view.record(StepRecord(step, loss: 1 / Double(step))) }
      write(descriptor, "printed\r\n", 9)
      usleep(400_000)
      write(descriptor, view.isOnTerminal ? "drawn\r\n" : "plain\r\n", 7)
      ending.happen()
    }
    terminal.read { $0.text.contains("drawn") }
    let screen = terminal.screen
    #expect(String(decoding: terminal.bytes, as: UTF8.self).contains("step 10"))
    #expect(screen.isCursorVisible && screen.wraps && terminal.isPlain && screen.margins == 0...23)
    #expect(
      Array(screen.lines.prefix(2)) == ["printed", "drawn"] && screen.lines.dropFirst(2).allSatisfy { $0.isEmpty })
    #expect(screen.unknown == [])
  }
}
