import TernBackend

/// What is wrong with an ONNX file, or with what an imported network was given.
public struct ONNXError: Error, CustomStringConvertible {
  /// What is wrong, in words.
  public let what: String
  /// The name of the node where it was noticed; `nil` for the file as a whole.
  public let node: String?
  /// The operator of that node.
  public let operation: String?
  /// The operators that Tern does not have, each once; empty for other errors.
  public let unsupported: [String]

  init(_ what: String, node: String? = nil, operation: String? = nil, unsupported: [String] = []) {
    self.what = printable(what)
    self.node = node
    self.operation = operation
    self.unsupported = unsupported
  }

  /// One line: the node, its operator, and what is wrong.
  public var description: String {
    guard let operation else { return what }
    return "\(printable(operation)) \"\(printable(node ?? ""))\": \(what)"
  }

  /// An error of any kind as one of this type.
  init(_ error: any Error) {
    if let own = error as? ONNXError { self = own } else { self.init("\(error)") }
  }
}
