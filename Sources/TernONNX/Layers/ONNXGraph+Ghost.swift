import TernNN
import TernTensor

extension ONNXGraph {
  /// The blocks of GhostNet.
  func ghost<L: Layer>(_ layer: L, _ x: ONNXValue) -> ONNXValue? {
    typealias Scalar = L.Scalar
    switch layer {
    case let excitation as SqueezeExcitation<Scalar>:
      let mean = node("GlobalAveragePool", [x], shape: x.shape.prefix(2) + [1, 1])
      let reduced = self.layer(excitation.reduce, mean)
      let expanded = self.layer(excitation.expand, node("Relu", [reduced], shape: reduced.shape))
      let weights = node(
        "HardSigmoid", [expanded], shape: expanded.shape, ["alpha": .float(1 / 6), "beta": .float(0.5)])
      return node("Mul", [x, weights], shape: x.shape)
    case let module as GhostModule<Scalar>:
      let features = self.layer(module.primary, x)
      var more = self.layer(module.cheap, features)
      let wanted = module.outputs - features.shape[1]
      var shape = more.shape
      shape[1] = wanted
      if wanted != more.shape[1] {
        more = node("Slice", [more, integers([0]), integers([wanted]), integers([1])], shape: shape)
      }
      shape[1] = module.outputs
      return node("Concat", [features, more], shape: shape, ["axis": .int(1)])
    case let block as GhostBottleneck<Scalar>:
      var features = self.layer(block.ghost1, x)
      if let depthwise = block.depthwise { features = self.layer(depthwise, features) }
      if let excitation = block.squeezeExcitation { features = self.layer(excitation, features) }
      features = self.layer(block.ghost2, features)
      return node("Add", [features, block.shortcut.map { self.layer($0, x) } ?? x], shape: features.shape)
    default: return nil
    }
  }
}
