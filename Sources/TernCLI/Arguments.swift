import ArgumentParser
import Foundation
import Tern
import TernBackend

/// Stops where an option's number is outside what is allowed.
func require(_ option: String, _ value: Int?, in allowed: ClosedRange<Int>) throws {
  guard let value, !allowed.contains(value) else { return }
  if value < allowed.lowerBound {
    throw ValidationError("\(option) \(value): at least \(allowed.lowerBound) is needed")
  }
  throw ValidationError("\(option) \(value): at most \(allowed.upperBound) works")
}

/// Stops where there cannot be so many threads.
func requireThreads(_ threads: Int?) throws { try require("--threads", threads, in: Workers.allowed) }

/// A number with a fixed count of decimals.
func decimals(_ value: Double, _ count: Int) -> String {
  value.isNaN ? "nan" : String(format: "%.\(count)f", value)
}

/// A number with five digits that count.
func significant(_ value: Double) -> String {
  guard value.isFinite, value != 0 else { return decimals(value, 0) }
  let magnitude = Int(log10(abs(value)).rounded(.down))
  return -5...14 ~= magnitude ? decimals(value, max(0, 4 - magnitude)) : String(format: "%.4e", value)
}

extension FloatPrecision: ExpressibleByArgument {
  /// Its name, or the short one.
  public init?(argument: String) {
    switch argument {
    case "float32", "float": self = .float32
    case "bfloat16", "bf16": self = .bfloat16
    default: return nil
    }
  }
}
