import TernBackend
import TernTensor

/// How a parameter's value is computed from others, its originals, which are learned in its place: what
/// `torch.nn.utils.parametrize` registers.
///
/// ```swift
/// let layer = Dense(20, 40)
/// layer.weight.parametrize(with: WeightNormalization())
/// let optimizer = SGD(layer, learningRate: 0.1)  // bias, parametrizations.weight.original0 and .original1
/// let scores = layer(Tensor(randomNormal: [8, 20]))  // with the weight g·v/‖v‖
/// layer.weight.removeParametrizations()  // a plain parameter again, of the same value
/// ```
///
/// A parametrization of your own is a module with ``value(of:)``; its parameters and buffers are listed and saved as
/// `parametrizations.weight.0.…`. To be copied with its layer it adopts ``CopyableModule``; one that behaves in one way
/// in training and in another in evaluation adopts ``ModeDependent``.
public protocol Parametrization<Scalar>: Module {
  /// Float or Double.
  associatedtype Scalar: FloatingScalar

  /// Makes ready for a parameter of this value, once, before anything else: buffers that depend on its shape.
  func prepare(for value: Tensor<Scalar>)

  /// Originals whose ``value(of:)`` is this value, or the nearest to it there is: what the parameter starts with, and what
  /// setting its value sets.
  func originals(of value: Tensor<Scalar>) -> [Tensor<Scalar>]

  /// The parameter's value, by recorded operations, so that gradients flow to the originals.
  func value(of originals: [Tensor<Scalar>]) -> Tensor<Scalar>
}

extension Parametrization {
  /// Nothing to do.
  public func prepare(for value: Tensor<Scalar>) {}

  /// The value itself, one original.
  public func originals(of value: Tensor<Scalar>) -> [Tensor<Scalar>] { [value] }
}

extension Parameter {
  /// Whether its value is computed from others.
  public var isParametrized: Bool { parametrizations != nil }

  /// The parameters that its value is computed from; none where it is not parametrized.
  public var originals: [Parameter] { parametrizations?.originals.list ?? [] }

  /// Computes the value from originals from here on, which are learned and saved in its place.
  ///
  /// ``value`` is then computed whenever it is read, and setting it sets the originals. They are listed as
  /// `parametrizations.weight.original`, several as `.original0`, `.original1`, after all else of the layer; optimizers
  /// made before do not know them. Of a parametrized parameter the value goes through this one as well, as the last.
  /// Stops where the result has another shape.
  ///
  /// - Parameter parametrization: how the value is computed; an object of its own for each parameter.
  public func parametrize(
    with parametrization: some Parametrization<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    withoutGradients {
      let value = self.value
      let list = parametrizations
      parametrization.prepare(for: value)
      let start = list == nil ? parametrization.originals(of: value) : [value]
      check(!start.isEmpty, "parametrize", "\(type(of: parametrization)) has no originals")
      let shape = parametrization.value(of: start).shape
      check(
        shape == value.shape, "parametrize",
        "\(type(of: parametrization)) gives shape \(shape) for a parameter of shape \(value.shape)")
      if let list { return list.steps.append(parametrization) }
      let originals = start.map { Parameter($0) }
      for original in originals { original.isFrozen = isFrozen }
      attach(ParametrizationList(originals, [parametrization]))
    }
  }

  /// Makes it a plain parameter again; nothing happens where it is not parametrized.
  ///
  /// Optimizers made before do not know it. Stops where the original is to be kept and there are several, or one of
  /// another shape.
  ///
  /// - Parameter keepingValue: whether its value stays as it was computed last; otherwise it is the original's.
  public func removeParametrizations(
    keepingValue: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    guard let list = parametrizations else { return }
    let originals = list.originals.list
    check(
      keepingValue || originals.count == 1 && originals[0].shape == shape, "removeParametrizations",
      "the originals \(originals.map { $0.shape }) are not one of shape \(shape): only the value can be kept")
    detach(withoutGradients { keepingValue ? list.value : originals[0].value })
  }
}

extension Module {
  /// Makes all parameters of this module and those below plain ones again, of the values they have.
  public func removeParametrizations(file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    func remove(_ parameter: some AnyParameter) { parameter.typed.removeParametrizations() }
    for entry in ModuleTree(self).computed { remove(entry.parameter) }
  }
}

/// The originals of a parameter, and what makes its value of them, one after another.
final class ParametrizationList<Scalar: FloatingScalar>: Module {
  let originals: Originals
  var steps: [any Parametrization<Scalar>]

  init(_ originals: [Parameter<Scalar>], _ steps: [any Parametrization<Scalar>]) {
    self.originals = Originals(list: originals)
    self.steps = steps
  }

  var savedNames: [String: String] { ["originals": "", "steps": ""] }

  /// The value of the first, which takes all originals, through the others.
  var value: Tensor<Scalar> {
    var value = steps[0].value(of: originals.list.map { $0.value })
    for step in steps.dropFirst() { value = step.value(of: [value]) }
    return value
  }

  /// Sets the originals to those of a value.
  func set(_ value: Tensor<Scalar>) {
    withoutGradients {
      var value = value
      for step in steps.dropFirst().reversed() {
        let before = step.originals(of: value)
        check(
          before.count == 1, "parameter",
          "\(type(of: step)) has \(before.count) originals, which only the first may have")
        value = before[0]
      }
      for (original, start) in zip(originals.list, steps[0].originals(of: value)) { original.value = start }
    }
  }

  /// Another of the same structure, in the running ``CopyScope``.
  func duplicate() -> ParametrizationList {
    let copies = originals.list.map { original in
      let copy = Parameter(Tensor<Scalar>(zeros: original.shape))
      if let inner = original.parametrizations { copy.attach(inner.duplicate()) }
      return copy
    }
    return ParametrizationList(copies, steps.map { CopyScope.copied($0) })
  }

  /// Parameters that are found under the names that PyTorch gives them.
  struct Originals: CustomReflectable {
    let list: [Parameter<Scalar>]

    var customMirror: Mirror {
      let children = list.enumerated().map { index, parameter in
        (label: Optional(list.count == 1 ? "original" : "original\(index)"), value: parameter as Any)
      }
      return Mirror(self, children: children, displayStyle: .struct)
    }
  }
}

extension AnyParameter {
  /// What its value is computed from, a module; `nil` where it is not parametrized.
  var parametrizationList: (any Module)? { typed.parametrizations }

  /// Computes the value of another parameter, of another module, in the same way.
  func copyParametrizations(to other: any AnyParameter) {
    guard let list = typed.parametrizations, let other = other as? Parameter<Scalar>, !other.isParametrized else {
      return
    }
    other.attach(list.duplicate())
  }
}
