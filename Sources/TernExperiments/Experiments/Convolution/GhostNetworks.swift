import Tern

/// The networks that ``GhostExperiment`` compares: nine layers of convolutions, ordinary ones or Ghost modules.
package enum GhostNetwork: Hashable, Sendable {
  /// 3×3 convolutions.
  case plain(width: Double)
  /// The same network with a Ghost module of 3×3 in place of every convolution but the first.
  case replaced(ratio: Int)
  /// Ghost bottlenecks, with squeeze and excitation in the second half where asked for.
  case ghostNet(width: Double, squeezes: Bool)

  /// Those that are compared, family by family.
  package static let all: [GhostNetwork] =
    [0.5, 1, 2].map { .plain(width: $0) } + [2, 4].map { .replaced(ratio: $0) }
    + [0.5, 1, 2].map { .ghostNet(width: $0, squeezes: true) } + [.ghostNet(width: 1, squeezes: false)]

  /// What a line of the figures has in common.
  package var family: String {
    switch self {
    case .plain: "plain CNN"
    case .replaced: "with Ghost modules"
    case .ghostNet(_, let squeezes): squeezes ? "GhostNet" : "GhostNet without SE"
    }
  }

  /// What it is called.
  package var label: String {
    switch self {
    case .plain(let width), .ghostNet(let width, _): "\(family) ×\(decimals(width, 1))"
    case .replaced(let ratio): "\(family), ratio \(ratio)"
    }
  }

  /// The network for images of `channels` channels.
  package func make(channels: Int, classes: Int) -> Sequential<Float> {
    switch self {
    case .plain(let width): stacked(channels, classes, width) { convolution($0, $1, stride: $2) }
    case .replaced(let ratio):
      stacked(channels, classes, 1) {
        [GhostModule($0, $1, ratio: ratio, kernelSize: 3, stride: Pair($2))]
      }
    case .ghostNet(let width, let squeezes): ghostNet(channels, classes, width, squeezes)
    }
  }

  private func convolution(_ inputs: Int, _ outputs: Int, stride: Int = 1) -> [any Layer<Float>] {
    [
      Conv2D(inputs, outputs, kernelSize: 3, stride: Pair(stride), padding: 1, bias: false), BatchNorm2d(outputs),
      ReLU(),
    ]
  }

  /// Channels at a width, a multiple of 4.
  private func scaled(_ channels: Int, _ width: Double) -> Int { Int((Double(channels) * width / 4).rounded()) * 4 }

  private func stacked(
    _ channels: Int, _ classes: Int, _ width: Double,
    _ layer: (_ inputs: Int, _ outputs: Int, _ stride: Int) -> [any Layer<Float>]
  ) -> Sequential<Float> {
    var inputs = scaled(16, width)
    var layers = convolution(channels, inputs)
    for (outputs, stride) in [(24, 2), (24, 1), (24, 1), (24, 1), (40, 2), (40, 1), (40, 1), (40, 1)] {
      layers += layer(inputs, scaled(outputs, width), stride)
      inputs = scaled(outputs, width)
    }
    return Sequential(layers + head(inputs, classes))
  }

  private func ghostNet(_ channels: Int, _ classes: Int, _ width: Double, _ squeezes: Bool) -> Sequential<Float> {
    var inputs = scaled(16, width)
    var layers = convolution(channels, inputs)
    for (middle, outputs, stride) in [(48, 24, 2), (72, 24, 1), (96, 40, 2), (120, 40, 1)] {
      layers.append(
        GhostBottleneck(
          inputs, scaled(middle, width), scaled(outputs, width), stride: Pair(stride),
          squeeze: squeezes && outputs == 40 ? 0.25 : nil))
      inputs = scaled(outputs, width)
    }
    return Sequential(layers + head(inputs, classes))
  }

  private func head(_ inputs: Int, _ classes: Int) -> [any Layer<Float>] {
    [AdaptiveAvgPool2D(1), Flatten(), Dense(inputs, classes)]
  }
}
