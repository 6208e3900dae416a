import TernBackend
import TernTensor

/// Parameters in a row, a module of its own, as `torch.nn.ParameterList`: saved as `0`, `1`, … below its path.
///
/// An array of parameters as a module's property does the same; this is one that can be passed on and copied.
public final class ParameterList<Scalar: FloatingScalar>: Module, RandomAccessCollection {
  private var entries: [Parameter<Scalar>]

  /// Creates a list of parameters.
  ///
  /// - Parameter parameters: the parameters in their order.
  public init(_ parameters: [Parameter<Scalar>] = []) { entries = parameters }

  /// Creates a list of parameters that start at the given values.
  ///
  /// - Parameter values: the values in their order.
  public convenience init(_ values: [Tensor<Scalar>]) { self.init(values.map { Parameter($0) }) }

  /// The parameters stand right below the list's path.
  public var savedNames: [String: String] { ["entries": ""] }

  /// 0.
  public var startIndex: Int { 0 }
  /// The number of parameters.
  public var endIndex: Int { entries.count }

  /// A parameter; stops outside the list.
  public subscript(position: Int) -> Parameter<Scalar> {
    check(entries.indices.contains(position), "ParameterList", "position \(position) of \(entries.count)")
    return entries[position]
  }

  /// Adds a parameter at the end. Optimizers made before do not know it.
  public func append(_ parameter: Parameter<Scalar>) { entries.append(parameter) }

  /// Adds parameters at the end. Optimizers made before do not know them.
  public func append(contentsOf parameters: some Sequence<Parameter<Scalar>>) {
    entries.append(contentsOf: parameters)
  }
}

extension ParameterList: SelfCopying {
  func duplicate() -> any Module { ParameterList(entries.map { Parameter(Tensor<Scalar>(zeros: $0.shape)) }) }
}

/// Parameters by name, a module of its own, as `torch.nn.ParameterDict`: saved under their keys below its path, sorted.
public final class ParameterDictionary<Scalar: FloatingScalar>: Module {
  private var entries: [String: Parameter<Scalar>]

  /// Creates parameters by name. Stops for an empty key and for one with a dot.
  ///
  /// - Parameter parameters: the parameters by their keys.
  public init(
    _ parameters: [String: Parameter<Scalar>] = [:], file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    for key in parameters.keys { checkKey(key) }
    entries = parameters
  }

  /// The parameters stand right below the dictionary's path.
  public var savedNames: [String: String] { ["entries": ""] }

  /// The keys, sorted.
  public var keys: [String] { entries.keys.sorted() }
  /// The number of parameters.
  public var count: Int { entries.count }

  /// The parameter of a key; `nil` without one. Optimizers made before do not know what is set. Stops for an empty key
  /// and for one with a dot.
  public subscript(key: String) -> Parameter<Scalar>? {
    get { entries[key] }
    set {
      checkKey(key)
      entries[key] = newValue
    }
  }
}

extension ParameterDictionary: SelfCopying {
  func duplicate() -> any Module {
    ParameterDictionary(entries.mapValues { Parameter(Tensor<Scalar>(zeros: $0.shape)) })
  }
}

private func checkKey(_ key: String) {
  check(!key.isEmpty && !key.contains("."), "ParameterDictionary", "the key \"\(key)\", expected one without dots")
}
