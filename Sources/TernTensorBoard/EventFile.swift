import Foundation
import TernCharts
import TernData
import TernMessages
import TernTraining

/// A file of events: a record each of its length, a masked CRC-32C of that, the message, and a masked CRC-32C of that.
final class EventFile {
  private let file: AppendedFile
  private var waiting: [UInt8] = []
  private var last = ContinuousClock.now

  /// A new file in `folder`, made where need be, whose name sorts behind those of all event files there.
  ///
  /// - Throws: `DataError` where none can be made.
  init(in folder: String) throws(DataError) {
    try Report.makeFolder(folder)
    let prefix = "events.out.tfevents."
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let before = names.compactMap { name in
      name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count).prefix { $0 != "." }) : nil
    }
    var time = max(Int(Date().timeIntervalSince1970), (before.max() ?? 0) + 1)
    if time > 9_999_999_999 { time = Int(Date().timeIntervalSince1970) }
    let host = ProcessInfo.processInfo.hostName.filter { $0.isASCII && !"/. ".contains($0) }
    var number = 0
    var path: String
    repeat {
      path = "\(folder)/\(prefix)\(time).\(host).\(ProcessInfo.processInfo.processIdentifier).\(number)"
      number += 1
    } while FileIO.isFile(path)
    file = try AppendedFile(path)
    var event = Tensorboard_Event()
    event.fileVersion = "brain.Event:2"
    append(event)
    flush()
  }

  deinit { flush() }

  /// What kept it from growing on.
  var failure: DataError? { file.failure }

  /// Appends an event with the time of now. It is in the file after two seconds at most where events go on.
  func append(_ event: Tensorboard_Event) {
    var event = event
    event.wallTime = Date().timeIntervalSince1970
    guard let message: [UInt8] = try? event.serializedBytes() else { return }
    waiting += EventFile.record(message)
    if waiting.count > 1 << 16 || ContinuousClock.now - last > .seconds(2) { flush() }
  }

  /// Writes what waits.
  func flush() {
    if !waiting.isEmpty { file.append(waiting) }
    waiting = []
    last = .now
  }

  /// A message as a record.
  static func record(_ message: [UInt8]) -> [UInt8] {
    func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    let length = bytes(UInt64(message.count))
    return length + bytes(maskedCRC(length)) + message + bytes(maskedCRC(message))
  }

  private static func maskedCRC(_ bytes: [UInt8]) -> UInt32 {
    let crc = CRC32C.of(bytes)
    return (crc >> 15 | crc << 17) &+ 0xa282_ead8
  }
}

/// The cyclic redundancy check of Castagnoli's polynomial, as iSCSI has it (RFC 3720).
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0x82f6_3b78 : crc >> 1 }
  }

  static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { crc, byte in table[Int((crc ^ UInt32(byte)) & 0xff)] ^ crc >> 8 }
  }
}
