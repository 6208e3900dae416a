import Foundation

/// What BERT's normalizer asks about a scalar.
struct ScalarKinds: OptionSet, Sendable {
  let rawValue: UInt8

  static let whiteSpace = ScalarKinds(rawValue: 1)
  static let punctuation = ScalarKinds(rawValue: 2)
  /// A control character, other than tabulator and line ends, or one that Unicode does not assign.
  static let control = ScalarKinds(rawValue: 4)
  /// Its canonical decomposition is itself, and it is no mark of no width.
  static let bare = ScalarKinds(rawValue: 8)
  /// The small letter of it is itself.
  static let small = ScalarKinds(rawValue: 16)

  /// Those of the first 65,536 scalars.
  static let ofBasicPlane: [ScalarKinds] = (0..<0x10000).map { (value: UInt32) in
    Unicode.Scalar(value).map { ScalarKinds($0) } ?? []
  }

  init(rawValue: UInt8) { self.rawValue = rawValue }

  init(_ scalar: Unicode.Scalar) {
    self = []
    if scalar.properties.isWhitespace { insert(.whiteSpace) }
    let category = scalar.properties.generalCategory
    if ScalarKinds.isPunctuation(scalar, category) { insert(.punctuation) }
    if ScalarKinds.isControl(scalar, category) { insert(.control) }
    if category != .nonspacingMark, !(0xAC00...0xD7A3 ~= scalar.value),
      String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars.elementsEqual([scalar])
    {
      insert(.bare)
    }
    if scalar.properties.lowercaseMapping.unicodeScalars.elementsEqual([scalar]) { insert(.small) }
  }

  private static func isControl(_ scalar: Unicode.Scalar, _ category: Unicode.GeneralCategory) -> Bool {
    if scalar == "\t" || scalar == "\n" || scalar == "\r" { return false }
    return [.control, .format, .unassigned, .privateUse, .surrogate].contains(category)
  }

  private static func isPunctuation(_ scalar: Unicode.Scalar, _ category: Unicode.GeneralCategory) -> Bool {
    switch scalar.value {
    case 33...47, 58...64, 91...96, 123...126: return true
    case 0..<128: return false
    default: break
    }
    switch category {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
      .finalPunctuation, .otherPunctuation:
      return true
    default: return false
    }
  }
}
