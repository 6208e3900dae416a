import Tern

/// The networks that ``PlacementExperiment`` compares.
package enum PlacedNetwork: Hashable, Sendable {
  /// Two hidden layers of 100 units.
  case dense(Activation, Place)
  /// Two blocks of a convolution and these parts in their order.
  case convolutional([Part])

  /// What bends.
  package enum Activation: String, CaseIterable, Sendable {
    case sigmoid
    case relu = "ReLU"
  }

  /// Where batch norm stands.
  package enum Place: String, CaseIterable, Sendable {
    case none = "without"
    case before
    case after
  }

  /// What may follow a convolution.
  package enum Part: String, Sendable {
    case norm = "BN"
    case relu = "ReLU"
    case pool
  }

  /// Those that are compared.
  package static let all: [PlacedNetwork] =
    Activation.allCases.flatMap { activation in Place.allCases.map { .dense(activation, $0) } }
    + [
      [.relu, .pool], [.norm, .relu, .pool], [.norm, .pool, .relu], [.pool, .norm, .relu], [.relu, .norm, .pool],
      [.relu, .pool, .norm], [.pool, .relu, .norm],
    ].map { .convolutional($0) }

  /// Whether it has convolutions.
  package var isConvolutional: Bool { if case .convolutional = self { true } else { false } }

  /// What it is called.
  package var label: String {
    switch self {
    case .dense(let activation, .none): activation.rawValue
    case .dense(let activation, .before): "BN, \(activation.rawValue)"
    case .dense(let activation, .after): "\(activation.rawValue), BN"
    case .convolutional(let parts): "conv, " + parts.map(\.rawValue).joined(separator: ", ")
    }
  }

  /// The network for the images of a problem.
  package func make(_ problem: ImageProblem) -> Sequential<Float> {
    let (channels, height, width) = (problem.shape[0], problem.shape[1], problem.shape[2])
    switch self {
    case .dense(let activation, let place):
      return Sequential {
        Flatten()
        for inputs in [problem.size, 100] {
          Dense(inputs, 100)
          if place == .before { BatchNorm1d(100) }
          if activation == .sigmoid { Sigmoid() } else { ReLU() }
          if place == .after { BatchNorm1d(100) }
        }
        Dense(100, problem.classCount)
      }
    case .convolutional(let parts):
      return Sequential {
        for (inputs, outputs) in [(channels, 32), (32, 64)] {
          Conv2D(inputs, outputs, kernelSize: 3, padding: 1)
          for part in parts {
            switch part {
            case .norm: BatchNorm2d(outputs)
            case .relu: ReLU()
            case .pool: MaxPool2D(2)
            }
          }
        }
        Flatten()
        Dense(64 * (height / 4) * (width / 4), problem.classCount)
      }
    }
  }
}
