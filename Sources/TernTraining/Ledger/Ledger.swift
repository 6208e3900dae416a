import Foundation
import TernBackend
import TernData

/// What `tern train --ledger` leaves of each step: hashes of layers' outputs, their gradients and the updates, read from its
/// file.
///
/// The file begins with `tern-ledger 2` and a line break. Frames follow: the length of the contents (4 bytes), a letter, the
/// contents, and 4 bytes of their hash; numbers have the least byte first. `R` is a JSON object of the run, `S` one of a
/// session, `N` a name of a layer or parameter, `T` a step, `W` a step before it with hashes of all elements. What is cut off
/// at the end does not count.
public struct Ledger: Sendable {
  /// What a run, or a session of it, was like, by name.
  public typealias Facts = [String: String]

  /// What the run began with: its seed, the hashes of the initial weights and so on.
  public private(set) var run: Facts = [:]
  /// The sessions: one for each start of the command, with threads and the level of kernels.
  public private(set) var sessions: [Facts] = []
  /// The names of layers and parameters, by number.
  public private(set) var names: [String] = []
  /// The steps in order.
  public private(set) var steps: [LedgerStep] = []
  /// The steps with hashes of all elements, where a writer was asked for them.
  public private(set) var wholeSteps: [LedgerStep] = []
  /// Where each step's frame ends in the file.
  private(set) var ends: [Int] = []
  /// Where the last whole frame ends that is no step.
  private(set) var start = 0

  static let magic = Array("tern-ledger 2\n".utf8)
  /// The beginning of an older version.
  private static let olderMagic = Array("tern-ledger 1\n".utf8)
  /// The most bytes of a frame.
  private static let limit = 1 << 28

  /// Reads a ledger.
  ///
  /// - Parameter path: The path of the file.
  /// - Throws: `DataError` where it cannot be read, or is none.
  public init(contentsOf path: String, file: StaticString = #fileID, line: UInt = #line) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    try self.init(bytes: FileIO.read(path), file: path)
  }

  init(bytes: [UInt8], file: String) throws(DataError) {
    if bytes.starts(with: Self.olderMagic) {
      throw DataError(
        .malformed, file: file, "the ledger is of version 1, whose hashes are others than today's",
        expected: "version 2: make it anew with tern train --ledger")
    }
    guard bytes.starts(with: Self.magic) else {
      throw DataError(
        .malformed, file: file, "the file is no ledger of this version", expected: "tern-ledger 2 at its beginning")
    }
    var at = Self.magic.count
    start = at
    while let frame = Self.frame(bytes, at) {
      at = frame.end
      switch frame.kind {
      case UInt8(ascii: "R"): run = Self.facts(frame.contents)
      case UInt8(ascii: "S"): sessions.append(Self.facts(frame.contents))
      case UInt8(ascii: "N"): names.append(String(decoding: frame.contents, as: UTF8.self))
      case UInt8(ascii: "T"), UInt8(ascii: "W"):
        guard let step = LedgerStep(frame.contents), step.entries.allSatisfy({ $0.name < names.count }) else {
          throw DataError(
            .malformed, file: file, "the frame before byte \(at) is no step", expected: "what tern train writes")
        }
        if frame.kind == UInt8(ascii: "W") {
          wholeSteps.append(step)
        } else {
          steps.append(step)
          ends.append(at)
        }
        continue
      default: break
      }
      if steps.isEmpty { start = at }
    }
  }

  /// The ledger with the hashes of all elements in place of those of a sample.
  public var whole: Ledger {
    var ledger = self
    (ledger.steps, ledger.ends) = (wholeSteps, [])
    return ledger
  }

  /// What the session was like that made a step: its threads, the level of kernels, and the ranks where there were several.
  public func session(ofStep number: Int) -> Facts {
    sessions.last { $0["after step"].flatMap { Int($0) } ?? 0 < number } ?? sessions.first ?? [:]
  }

  /// The first step of another ledger whose loss, settings or updates are not those of the same step here, as where a
  /// training that was done again did not give the same; `nil` where there is none.
  public func firstDifference(from other: Ledger) -> Int? {
    let own = Dictionary(steps.map { ($0.number, $0) }, uniquingKeysWith: { _, last in last })
    func updates(_ step: LedgerStep, _ names: [String]) -> [String: UInt64] {
      let updates = step.entries.filter { $0.kind == .update }.map { (names[$0.name], $0.hash) }
      return Dictionary(updates, uniquingKeysWith: { first, _ in first })
    }
    return other.steps.first { step in
      guard let mine = own[step.number] else { return true }
      return mine.loss.bitPattern != step.loss.bitPattern || mine.settings != step.settings
        || updates(mine, names) != updates(step, other.names)
    }?.number
  }

  private static func facts(_ bytes: ArraySlice<UInt8>) -> Facts {
    (try? JSONDecoder().decode(Facts.self, from: Data(bytes))) ?? [:]
  }

  /// The frame at a place, where it is whole.
  private static func frame(_ bytes: [UInt8], _ at: Int) -> (kind: UInt8, contents: ArraySlice<UInt8>, end: Int)? {
    guard at + 9 <= bytes.count else { return nil }
    func word(_ place: Int) -> Int {
      bytes.withUnsafeBytes { Int(UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: UInt32.self))) }
    }
    let length = word(at)
    guard length <= limit, at + 9 + length <= bytes.count else { return nil }
    let contents = bytes[at + 5..<at + 5 + length]
    guard word(at + 5 + length) == Int(check(contents)) else { return nil }
    return (bytes[at + 4], contents, at + 9 + length)
  }

  private static func check(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.withUnsafeBytes { check($0) } }

  private static func check(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var hash = LedgerHash()
    hash.add(bytes)
    return UInt32(truncatingIfNeeded: hash.value)
  }

  /// Appends a frame whose contents, of `count` bytes, `fill` writes.
  static func append(
    _ kind: Character, count: Int, to bytes: inout [UInt8], _ fill: (UnsafeMutableRawBufferPointer) -> Void
  ) {
    withUnsafeTemporaryAllocation(byteCount: count + 9, alignment: 8) { frame in
      let contents = UnsafeMutableRawBufferPointer(rebasing: frame[5..<5 + count])
      frame.storeBytes(of: UInt32(count).littleEndian, as: UInt32.self)
      frame[4] = kind.asciiValue ?? 0
      fill(contents)
      frame.storeBytes(
        of: check(UnsafeRawBufferPointer(contents)).littleEndian, toByteOffset: 5 + count, as: UInt32.self)
      bytes.append(contentsOf: frame)
    }
  }

  /// A frame as bytes.
  static func frame(_ kind: Character, _ contents: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    append(kind, count: contents.count, to: &bytes) { $0.copyBytes(from: contents) }
    return bytes
  }

  static func frame(_ kind: Character, _ facts: Facts) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    // Texts always encode.
    return frame(kind, [UInt8]((try? encoder.encode(facts)) ?? Data()))
  }
}
