/// Reckoning with the numbers of a caller, which may be any: sums and products that leave the range of sizes stop with
/// one line.
package enum Sizes {
  /// The largest number that counts elements, steps or places.
  package static let most = 1 << 48

  /// Stops unless all numbers lie within ±2⁴⁸: then sums and small multiples of some of them stay within an Int.
  package static func check(
    _ numbers: [Int], _ operation: @autoclosure () -> String, _ name: @autoclosure () -> String
  ) {
    for number in numbers { check(number, operation(), name()) }
  }

  /// Stops unless a number lies within ±2⁴⁸.
  package static func check(
    _ number: Int, _ operation: @autoclosure () -> String, _ name: @autoclosure () -> String
  ) {
    if number > most || number < -most {
      fail(operation(), "\(name()) \(number) is out of range (at most 2⁴⁸)")
    }
  }

  /// The product of numbers that are not negative; stops where it is beyond 2⁴⁸.
  package static func product(
    _ numbers: [Int], _ operation: @autoclosure () -> String, _ name: @autoclosure () -> String
  ) -> Int {
    var result = 1
    for number in numbers {
      let (product, overflow) = result.multipliedReportingOverflow(by: number)
      if overflow || product > most || product < 0 {
        let factors = numbers.map(String.init).joined(separator: " · ")
        fail(operation(), "\(name()) \(factors) is out of range (at most 2⁴⁸)")
      }
      result = product
    }
    return result
  }

  /// a · b, at most 2⁶⁰: for counts that nothing is allocated by. The factors are not negative.
  package static func saturated(_ a: Int, times b: Int) -> Int {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? 1 << 60 : Swift.min(product, 1 << 60)
  }
}
