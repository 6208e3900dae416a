import TernBackend

/// What is wrong with a file or its contents: which file, what, at which byte, and what was expected.
///
///     mnist/train-images-idx3-ubyte.gz: byte 0: magic number 0x00000801 (expected 0x00000803)
public struct DataError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What a caller may want to tell apart.
  public enum Kind: String, Hashable, Sendable {
    /// Nothing is at the path.
    case notFound
    /// The operating system refused to read.
    case unreadable
    /// The operating system refused to write.
    case unwritable
    /// The contents end before they should.
    case truncated
    /// The contents go on after they should have ended.
    case trailingBytes
    /// The contents are larger than the caller allows.
    case tooLarge
    /// The contents contradict themselves or their format.
    case malformed
    /// The contents are sound, but of a form that is not read.
    case unsupported
    /// The contents are sound, but not what was asked for.
    case mismatch
  }

  /// What a caller may want to tell apart.
  public let kind: Kind
  /// The file, as it was named by the caller.
  public let file: String
  /// What is wrong, in words.
  public let what: String
  /// The byte of the (uncompressed) contents at which it was noticed.
  public let offset: Int?
  /// What should have been there.
  public let expected: String?

  /// An error about `file`.
  ///
  /// - Parameters:
  ///   - kind: The kind.
  ///   - file: The name of the file in errors.
  ///   - what: What is wrong.
  ///   - offset: The position in the file, in bytes.
  ///   - expected: What was expected.
  public init(_ kind: Kind, file: String, _ what: String, at offset: Int? = nil, expected: String? = nil) {
    self.kind = kind
    self.file = file
    self.what = printable(what)
    self.offset = offset
    self.expected = expected.map { printable($0) }
  }

  /// One line: file, byte, what is wrong and what was expected.
  public var description: String {
    var text = "\(printable(file)): "
    if let offset { text += "byte \(offset): " }
    text += what
    if let expected { text += " (expected \(expected))" }
    return text
  }
}
