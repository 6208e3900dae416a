import TernTensor

// What REDUCE, NEWOBJ and BUILD may do: a switch over names.

extension PickleMachine {
  /// What a call of a function of this name gives.
  mutating func call(_ function: PickleItem, _ arguments: PickleItem, _ start: Int) throws(DataError) -> PickleItem {
    guard case .name(let name) = function else {
      throw error("calls \(kind(of: function))", at: start, expected: "a function's name")
    }
    let items = try tuple(arguments, "the arguments of \(name)", start)
    switch name {
    case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor_v3":
      return try tensor(name, items, start)
    case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
      guard let first = items.first, case .object(let index) = first, case .tensor = objects[index] else {
        throw error("a parameter without tensor", at: start)
      }
      return first
    case "torch._tensor._rebuild_from_type_v2":
      // A tensor with attributes, which are left out.
      guard items.count == 4, case .name(let type) = items[1] else {
        throw error("\(items.count) arguments of \(name)", at: start, expected: "4")
      }
      guard ["torch.Tensor", "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer"].contains(type) else {
        throw refusal("a tensor of class \(type)", start)
      }
      guard case .name(let inner) = items[0], inner != name else { throw error("calls a call", at: start) }
      return try call(items[0], items[2], start)
    case "collections.OrderedDict", "collections.Counter", "builtins.dict": return try dictionary(items, name, start)
    case "collections.defaultdict":
      // Its first argument names what makes missing values.
      return try dictionary(Array(items.dropFirst()), name, start)
    case "torch.Size", "builtins.set", "builtins.frozenset", "builtins.list", "builtins.tuple":
      guard items.count <= 1 else { throw error("\(items.count) arguments of \(name)", at: start, expected: "one") }
      return add(.list(try items.first.map { item throws(DataError) in try elements(item, name, start) } ?? []))
    case "torch.device":
      guard case .string(let kind)? = items.first else { throw error("a device without name", at: start) }
      if case .integer(let index)? = items.dropFirst().first { return .string("\(kind):\(index)") }
      return .string(kind)
    case "torch.serialization._get_layout", "torch.serialization._get_dtype":
      guard case .string(let text)? = items.first else { throw error("a layout without name", at: start) }
      return .name(text)
    case "_codecs.encode":
      guard case .string(let text)? = items.first else { throw error("encodes what is no string", at: start) }
      return .bytes(try latin1(text, start))
    case "builtins.bytearray", "builtins.bytes":
      guard let first = items.first else { return .bytes([]) }
      if case .bytes = first { return first }
      guard case .string(let text) = first else { throw error("bytes of \(kind(of: first))", at: start) }
      return .bytes(try latin1(text, start))
    default:
      if let what = Self.refusedTensors[name] { throw refusal(what, start) }
      throw refusal("an object that \(name) makes", start)
    }
  }

  /// What a new instance of a class of this name is: a dictionary, or an error.
  mutating func instance(_ type: PickleItem, _ arguments: PickleItem, _ start: Int) throws(DataError) -> PickleItem {
    guard case .name(let name) = type else {
      throw error("makes an instance of \(kind(of: type))", at: start, expected: "a class's name")
    }
    switch name {
    case "collections.OrderedDict", "builtins.dict", "collections.Counter", "collections.defaultdict",
      "torch.Size", "builtins.set", "builtins.frozenset", "builtins.list":
      return try call(type, arguments, start)
    default: throw refusal("a whole object of class \(name), not a state dict", start)
    }
  }

  /// Gives an object its attributes: those of a dictionary, as `_metadata`, are left out.
  mutating func build(_ object: PickleItem, _ state: PickleItem, _ start: Int) throws(DataError) {
    guard case .object(let index) = object, case .dictionary = objects[index] else {
      throw error("gives \(kind(of: object)) attributes", at: start, expected: "a dictionary", .unsupported)
    }
  }

