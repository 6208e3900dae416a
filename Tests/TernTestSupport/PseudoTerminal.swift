import Foundation

/// Both ends of a pseudo-terminal: a program has one, a test the other, with the screen that the program's bytes make.
package final class PseudoTerminal {
  /// The program's end.
  package let descriptor: Int32
  package let path: String
  package private(set) var screen: TerminalScreen
  /// All that was written.
  package private(set) var bytes: [UInt8] = []
  /// Where keys come from.
  package let master: Int32

  package init(rows: Int = 24, columns: Int = 80) throws {
    // As posix_openpt, grantpt, unlockpt and ptsname do, which Swift does not see: TIOCSPTLCK and TIOCGPTN.
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var (lock, number): (Int32, UInt32) = (0, 0)
    guard master >= 0, ioctl(master, 0x4004_5431, &lock) == 0, ioctl(master, 0x8004_5430, &number) == 0 else {
      throw POSIXError(.ENOTTY)
    }
    path = "/dev/pts/\(number)"
    descriptor = open(path, O_RDWR | O_NOCTTY)
    guard descriptor >= 0 else { throw POSIXError(.ENOTTY) }
    _ = fcntl(master, F_SETFL, fcntl(master, F_GETFL) | O_NONBLOCK)
    _ = fcntl(master, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    screen = TerminalScreen(rows: rows, columns: columns)
    try resize(rows: rows, columns: columns)
  }

  deinit {
    close(descriptor)
    close(master)
  }

  /// Changes the size; who is not controlled by the terminal notices when it looks.
  package func resize(rows: Int, columns: Int) throws {
    var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    guard ioctl(master, UInt(TIOCSWINSZ), &size) == 0 else { throw POSIXError(.ENOTTY) }
    if (rows, columns) != (screen.rows, screen.columns) { screen.resize(rows: rows, columns: columns) }
  }

  /// Presses keys.
  package func type(_ text: String) { _ = Array(text.utf8).withUnsafeBytes { write(master, $0.baseAddress, $0.count) } }

  /// Reads until something holds of the screen; false after so many seconds.
  @discardableResult
  package func read(seconds: Double = 30, until holds: (TerminalScreen) -> Bool) -> Bool {
    let end = Date().addingTimeInterval(seconds)
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = Foundation.read(master, &buffer, buffer.count)
      if count > 0 {
        bytes += buffer[..<count]
        screen.feed(buffer[..<count])
        continue
      }
      if holds(screen) { return true }
      if Date() > end { return false }
      usleep(5000)
    }
  }

  /// Whether lines are edited and keys shown, as a shell leaves it.
  package var isPlain: Bool {
    var settings = termios()
    return tcgetattr(descriptor, &settings) == 0 && settings.c_lflag & UInt32(ICANON) != 0
      && settings.c_lflag & UInt32(ECHO) != 0
  }
}
