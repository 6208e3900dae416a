import Tern

/// A network of many equal layers whose gradients vanish, keep their size or explode on the way back.
package struct DeepNetwork {
  /// What its layers are.
  package enum Kind: String, CaseIterable, Sendable {
    case sigmoid = "sigmoid"
    case batchNorm = "with batch norm"
    case relu = "ReLU"
    case residual = "residual"
    case large = "large weights"

    /// What a layer of this kind is, in words.
    var description: String {
      switch self {
      case .sigmoid: "σ(W·x), weights of variance 2/(inputs + outputs)"
      case .batchNorm: "the same with batch norm before each sigmoid"
      case .relu: "max(W·x, 0), weights of variance 2/inputs"
      case .residual: "x + W·σ(x) behind the first layer"
      case .large: "σ(W·x) with weights \(Int(DeepNetwork.gain)) times as large"
      }
    }
  }

  /// What a backward pass found, from the first hidden layer to the last.
  package struct Measurement {
    package var kind: Kind
    package var depth: Int
    /// The length of the gradient of each layer's weights.
    package var norms: [Double]
    /// The fraction of each layer's units that are saturated: sigmoids below 0.05 or above 0.95, ReLUs at 0.
    package var saturated: [Double]

    /// The first layer's gradient over the last layer's.
    package var ratio: Double { (norms.first ?? .nan) / (norms.last ?? .nan) }
  }

  static let width = 100
  /// How much larger large weights are.
  static let gain = 30.0

  package let kind: Kind
  package let depth: Int
  package let model: Sequential<Float>
  private let hidden: [Dense<Float>]

  /// A network with `depth` hidden layers, biases 0, for images.
  package init(_ kind: Kind, depth: Int, images: LabeledImages, seed: UInt64) {
    self.kind = kind
    self.depth = depth
    let inputs = images.channels * images.height * images.width
    (hidden, model) = Random.with(RandomGenerator(seed: seed)) {
      let dense = (0..<depth).map { Dense($0 == 0 ? inputs : DeepNetwork.width, DeepNetwork.width) }
      let head = Dense(DeepNetwork.width, images.classCount)
      var layers: [any Layer<Float>] = [Flatten()]
      for (index, layer) in dense.enumerated() {
        switch kind {
        case .sigmoid, .large: layers += [layer, Sigmoid()]
        case .batchNorm: layers += [layer, BatchNorm1d(DeepNetwork.width), Sigmoid()]
        case .relu: layers += [layer, ReLU()]
        case .residual: layers += index == 0 ? [layer] : [Residual(Sequential([Sigmoid(), layer]))]
        }
      }
      let start: Initializer =
        switch kind {
        case .relu: .kaimingNormal(nonlinearity: .relu)
        case .large: .xavierNormal(gain: DeepNetwork.gain)
        case .sigmoid, .batchNorm, .residual: .xavierNormal()
        }
      for layer in dense {
        layer.initialize(start)
        layer.bias?.initialize(.zeros)
      }
      return (dense, Sequential(layers + [head]))
    }
  }

  /// The gradients of one batch and how saturated the network is on it.
  package func measure(_ batch: LabeledBatch<Float, Int>) -> Measurement {
    let monitor = ActivationMonitor(model) { Saturation(of: $1) != nil }
    model.zeroGradients()
    crossEntropy(model(batch.inputs), batch.labels).backward()
    // A layer's first parameter is its weight.
    let norms = hidden.map { gradientNorms(of: $0).first?.value ?? .nan }
    model.zeroGradients()
    return Measurement(kind: kind, depth: depth, norms: norms, saturated: monitor.statistics.compactMap(\.saturated))
  }
}
