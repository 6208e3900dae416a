#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where a report goes, and what can be shown there.
public struct ReportOutput: Sendable {
  /// Whether a line can be drawn over.
  public var isTerminal: Bool
  /// Whether more than ASCII can be shown.
  public var isUnicode: Bool
  /// How many characters a line has, asked for anew each time: windows change.
  public var width: @Sendable () -> Int
  /// Shows text at once.
  public var write: @Sendable (String) -> Void

  /// An output of these properties.
  ///
  /// - Parameters:
  ///   - isTerminal: Whether lines can be drawn over.
  ///   - isUnicode: Whether blocks and arrows can be shown.
  ///   - width: The present width, in columns.
  ///   - write: Writes a text.
  public init(
    isTerminal: Bool, isUnicode: Bool, width: @escaping @Sendable () -> Int = { 80 },
    write: @escaping @Sendable (String) -> Void
  ) {
    self.isTerminal = isTerminal
    self.isUnicode = isUnicode
    self.width = width
    self.write = write
  }

  /// Standard output, together with what `print` writes.
  public static var standardOutput: ReportOutput {
    ReportOutput(
      isTerminal: isatty(1) == 1 && variable("TERM") != "dumb", isUnicode: isUnicodeLocale,
      width: terminalWidth
    ) { text in
      print(text, terminator: "")
      fflush(nil)
    }
  }

  /// Whether the locale in force is one of UTF-8: the first of the three variables that is set decides.
  private static var isUnicodeLocale: Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { variable($0) }.first ?? ""
    return locale.lowercased().filter { $0 != "-" }.contains("utf8")
  }

  /// An environment variable that is set and not empty.
  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func terminalWidth() -> Int {
    var size = winsize()
    if ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    return variable("COLUMNS").flatMap { Int($0) } ?? 80
  }
}
