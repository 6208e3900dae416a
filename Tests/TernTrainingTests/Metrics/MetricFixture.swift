import Foundation
import Tern
import Testing

/// scikit-learn's numbers of `metrics.json`, which `make.py` writes.
struct MetricFixture: Decodable {
  /// What JSON has; null is not a number.
  private enum Value: Decodable {
    case number(Double)
    case text(String)
    case list([Value])
    case entries([String: Value])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .number(.nan)
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else if let text = try? container.decode(String.self) {
        self = .text(text)
      } else if let list = try? container.decode([Value].self) {
        self = .list(list)
      } else {
        self = .entries(try container.decode([String: Value].self))
      }
    }

    var numbers: [Double] {
      switch self {
      case .number(let number): [number]
      case .list(let list): list.flatMap(\.numbers)
      case .text, .entries: []
      }
    }
  }

  private let values: Value
  let name: String

  init(from decoder: any Decoder) throws {
    values = try Value(from: decoder)
    guard case .entries(let entries) = values, case .text(let name)? = entries["name"] else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no name"))
    }
    self.name = name
  }

  /// The entries of a section.
  static func section(_ name: String) throws -> [MetricFixture] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "metrics.json")
    let sections = try JSONDecoder().decode([String: [MetricFixture]].self, from: Data(contentsOf: file))
    return try #require(sections[name])
  }

  func whole(_ key: String) throws -> Int { Int(try numbers(key)[0]) }
  func labels() throws -> Tensor<Int> { Tensor(try numbers("labels").map { Int($0) }) }

  /// A number, or rows of them, at a path of keys below each other.
  func numbers(_ path: String...) throws -> [Double] {
    var place = values
    for key in path {
      guard case .entries(let entries) = place else { throw CocoaError(.coderValueNotFound) }
      place = try #require(entries[key], "\(name): no \(path)")
    }
    return place.numbers
  }
}

/// Whether numbers are the same to 10⁻¹², of what is larger than 1 relatively.
func areClose(_ a: [Double], _ b: [Double]) -> Bool {
  a.count == b.count
    && zip(a, b).allSatisfy { x, y in
      x.isNaN || y.isNaN ? x.isNaN == y.isNaN : abs(x - y) <= 1e-12 * max(1, abs(y)) || x == y
    }
}

/// Expects a metric's numbers of a whole batch, which are the same, to the bit, of its two parts after each other and by way
/// of a saved state, and nearly of the parts merged.
func expectMetric<M: Metric>(
  _ empty: M, _ whole: M.Batch, _ parts: [M.Batch], is expected: [Double], _ comment: String,
  _ number: (M) -> [Double], location: SourceLocation = #_sourceLocation
) throws {
  var metric = empty
  metric.update(whole)
  let value = number(metric)
  #expect(areClose(value, expected), "\(comment): \(value), not \(expected)", sourceLocation: location)
  var (both, merged) = (empty, empty)
  for part in parts {
    both.update(part)
    var one = empty
    one.update(part)
    merged.merge(one)
  }
  let (bits, sequential) = (value.map(\.bitPattern), number(both).map(\.bitPattern))
  #expect(sequential == bits, "\(comment): in parts \(number(both)), whole \(value)", sourceLocation: location)
  #expect(areClose(number(merged), value), "\(comment): merged \(number(merged))", sourceLocation: location)
  var read = empty
  try read.restore(metric.state)
  #expect(number(read).map(\.bitPattern) == bits, "\(comment): read \(number(read))", sourceLocation: location)
  // What is read goes on as what was saved.
  read.update(parts[0])
  metric.update(parts[0])
  #expect(number(read).map(\.bitPattern) == number(metric).map(\.bitPattern), "\(comment)", sourceLocation: location)
  read.reset()
  read.update(whole)
  #expect(number(read).map(\.bitPattern) == bits, "\(comment): reset", sourceLocation: location)
}
