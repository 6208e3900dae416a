internal import CTernTerminal
import Foundation
import Synchronization
import TernBackend

/// The thread that draws a view and reads its keys, beside the one that trains.
final class LiveScreen: Sendable {
  /// What both threads know.
  struct Shared: Sendable {
    var state = LiveState()
    var message: (text: String, until: Double)?
  }

  /// What keys ask for.
  struct Requests: OptionSet, Sendable {
    let rawValue: UInt8
    static let stop = Requests(rawValue: 1)
    static let checkpoint = Requests(rawValue: 2)
    static let pause = Requests(rawValue: 4)
  }

  let shared: Mutex<Shared>
  private let requested = Atomic<UInt8>(0)
  private let isEnding = Atomic<Bool>(false)
  private let gone = Atomic<Bool>(false)
  private let ended = DispatchSemaphore(value: 0)
  private let hasCheckpoints: Bool
  private let isUnicode: Bool
  private let isColored: Bool
  private let clock: @Sendable () -> Double
  /// The least seconds between two frames.
  private static let interval = 0.1

  private init(
    _ state: LiveState, hasCheckpoints: Bool, isUnicode: Bool, isColored: Bool, clock: @escaping @Sendable () -> Double
  ) {
    shared = Mutex(Shared(state: state))
    (self.hasCheckpoints, self.isUnicode, self.isColored, self.clock) = (hasCheckpoints, isUnicode, isColored, clock)
  }

  /// Takes the terminal of a descriptor and begins to draw; `nil` where there is none, or another view has it.
  static func open(
    _ descriptor: Int32, _ state: LiveState, hasCheckpoints: Bool, isUnicode: Bool, isColored: Bool,
    clock: @escaping @Sendable () -> Double
  ) -> LiveScreen? {
    if tern_terminal_open(descriptor) != 0 { return nil }
    let screen = LiveScreen(
      state, hasCheckpoints: hasCheckpoints, isUnicode: isUnicode, isColored: isColored, clock: clock)
    let thread = Thread { screen.run() }
    thread.name = "tern live view"
    // Signals are for other threads: their handlers wait for this one's frame.
    var (others, before) = (sigset_t(), sigset_t())
    sigemptyset(&others)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2, SIGXCPU, SIGTSTP, SIGCONT, SIGWINCH] {
      sigaddset(&others, number)
    }
    pthread_sigmask(SIG_BLOCK, &others, &before)
    thread.start()
    pthread_sigmask(SIG_SETMASK, &before, nil)
    return screen
  }

  /// Ends the drawing and puts the terminal back.
  func close() {
    if isEnding.exchange(true, ordering: .sequentiallyConsistent) { return }
    tern_terminal_wake()
    ended.wait()
    tern_terminal_close()
  }

  // MARK: Keys

  var requests: Requests { Requests(rawValue: requested.load(ordering: .relaxed)) }

  /// Takes a request back, as done.
  func withdraw(_ requests: Requests) {
    requested.bitwiseAnd(~requests.rawValue, ordering: .relaxed)
  }

  /// Whether the terminal is there no more.
  var isGone: Bool { gone.load(ordering: .relaxed) }

  /// Says something in place of the keys for some seconds.
  func say(_ text: String, seconds: Double = 8) {
    let until = clock() + seconds
    shared.withLock { $0.message = (text, until) }
  }

  private func press(_ key: UInt8) {
    switch key {
    case UInt8(ascii: "p"), UInt8(ascii: "P"), UInt8(ascii: " "):
      requested.bitwiseXor(Requests.pause.rawValue, ordering: .relaxed)
    case UInt8(ascii: "c"), UInt8(ascii: "C"):
      guard hasCheckpoints else { return say("no checkpoint: this program has none to write") }
      requested.bitwiseOr(Requests.checkpoint.rawValue, ordering: .relaxed)
      say("a checkpoint after this step")
    case UInt8(ascii: "q"), UInt8(ascii: "Q"):
      requested.bitwiseOr(Requests.stop.rawValue, ordering: .relaxed)
      shared.withLock {
        $0.state.enter(.stopping)
        $0.message = ("stopping after this step", .infinity)
      }
    default: break
    }
  }

  // MARK: Drawing

  /// What was drawn last.
  private struct Drawn {
    var time = -Double.infinity
    var version = -1
    var message: String?
    var size: (rows: Int32, columns: Int32) = (0, 0)
    var height = 0
    var second = 0
  }

  private func run() {
    var drawn = Drawn()
    var keys = [UInt8](repeating: 0, count: 64)
    while !isEnding.load(ordering: .sequentiallyConsistent) {
      let wait = gone.load(ordering: .relaxed) ? 1 : max(drawn.time + Self.interval - clock(), 0)
      if wait > 0 {
        let count = tern_terminal_read(&keys, Int32(keys.count), Int32((wait * 1000).rounded(.up)))
        if count < 0 && !isGone {
          gone.store(true, ordering: .relaxed)
          // Nobody could let the training go on.
          withdraw(.pause)
        }
        // An arrow or another key that sends more than itself is none of ours.
        if count > 0 && keys[0] != 0x1B { for key in keys[..<Int(count)] { press(key) } }
      }
      if isGone {
        if wait == 1 { usleep(100_000) }
        continue
      }
      if clock() - drawn.time >= Self.interval { draw(&drawn) }
    }
    ended.signal()
  }

  private func draw(_ drawn: inout Drawn) {
    let now = clock()
    drawn.time = now
    var isNew = false
    if !tern_terminal_enter(&isNew) {
      drawn.version = -1
      return
    }
    var size: (rows: Int32, columns: Int32) = (24, 80)
    if !tern_terminal_size(&size.rows, &size.columns) { size = (24, 80) }
    let isOther = size != drawn.size
    var (state, message) = shared.withLock { shared -> (LiveState, String?) in
      if let message = shared.message, message.until < now { shared.message = nil }
      return (shared.state, shared.message?.text)
    }
    if InterruptSignal.isRequested { state.phase = .stopping }
    if requests.contains(.pause) && state.phase != .paused && state.phase != .stopping {
      message = message ?? "pausing after this step"
    }
    // Times and memory go on by themselves.
    let second = Int(now)
    if !isNew && !isOther && state.version == drawn.version && message == drawn.message
      && second == drawn.second
    {
      return
    }
    let pool = MemoryPool.statistics
    let machine = LiveLayout.Machine(
      resident: ProcessMemory.resident, pool: pool.bytesInUse, poolCached: pool.bytesCached, threads: Workers.count)
    let layout = LiveLayout(
      state: state, machine: machine, message: message, hasCheckpoints: hasCheckpoints, time: now,
      columns: Int(size.columns), isUnicode: isUnicode)
    let rows = layout.rows(ofTerminal: Int(size.rows))
    let frame = LiveFrame(
      rows: rows, terminal: (Int(size.rows), Int(size.columns)), isColored: isColored,
      // A view that has another height makes room anew.
      isNew: isNew || isOther || rows.count != drawn.height)
    let bytes = Array(frame.text.utf8)
    if !bytes.isEmpty && !tern_terminal_write(bytes, Int64(bytes.count)) {
      gone.store(true, ordering: .relaxed)
      withdraw(.pause)
    }
    (drawn.version, drawn.message, drawn.size, drawn.height, drawn.second) = (
      state.version, message, size, rows.count, second
    )
  }
}
