import TernBackend
import TernNN
import TernTensor

/// Layers one after the other under names of their own: `features.conv0.weight`, as PyTorch's Sequential of an
/// OrderedDict. It runs as a ``Sequential``.
public final class NamedSequential<Scalar: FloatingScalar>: Layer, CustomReflectable {
  /// The names in their order.
  public let names: [String]
  /// The layers in their order.
  public let layers: [any Layer<Scalar>]
  private let route: Route<Scalar>

  init(_ entries: [(name: String, layer: any Layer<Scalar>)]) {
    names = entries.map(\.name)
    layers = entries.map(\.layer)
    route = Route(layers)
  }

  /// The layer of a name; `nil` where there is none.
  public subscript(name: String) -> (any Layer<Scalar>)? { names.firstIndex(of: name).map { layers[$0] } }

  /// The layers by their names: what the enumeration of a module reads.
  public var customMirror: Mirror {
    Mirror(self, children: zip(names, layers).map { (label: $0, value: $1 as Any) }, displayStyle: .class)
  }

  /// The last layer's result.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { route(input) }
}

extension NamedSequential: CopyableModule {
  /// Copies of the layers under the same names.
  public convenience init(copying other: NamedSequential) {
    func copied<L: Layer>(_ layer: L) -> any Layer<Scalar> where L.Scalar == Scalar { layer.copy() }
    var entries: [(name: String, layer: any Layer<Scalar>)] = []
    for (name, layer) in zip(other.names, other.layers) { entries.append((name, copied(layer))) }
    self.init(entries)
  }
}
