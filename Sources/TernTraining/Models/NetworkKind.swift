import TernBackend
import TernNN
import TernTensor

/// The networks that `tern train` knows by name, for images of any size.
public enum NetworkKind: String, Sendable, CaseIterable, Codable {
  /// Two blocks of convolution, batch normalization, ReLU and pooling, then dropout and two dense layers.
  case cnn
  /// Two dense layers of 256 and 128 with batch normalization, ReLU and dropout.
  case mlp

  /// The smallest height and width of images: ``cnn`` halves them twice.
  public var minimumSize: Int { self == .cnn ? 4 : 1 }

  /// A network with fresh weights from the task's or the global generator.
  ///
  /// Stops for images smaller than ``minimumSize``.
  ///
  /// - Parameters:
  ///   - channels: of the images; `height` and `width` likewise, at least 4 for ``cnn``.
  ///   - classes: how many the network tells apart.
  ///   - dropout: the probability that an element before the dense layers is dropped.
  public func makeNetwork(
    channels: Int, height: Int, width: Int, classes: Int, dropout: Double = 0.25,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Sequential<Float> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      min(height, width) >= minimumSize, "NetworkKind.\(rawValue)",
      "images of \(height)×\(width), expected at least \(minimumSize)×\(minimumSize)")
    return switch self {
    case .cnn:
      Sequential {
        Conv2D(channels, 32, kernelSize: 3, padding: 1)
        BatchNorm2d(32)
        ReLU()
        MaxPool2D(2)
        Conv2D(32, 64, kernelSize: 3, padding: 1)
        BatchNorm2d(64)
        ReLU()
        MaxPool2D(2)
        Flatten()
        Dropout(dropout)
        Dense(64 * (height / 4) * (width / 4), 128)
        ReLU()
        Dense(128, classes)
      }
    case .mlp:
      Sequential {
        Flatten()
        Dense(channels * height * width, 256)
        BatchNorm1d(256)
        ReLU()
        Dropout(dropout)
        Dense(256, 128)
        BatchNorm1d(128)
        ReLU()
        Dropout(dropout)
        Dense(128, classes)
      }
    }
  }
}