  private static let refusedTensors = [
    "torch._utils._rebuild_qtensor": "a quantized tensor", "torch._utils._rebuild_sparse_tensor": "a sparse tensor",
    "torch._utils._rebuild_sparse_csr_tensor": "a sparse tensor",
    "torch._utils._rebuild_nested_tensor": "a nested tensor",
    "torch._utils._rebuild_meta_tensor_no_storage": "a tensor without values (device meta)",
    "torch._utils._rebuild_wrapper_subclass": "a tensor of a class of its own",
    "torch._utils._rebuild_device_tensor_from_numpy": "a tensor of another device",
    "torch._utils._rebuild_device_tensor_from_cpu_tensor": "a tensor of another device",
    "builtins.complex": "a complex number",
  ]

  private func refusal(_ what: String, _ start: Int) -> DataError {
    error("holds \(what)", at: start, expected: Self.contents, .unsupported)
  }

  // MARK: Arguments

  /// What messages call an item.
  func kind(of item: PickleItem) -> String {
    if case .object(let index) = item { objects[index].kind } else { item.kind }
  }

  private func tuple(_ item: PickleItem, _ what: @autoclosure () -> String, _ start: Int) throws(DataError)
    -> [PickleItem]
  {
    guard case .object(let index) = item, case .tuple(let items) = objects[index] else {
      throw error("\(what()) are \(kind(of: item))", at: start, expected: "a tuple")
    }
    return items
  }

  private func elements(_ item: PickleItem, _ name: String, _ start: Int) throws(DataError) -> [PickleItem] {
    guard case .object(let index) = item else { throw error("\(name) of \(kind(of: item))", at: start) }
    switch objects[index] {
    case .list(let items), .tuple(let items): return items
    default: throw error("\(name) of \(objects[index].kind)", at: start, expected: "a list")
    }
  }

  /// A dictionary, of another one or of pairs.
  private mutating func dictionary(_ items: [PickleItem], _ name: String, _ start: Int) throws(DataError) -> PickleItem
  {
    guard let first = items.first else { return add(.dictionary([])) }
    if case .object(let index) = first, case .dictionary(let members) = objects[index] {
      return add(.dictionary(members))
    }
    var members: [(key: PickleItem, value: PickleItem)] = []
    for pair in try elements(first, name, start) {
      let parts = try elements(pair, name, start)
      guard parts.count == 2 else { throw error("\(name) of \(parts.count) items", at: start, expected: "pairs") }
      members.append((parts[0], parts[1]))
    }
    return add(.dictionary(members))
  }

  private func latin1(_ text: String, _ start: Int) throws(DataError) -> [UInt8] {
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { throw error("a character beyond latin-1", at: start) }
      bytes.append(byte)
    }
    return bytes
  }

  private func integers(_ item: PickleItem, _ what: String, _ start: Int) throws(DataError) -> [Int] {
    var result: [Int] = []
    for item in try elements(item, what, start) {
      guard case .integer(let value) = item else {
        throw error("the \(what) has \(kind(of: item))", at: start, expected: "whole numbers")
      }
      result.append(value)
    }
    return result
  }

  /// A tensor: storage, offset, size, stride, and what is left out, whether it wants a gradient and hooks.
  private mutating func tensor(_ name: String, _ items: [PickleItem], _ start: Int) throws(DataError) -> PickleItem {
    let isThird = name.hasSuffix("_v3")
    guard items.count >= (isThird ? 7 : 4), case .object(let index) = items[0],
      case .storage(let storage) = objects[index], case .integer(let offset) = items[1]
    else {
      throw error("the arguments of \(name)", at: start, expected: "storage, offset, size and stride")
    }
    let metadata = items.dropFirst(isThird ? 7 : 6).first
    if let metadata, case .object(let index) = metadata, case .dictionary(let members) = objects[index],
      let first = members.first
    {
      guard case .string(let key) = first.key else { throw error("a tensor with metadata", at: start) }
      throw refusal("a tensor with the flag \(key)", start)
    }
    var type = storage.type
    if isThird {
      guard case .name(let dtype) = items[6] else { throw error("a tensor without type", at: start) }
      type = try ElementType.named(dtype, place: "\(file): byte \(start)")
    }
    guard let type else { throw error("a storage without type", at: start, .unsupported) }
    let shape = try integers(items[2], "size", start)
    let strides = try integers(items[3], "stride", start)
    let entry = try PyTorchFile.TensorEntry(
      type: type, shape: shape, strides: strides, offset: offset, storage: storage, place: "\(file): byte \(start)")
    return add(.tensor(entry))
  }
}
