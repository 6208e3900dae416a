import Foundation
import Synchronization

/// Unicode's normalization forms, scalar by scalar (Unicode Standard Annex 15), of the characters that Unicode 9 has: those of
/// the tables behind Hugging Face's normalizers.
struct UnicodeForm: Sendable {
  /// Compatible characters are taken for one: K.
  let isCompatible: Bool
  /// Base characters and their marks are put together: C.
  let composes: Bool

  /// Brings a text to this form.
  func callAsFunction(_ text: inout AlignedText) {
    if text.isASCII { return }
    var parts: [AlignedText.Change] = []
    parts.reserveCapacity(text.scalars.count)
    var isUnchanged = true
    for scalar in text.scalars {
      var count = 0
      for part in UnicodeForm.decomposition(of: scalar, isCompatible) {
        isUnchanged = isUnchanged && part == scalar
        parts.append(AlignedText.Change(scalar: part, count: count))
        count = 1
      }
    }
    var hasMarks = false
    UnicodeForm.sortMarks(&parts, &hasMarks)
    if composes { parts = UnicodeForm.composed(parts) }
    if isUnchanged && !hasMarks && parts.count == text.scalars.count && !composes { return }
    text.change(to: parts)
  }

  private static func decomposition(of scalar: Unicode.Scalar, _ isCompatible: Bool) -> [Unicode.Scalar] {
    if scalar.value < 0xA0 { return [scalar] }
    return decompositions.withLock { known in
      let key = scalar.value << 1 | (isCompatible ? 1 : 0)
      if let found = known[key] { return found }
      var found = [scalar]
      if isOld(scalar) {
        let text = String(scalar)
        let parts =
          isCompatible ? text.decomposedStringWithCompatibilityMapping : text.decomposedStringWithCanonicalMapping
        found = Array(parts.unicodeScalars)
      }
      if known.count > 1 << 16 { known.removeAll() }
      known[key] = found
      return found
    }
  }

  private static let decompositions = Mutex<[UInt32: [Unicode.Scalar]]>([:])

  private static func combiningClass(_ scalar: Unicode.Scalar) -> UInt8 {
    if scalar.value < 0x300 { return 0 }
    let kind = scalar.properties.canonicalCombiningClass.rawValue
    return kind == 0 || isOld(scalar) ? kind : 0
  }

  /// Whether Unicode 9 has the character.
  static func isOld(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.age.map { $0.major <= 9 } ?? false }

  /// Sorts each run of marks by class; those of one class stay in their order.
  private static func sortMarks(_ parts: inout [AlignedText.Change], _ hasMarks: inout Bool) {
    var start = 0
    while start < parts.count {
      guard combiningClass(parts[start].scalar) > 0 else {
        start += 1
        continue
      }
      hasMarks = true
      var end = start + 1
      while end < parts.count, combiningClass(parts[end].scalar) > 0 { end += 1 }
      let run = parts[start..<end].enumerated().sorted { first, second in
        let (a, b) = (combiningClass(first.element.scalar), combiningClass(second.element.scalar))
        return (a, first.offset) < (b, second.offset)
      }
      for (place, part) in run.enumerated() { parts[start + place] = part.element }
      start = end
    }
  }

  /// Each starter with the marks, and the starters right behind it, that go into one character with it.
  private static func composed(_ parts: [AlignedText.Change]) -> [AlignedText.Change] {
    var result: [AlignedText.Change] = []
    result.reserveCapacity(parts.count)
    var starter: Int?
    var last: UInt8?
    for part in parts {
      let kind = combiningClass(part.scalar)
      guard let place = starter else {
        if kind == 0 { starter = result.count }
        result.append(part)
        continue
      }
      let isBlocked = last.map { $0 >= kind } ?? false
      if !isBlocked, let whole = composition(of: result[place].scalar, part.scalar) {
        result[place] = AlignedText.Change(scalar: whole, count: result[place].count + part.count - 1)
        continue
      }
      if kind == 0 {
        (starter, last) = (result.count, nil)
      } else {
        last = kind
      }
      result.append(part)
    }
    return result
  }

  private static let known = Mutex<[UInt64: Unicode.Scalar?]>([:])

  /// The character that two go into; `nil` where they do not.
  private static func composition(of first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
    if second.value < 0x300 || first.value < 0x3C { return nil }
    let key = UInt64(first.value) << 32 | UInt64(second.value)
    return known.withLock { known in
      if let found = known[key] { return found }
      // Foundation takes some pairs, such as a syllable with a final behind it, for composed already.
      let text = String(first).decomposedStringWithCanonicalMapping + String(second)
      let scalars = text.precomposedStringWithCanonicalMapping.unicodeScalars
      let whole = scalars.count == 1 ? scalars.first : nil
      // There are far fewer that do.
      if known.count > 1 << 16 { known.removeAll() }
      known[key] = whole
      return whole
    }
  }
}
