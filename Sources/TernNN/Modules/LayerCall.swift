import TernBackend
import TernTensor

/// What a layer was given and what it answered.
public struct LayerCall<Scalar: FloatingScalar>: Sendable {
  /// The layer's path from the module observed; empty for that itself.
  public let path: String
  /// What it was given, as a constant.
  public let input: Tensor<Scalar>
  /// What it answered, as a constant.
  public let output: Tensor<Scalar>
}

/// Adds the path of the running layer to messages: the innermost layer's path from the outermost.
///
/// A call of a layer enters it in `RunningScope`, and `FailureContext` asks here for the path when a message is written.
enum LayerCallContext {
  /// Done once, by the first call of a layer.
  static let install: Void = FailureContext.provide {
    let running = RunningScope.objects.compactMap { $0 as? any Module }
    guard let root = running.first, let layer = running.last else { return nil }
    // Lenient: what cannot be enumerated must not stop the program again while it words its message.
    let name = ModuleTree(root, isLenient: true).modules.first { $0.module === layer }?.name ?? ""
    return name.isEmpty ? "\(type(of: layer))" : name
  }
}
