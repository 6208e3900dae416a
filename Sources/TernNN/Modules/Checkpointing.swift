import TernBackend
import TernTensor

/// A layer's result without what its derivative needs: backward runs the layer again and keeps it only then.
///
/// ```swift
/// func forward(_ input: Tensor<Float>) -> Tensor<Float> { blocks.reduce(input) { checkpoint($1, $0) } }
/// ```
///
/// The layer's parameters get their gradients as ever, dropout drops the same values both times, and running statistics move
/// once. See ``checkpoint(_:_:file:line:)`` for a function, and for several inputs and results.
///
/// - Parameters:
///   - layer: what is called.
///   - input: the layer's input; may be a constant.
/// - Complexity: the time of one more forward pass in backward.
public func checkpoint<L: Layer>(
  _ layer: L, _ input: Tensor<L.Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<L.Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return checkpoint(input) { layer($0, file: file, line: line) }
}

extension Replay {
  /// Notes the mode of a module that is called, so that it has it again when its call is repeated.
  func note(modeOf module: any Module) {
    guard let module = module as? any ModeDependent else { return }
    let isTraining = module.isTraining
    note(module) {
      let now = module.isTraining
      module.isTraining = isTraining
      return { module.isTraining = now }
    }
  }
}
