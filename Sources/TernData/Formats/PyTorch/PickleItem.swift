/// A value on the stack of a ``PickleMachine``: containers, storages and tensors by their place among its objects, so that
/// nothing recurses however deep a file nests them.
enum PickleItem: Sendable {
  case none
  case bool(Bool)
  case integer(Int)
  /// A whole number beyond `Int`: its bytes in two's complement, least significant first.
  case long(SharedBytes)
  case number(Double)
  case string(String)
  case bytes([UInt8])
  /// What GLOBAL names, as `torch.FloatStorage`: a name and nothing else.
  case name(String)
  case object(Int)

  /// What messages call it.
  var kind: String {
    switch self {
    case .none: "None"
    case .bool: "a bool"
    case .integer, .long: "an integer"
    case .number: "a float"
    case .string: "a string"
    case .bytes: "bytes"
    case .name(let name): name
    case .object: "a container or tensor"
    }
  }
}

/// What a ``PickleItem`` points to.
enum PickleObject: Sendable {
  /// A list, or a set in the order of the file.
  case list([PickleItem])
  case tuple([PickleItem])
  case dictionary([(key: PickleItem, value: PickleItem)])
  case storage(PyTorchStorage)
  case tensor(PyTorchFile.TensorEntry)

  /// What messages call it.
  var kind: String {
    switch self {
    case .list: "a list"
    case .tuple: "a tuple"
    case .dictionary: "a dictionary"
    case .storage: "a storage"
    case .tensor: "a tensor"
    }
  }
}
