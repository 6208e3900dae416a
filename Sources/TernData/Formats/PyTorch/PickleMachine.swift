/// Runs Python's pickles, protocols 2 to 5, as `torch.save` writes them, and executes nothing.
///
/// The opcodes are those that build numbers, strings, lists, tuples, sets and dictionaries. GLOBAL pushes a name; REDUCE
/// and NEWOBJ switch over the names in `PickleMachine+Calls.swift`, and every other name is an error that says it.
struct PickleMachine {
  let bytes: SharedBytes
  let file: String
  /// The byte that is read next.
  var place: Int
  var objects: [PickleObject] = []
  /// How many opcodes were run.
  private(set) var opcodeCount = 0

  private let storages: PyTorchStorages
  private var stack: [PickleItem] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleItem] = [:]

  /// A machine that reads from `place` on; `file` names the pickle in errors.
  init(_ bytes: SharedBytes, file: String, at place: Int = 0, storages: PyTorchStorages) {
    self.bytes = bytes
    self.file = file
    self.place = place
    self.storages = storages
  }

  /// Runs one pickle to its end, and leaves `place` behind it.
  ///
  /// - Throws: `DataError` where it is malformed, or does what is not read.
  mutating func run() throws(DataError) -> PickleItem {
    (stack, marks, memo) = ([], [], [:])
    guard bytes.integer(at: place, as: UInt8.self) == 0x80 else {
      throw error("there is no pickle", at: place, expected: "the opcode PROTO")
    }
    while true {
      let start = place
      opcodeCount += 1
      let opcode = try byte()
      if opcode == UInt8(ascii: ".") {
        let result = try pop(start)
        guard stack.isEmpty, marks.isEmpty else {
          throw error("\(stack.count) values and \(marks.count) marks are left", at: start, expected: "one value")
        }
        return result
      }
      try step(opcode, start)
    }
  }

  private mutating func step(_ opcode: UInt8, _ start: Int) throws(DataError) {
    switch opcode {
    case 0x80:
      let version = try byte()
      guard 2...5 ~= version else {
        throw error("protocol \(version)", at: start, expected: "2 to 5", .unsupported)
      }
    case 0x95:
      let size = try size(8)
      guard size <= bytes.count - place else { throw truncated(size) }
    // Constants.
    case UInt8(ascii: "N"): stack.append(.none)
    case 0x88: stack.append(.bool(true))
    case 0x89: stack.append(.bool(false))
    case UInt8(ascii: "J"): stack.append(.integer(Int(try number(Int32.self))))
    case UInt8(ascii: "K"): stack.append(.integer(Int(try byte())))
    case UInt8(ascii: "M"): stack.append(.integer(Int(try number(UInt16.self))))
    case 0x8A: stack.append(try long(Int(try byte())))
    case 0x8B: stack.append(try long(try size(4)))
    case UInt8(ascii: "G"): stack.append(.number(Double(bitPattern: try number(UInt64.self).byteSwapped)))
    case UInt8(ascii: "X"): stack.append(.string(try text(try size(4))))
    case 0x8C: stack.append(.string(try text(Int(try byte()))))
    case 0x8D: stack.append(.string(try text(try size(8))))
    case UInt8(ascii: "T"): stack.append(try oldString(try size(4)))
    case UInt8(ascii: "U"): stack.append(try oldString(Int(try byte())))
    case UInt8(ascii: "B"): stack.append(.bytes(try array(try size(4))))
    case UInt8(ascii: "C"): stack.append(.bytes(try array(Int(try byte()))))
    case 0x8E, 0x96: stack.append(.bytes(try array(try size(8))))
    // Containers.
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: ")"): push(.tuple([]))
    case UInt8(ascii: "t"): push(.tuple(try popToMark(start)))
    case 0x85, 0x86, 0x87:
      var items: [PickleItem] = []
      for _ in 0..<opcode - 0x84 { items.append(try pop(start)) }
      push(.tuple(items.reversed()))
    case UInt8(ascii: "]"), 0x8F: push(.list([]))
    case UInt8(ascii: "l"), 0x91: push(.list(try popToMark(start)))
    case UInt8(ascii: "a"):
      let item = try pop(start)
      try append([item], start)
    case UInt8(ascii: "e"), 0x90: try append(try popToMark(start), start)
    case UInt8(ascii: "}"): push(.dictionary([]))
    case UInt8(ascii: "s"):
      let value = try pop(start)
      let key = try pop(start)
      try set([key, value], start)
    case UInt8(ascii: "u"): try set(try popToMark(start), start)
    // The stack and the memo.
    case UInt8(ascii: "0"): _ = try pop(start)
    case UInt8(ascii: "1"): _ = try popToMark(start)
    case UInt8(ascii: "2"): stack.append(try top(start))
    case UInt8(ascii: "q"): memo[Int(try byte())] = try top(start)
    case UInt8(ascii: "r"): memo[try size(4)] = try top(start)
    case 0x94: memo[memo.count] = try top(start)
    case UInt8(ascii: "h"): try recall(Int(try byte()), start)
    case UInt8(ascii: "j"): try recall(try size(4), start)
    // Names, and what is made by them.
    case UInt8(ascii: "c"):
      let module = try line()
      stack.append(Self.name(module, try line()))
    case 0x93:
      guard case (.string(let name), .string(let module)) = (try pop(start), try pop(start)) else {
        throw error("a name is no string", at: start, expected: "a module and a name")
      }
      stack.append(Self.name(module, name))
    case UInt8(ascii: "Q"): try load(try pop(start), start)
    case UInt8(ascii: "R"):
      let arguments = try pop(start)
      stack.append(try call(try pop(start), arguments, start))
    case 0x81:
      let arguments = try pop(start)
      stack.append(try instance(try pop(start), arguments, start))
    case 0x92:
      _ = (try pop(start), try pop(start))
      stack.append(try instance(try pop(start), .none, start))
    case UInt8(ascii: "b"):
      let state = try pop(start)
      try build(try top(start), state, start)
    default:
      let code = "0x" + String(opcode, radix: 16, uppercase: true)
      throw error(Self.refusedOpcodes[opcode] ?? "the opcode \(code)", at: start, expected: Self.contents, .unsupported)
    }
  }

  /// What a file may hold.
  static let contents =
    "tensors, numbers, strings, lists and dictionaries: in Python torch.save(model.state_dict(), path)"

  private static let refusedOpcodes: [UInt8: String] = [
    UInt8(ascii: "i"): "makes an object by the opcode INST", UInt8(ascii: "o"): "makes an object by the opcode OBJ",
    UInt8(ascii: "P"): "names a storage by the opcode PERSID, as protocol 0 does", 0x82: "the opcode EXT1",
    0x83: "the opcode EXT2", 0x84: "the opcode EXT4", 0x97: "a buffer outside the file, by the opcode NEXT_BUFFER",
    0x98: "a buffer outside the file, by the opcode READONLY_BUFFER",
  ]

  /// A name under its module; Python 2 called the built-in one otherwise.
  private static func name(_ module: String, _ name: String) -> PickleItem {
    .name((module == "__builtin__" ? "builtins" : module) + "." + name)
  }

  // MARK: The stack

  /// Pushes a new object.
  mutating func push(_ object: PickleObject) { stack.append(add(object)) }

  /// A new object.
  mutating func add(_ object: PickleObject) -> PickleItem {
    objects.append(object)
    return .object(objects.count - 1)
  }

  private mutating func pop(_ start: Int) throws(DataError) -> PickleItem {
    guard stack.count > marks.last ?? 0, let item = stack.popLast() else {
      throw error("the stack is empty", at: start)
    }
    return item
  }

  private func top(_ start: Int) throws(DataError) -> PickleItem {
    guard stack.count > marks.last ?? 0, let item = stack.last else { throw error("the stack is empty", at: start) }
    return item
  }

  private mutating func popToMark(_ start: Int) throws(DataError) -> [PickleItem] {
    guard let mark = marks.popLast() else { throw error("there is no mark", at: start) }
    let items = Array(stack[mark...])
    stack.removeLast(stack.count - mark)
    return items
  }

  private mutating func recall(_ key: Int, _ start: Int) throws(DataError) {
    guard let item = memo[key] else { throw error("nothing is kept as \(key)", at: start) }
    stack.append(item)
  }

  /// Adds items to the list on the stack.
  private mutating func append(_ items: [PickleItem], _ start: Int) throws(DataError) {
    guard case .object(let index) = try top(start), case .list(var list) = objects[index] else {
      throw error("appends to what is no list", at: start)
    }
    // The list's only owner: appending copies nothing.
    objects[index] = .list([])
    list += items
    objects[index] = .list(list)
  }

  /// Adds keys and values to the dictionary on the stack.
  private mutating func set(_ items: [PickleItem], _ start: Int) throws(DataError) {
    guard case .object(let index) = try top(start), case .dictionary(var members) = objects[index] else {
      throw error("sets a key of what is no dictionary", at: start)
    }
    guard items.count % 2 == 0 else { throw error("a key without value", at: start) }
    objects[index] = .dictionary([])
    for place in stride(from: 0, to: items.count, by: 2) { members.append((items[place], items[place + 1])) }
    objects[index] = .dictionary(members)
  }

  /// Pushes the storage that a persistent id names: `('storage', type, key, location, count)`.
  private mutating func load(_ id: PickleItem, _ start: Int) throws(DataError) {
    guard case .object(let index) = id, case .tuple(let parts) = objects[index], 5...6 ~= parts.count,
      case (.string("storage"), .name(let type), .string(let key)) = (parts[0], parts[1], parts[2]),
      case .integer(let count) = parts[4]
    else {
      throw error("a persistent id", at: start, expected: "('storage', type, key, location, count)")
    }
    if parts.count == 6 {
      guard case .none = parts[5] else {
        throw error("a storage that is a view of another", at: start, expected: Self.conversion, .unsupported)
      }
    }
    push(.storage(try storages.storage(type: type, key: key, count: count, place: "\(file): byte \(start)")))
  }

  /// How to make a file that is read of one that is not.
  static let conversion = "a file of PyTorch 1.6 or later: in Python torch.save(torch.load(path), path)"

  // MARK: Bytes

  func error(
    _ what: String, at place: Int, expected: String? = nil, _ kind: DataError.Kind = .malformed
  ) -> DataError {
    DataError(kind, file: file, what, at: place, expected: expected)
  }

  private func truncated(_ count: Int) -> DataError {
    error("the pickle ends", at: bytes.count, expected: "\(count) bytes from byte \(place)", .truncated)
  }

  private mutating func number<Value: FixedWidthInteger & BitwiseCopyable>(
    _: Value.Type
  ) throws(DataError) -> Value {
    guard let value = bytes.integer(at: place, as: Value.self) else { throw truncated(MemoryLayout<Value>.size) }
    place += MemoryLayout<Value>.size
    return value
  }

  private mutating func byte() throws(DataError) -> UInt8 { try number(UInt8.self) }

  /// A size or key of 4 or 8 bytes.
  private mutating func size(_ width: Int) throws(DataError) -> Int {
    if width == 4 { return Int(try number(UInt32.self)) }
    let value = try number(UInt64.self)
    guard let size = Int(exactly: value) else { throw error("\(value) is no size", at: place - 8) }
    return size
  }

  private mutating func part(_ count: Int) throws(DataError) -> SharedBytes {
    guard count <= bytes.count - place else { throw truncated(count) }
    defer { place += count }
    return bytes[place..<place + count]
  }

  private mutating func array(_ count: Int) throws(DataError) -> [UInt8] { Array(try part(count).array) }

  private mutating func text(_ count: Int) throws(DataError) -> String {
    let start = place
    guard let text = String(validating: try part(count).array, as: UTF8.self) else {
      throw error("a string is not UTF-8", at: start)
    }
    return text
  }

  /// A string of Python 2: text where it is UTF-8, else bytes.
  private mutating func oldString(_ count: Int) throws(DataError) -> PickleItem {
    let part = try part(count)
    return String(validating: part.array, as: UTF8.self).map { .string($0) } ?? .bytes(Array(part.array))
  }

  /// A whole number of some bytes.
  private mutating func long(_ count: Int) throws(DataError) -> PickleItem {
    guard count <= 128 else { throw error("a whole number of \(count) bytes", at: place, expected: "at most 128") }
    let part = try part(count)
    guard count <= 8 else { return .long(part) }
    guard let last = part.array.last else { return .integer(0) }
    var value = last >= 0x80 ? -1 : 0
    for byte in part.array.reversed() { value = value << 8 | Int(byte) }
    return .integer(value)
  }

  /// The text up to the end of the line.
  private mutating func line() throws(DataError) -> String {
    let start = place
    while try byte() != UInt8(ascii: "\n") {
      guard place - start <= 1000 else { throw error("a name of more than 1000 bytes", at: start) }
    }
    guard let text = String(validating: bytes[start..<place - 1].array, as: UTF8.self) else {
      throw error("a name is not UTF-8", at: start)
    }
    return text
  }
}
