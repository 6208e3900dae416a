internal import CTernKernels

/// The objects whose work runs on this thread and the places that called for it, outermost first: a few nanoseconds an
/// entry, read only for messages.
package enum RunningScope {
  /// Enters an object's work, called from a place of the program.
  ///
  /// Stops where calls are nested so deep that the thread's stack would overflow.
  package static func enter(_ object: AnyObject, _ file: StaticString = #fileID, _ line: UInt = #line) {
    let place = Unmanaged.passUnretained(object).toOpaque()
    if !tern_scope_push(place, file.utf8Start, Int64(file.utf8CodeUnitCount), UInt64(line)) {
      refuse("\(type(of: object))")
    }
  }

  /// Enters work called from a place of the program.
  package static func enter(_ file: StaticString, _ line: UInt) {
    if !tern_scope_push(nil, file.utf8Start, Int64(file.utf8CodeUnitCount), UInt64(line)) { refuse("tern") }
  }

  /// The path of a layer so deep inside is not looked for: that takes stack, too.
  private static func refuse(_ operation: String) -> Never {
    stop(
      "\(places.first { !$0.isOwn } ?? CallerPlace(fileID: #fileID, line: #line)): Fatal error: \(operation): layers call "
        + "each other \(tern_scope_total()) deep, which is more than the thread's stack holds; does one call itself?\n")
  }

  package static func leave() { tern_scope_pop() }

  /// The objects entered and not left; they are alive as long as their callers are.
  package static var objects: [AnyObject] {
    (0..<tern_scope_depth()).compactMap { depth in
      tern_scope_object(depth).map { Unmanaged<AnyObject>.fromOpaque($0).takeUnretainedValue() }
    }
  }

  /// The places that called for what runs, innermost first.
  static var places: some Sequence<CallerPlace> {
    (0..<tern_scope_depth()).reversed().lazy.compactMap { depth in
      var (length, line): (Int64, UInt64) = (0, 0)
      guard let file = tern_scope_file(depth, &length, &line) else { return nil }
      let bytes = UnsafeBufferPointer(start: file, count: Int(length))
      return CallerPlace(fileID: String(decoding: bytes, as: UTF8.self), line: UInt(line))
    }
  }
}

/// A line of a program.
struct CallerPlace: CustomStringConvertible {
  /// `Module/file.swift`.
  let fileID: String
  let line: UInt

  private static let ownModules: Set<Substring> = [
    "Tern", "TernBackend", "TernTensor", "TernNN", "TernData", "TernTraining", "TernCharts", "TernConformance",
    "TernExperiments", "TernBench", "TernVision", "TernDistributed",
  ]

  /// Whether it lies in one of Tern's own modules.
  var isOwn: Bool { fileID.firstIndex(of: "/").map { Self.ownModules.contains(fileID[..<$0]) } ?? false }

  /// `main.swift:7`
  var description: String { "\(fileID.split(separator: "/").last ?? "?"):\(line)" }
}
