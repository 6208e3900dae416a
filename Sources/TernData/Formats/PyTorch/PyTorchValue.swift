extension PyTorchFile {
  /// What a file holds: a tensor, a number, a text, or a list or dictionary of those.
  public indirect enum Value: Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    /// A floating-point number, or the nearest one to a whole number beyond `Int`.
    case number(Double)
    /// A text, or a name as `torch.float32`.
    case string(String)
    case bytes([UInt8])
    case tensor(TensorEntry)
    /// A list, tuple or set.
    case list([Value])
    /// Keys in the order of the file; those that are numbers are written in decimals.
    case dictionary([Member])

    /// A key with its value.
    public struct Member: Sendable {
      /// The key.
      public let key: String
      /// What is under it.
      public let value: Value
    }

    /// What is under a path of keys and positions, joined by `.`; `nil` where nothing is. A key may have a `.` of its own.
    public subscript(path: String) -> Value? { find(path[...]) }

    /// The whole number.
    public var integer: Int? { if case .integer(let value) = self { value } else { nil } }

    /// The number, whole or not.
    public var number: Double? {
      switch self {
      case .integer(let value): Double(value)
      case .number(let value): value
      default: nil
      }
    }

    /// The text.
    public var string: String? { if case .string(let value) = self { value } else { nil } }

    /// The truth value.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The tensor.
    public var tensor: TensorEntry? { if case .tensor(let value) = self { value } else { nil } }

    /// The values of a list, tuple or set.
    public var list: [Value]? { if case .list(let items) = self { items } else { nil } }

    /// The keys and values of a dictionary.
    public var members: [Member]? { if case .dictionary(let members) = self { members } else { nil } }

    /// What messages call it.
    var kind: String {
      switch self {
      case .none: "None"
      case .bool: "a bool"
      case .integer: "an integer"
      case .number: "a number"
      case .string: "a string"
      case .bytes: "bytes"
      case .tensor: "a tensor"
      case .list: "a list"
      case .dictionary: "a dictionary"
      }
    }

    private func find(_ path: Substring) -> Value? {
      if path.isEmpty { return self }
      let parts: [(key: String, value: Value)]
      switch self {
      case .dictionary(let members): parts = members.map { ($0.key, $0.value) }
      case .list(let items):
        // Only the position that is asked for.
        let digits = path.prefix { $0 != "." }
        guard let index = Int(digits), items.indices.contains(index) else { return nil }
        parts = [(String(index), items[index])]
      default: return nil
      }
      for (key, value) in parts where path.hasPrefix(key) {
        let rest = path.dropFirst(key.count)
        if rest.isEmpty { return value }
        if rest.first == ".", let found = value.find(rest.dropFirst()) { return found }
      }
      return nil
    }
  }
}

extension PickleMachine {
  /// Runs one pickle and returns its value, with all below it.
  ///
  /// - Throws: `DataError` for containers that hold themselves or nest too deep, for many references to one container
  ///   that would be many more values than the file has bytes, and for keys that are no text or number.
  mutating func value() throws(DataError) -> PyTorchFile.Value {
    let item = try run()
    var count = 0
    return try value(of: item, depth: 0, &count)
  }

  private func value(
    of item: PickleItem, depth: Int, _ count: inout Int
  ) throws(DataError) -> PyTorchFile.Value {
    count += 1
    guard count <= 100_000 + 8 * opcodeCount else {
      throw error("\(opcodeCount) steps make more than \(count - 1) values", at: place, .tooLarge)
    }
    switch item {
    case .none: return .none
    case .bool(let value): return .bool(value)
    case .integer(let value): return .integer(value)
    case .long(let bytes): return .number(Self.nearest(bytes))
    case .number(let value): return .number(value)
    case .string(let text): return .string(text)
    case .bytes(let bytes): return .bytes(bytes)
    case .name(let name):
      guard name.hasPrefix("torch.") else {
        throw error("holds the name \(name)", at: place, expected: Self.contents, .unsupported)
      }
      return .string(name)
    case .object(let index):
      guard depth < JSON.depthLimit else {
        throw error("values lie more than \(JSON.depthLimit) deep, or hold themselves", at: place)
      }
      switch objects[index] {
      case .tensor(let tensor): return .tensor(tensor)
      case .list(let items), .tuple(let items):
        var values: [PyTorchFile.Value] = []
        values.reserveCapacity(items.count)
        for item in items { values.append(try value(of: item, depth: depth + 1, &count)) }
        return .list(values)
      case .dictionary(let members):
        return .dictionary(try dictionary(members, depth, &count))
      case .storage: throw error("holds a storage of its own", at: place, expected: Self.contents, .unsupported)
      }
    }
  }

  /// The members of a dictionary: of a key that is set twice, the last, where the first was.
  private func dictionary(
    _ members: [(key: PickleItem, value: PickleItem)], _ depth: Int, _ count: inout Int
  ) throws(DataError) -> [PyTorchFile.Value.Member] {
    var places: [ExactName: (place: Int, isText: Bool)] = [:]
    var result: [(key: String, item: PickleItem)] = []
    for (key, item) in members {
      let (name, isText) = try text(ofKey: key)
      if let known = places[ExactName(name)] {
        guard known.isText == isText else { throw error("the keys \"\(name)\" and \(name)", at: place) }
        result[known.place].item = item
      } else {
        places[ExactName(name)] = (result.count, isText)
        result.append((name, item))
      }
    }
    var values: [PyTorchFile.Value.Member] = []
    values.reserveCapacity(result.count)
    for (key, item) in result {
      values.append(PyTorchFile.Value.Member(key: key, value: try value(of: item, depth: depth + 1, &count)))
    }
    return values
  }

  private func text(ofKey key: PickleItem) throws(DataError) -> (name: String, isText: Bool) {
    switch key {
    case .string(let text): return (text, true)
    case .name(let name): return (name, true)
    case .integer(let value): return (String(value), false)
    case .number(let value): return (String(value), false)
    case .bool(let value): return (value ? "True" : "False", false)
    case .none: return ("None", false)
    default:
      throw error("a key of a dictionary is \(kind(of: key))", at: place, expected: "a string or number", .unsupported)
    }
  }

  /// The nearest number to a whole one in two's complement.
  private static func nearest(_ bytes: SharedBytes) -> Double {
    let bytes = bytes.array
    let isNegative = (bytes.last ?? 0) >= 0x80
    // −x is ~x + 1; beyond 64 bits the 1 is far below the last digit that counts, but for where it carries.
    var value = 0.0
    for byte in bytes.reversed() { value = value * 256 + Double(isNegative ? ~byte : byte) }
    return isNegative ? -(value + 1) : value
  }
}
