// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

import TernBackend
import TernTensor

// PyTorch's names, so that the compiler answers them with Tern's.

@available(*, unavailable, renamed: "Dense")
public typealias Linear = Dense
@available(*, unavailable, renamed: "Conv1D")
public typealias Conv1d = Conv1D
@available(*, unavailable, renamed: "Conv2D")
public typealias Conv2d = Conv2D
@available(*, unavailable, renamed: "Conv3D")
public typealias Conv3d = Conv3D
@available(*, unavailable, renamed: "ConvTranspose1D")
public typealias ConvTranspose1d = ConvTranspose1D
@available(*, unavailable, renamed: "ConvTranspose2D")
public typealias ConvTranspose2d = ConvTranspose2D
@available(*, unavailable, renamed: "ConvTranspose3D")
public typealias ConvTranspose3d = ConvTranspose3D
@available(*, unavailable, renamed: "MaxPool1D")
public typealias MaxPool1d = MaxPool1D
@available(*, unavailable, renamed: "MaxPool2D")
public typealias MaxPool2d = MaxPool2D
@available(*, unavailable, renamed: "AvgPool1D")
public typealias AvgPool1d = AvgPool1D
@available(*, unavailable, renamed: "AvgPool2D")
public typealias AvgPool2d = AvgPool2D
@available(*, unavailable, renamed: "AdaptiveAvgPool2D")
public typealias AdaptiveAvgPool2d = AdaptiveAvgPool2D
@available(*, unavailable, renamed: "AdaptiveMaxPool2D")
public typealias AdaptiveMaxPool2d = AdaptiveMaxPool2D
@available(*, unavailable, renamed: "BatchNorm1d")
public typealias BatchNorm1D = BatchNorm1d
@available(*, unavailable, renamed: "BatchNorm2d")
public typealias BatchNorm2D = BatchNorm2d
@available(*, unavailable, renamed: "BatchNorm3d")
public typealias BatchNorm3D = BatchNorm3d
@available(*, unavailable, renamed: "InstanceNorm1d")
public typealias InstanceNorm1D = InstanceNorm1d
@available(*, unavailable, renamed: "InstanceNorm2d")
public typealias InstanceNorm2D = InstanceNorm2d
@available(*, unavailable, renamed: "Dropout1D")
public typealias Dropout1d = Dropout1D
@available(*, unavailable, renamed: "Dropout2D")
public typealias Dropout2d = Dropout2D
@available(*, unavailable, renamed: "MaxPool3D")
public typealias MaxPool3d = MaxPool3D
@available(*, unavailable, renamed: "AvgPool3D")
public typealias AvgPool3d = AvgPool3D
@available(*, unavailable, renamed: "AdaptiveAvgPool3D")
public typealias AdaptiveAvgPool3d = AdaptiveAvgPool3D
@available(*, unavailable, renamed: "AdaptiveMaxPool3D")
public typealias AdaptiveMaxPool3d = AdaptiveMaxPool3D
@available(*, unavailable, renamed: "MaxUnpool2D")
public typealias MaxUnpool2d = MaxUnpool2D
@available(*, unavailable, renamed: "FractionalMaxPool2D")
public typealias FractionalMaxPool2d = FractionalMaxPool2D
@available(*, unavailable, renamed: "InstanceNorm3d")
public typealias InstanceNorm3D = InstanceNorm3d
@available(*, unavailable, renamed: "Dropout3D")
public typealias Dropout3d = Dropout3D
@available(*, unavailable, renamed: "ZeroPad3D")
public typealias ZeroPad3d = ZeroPad3D
@available(*, unavailable, renamed: "ZeroPad2D")
public typealias ZeroPad2d = ZeroPad2D
@available(*, unavailable, renamed: "MultiHeadAttention")
public typealias MultiheadAttention = MultiHeadAttention
@available(*, unavailable, renamed: "SoftPlus")
public typealias Softplus = SoftPlus
@available(*, unavailable, renamed: "SoftSign")
public typealias Softsign = SoftSign
@available(*, unavailable, renamed: "SoftShrink")
public typealias Softshrink = SoftShrink
@available(*, unavailable, renamed: "HardTanh")
public typealias Hardtanh = HardTanh
@available(*, unavailable, renamed: "HardSwish")
public typealias Hardswish = HardSwish
@available(*, unavailable, renamed: "HardSigmoid")
public typealias Hardsigmoid = HardSigmoid
@available(*, unavailable, renamed: "HardShrink")
public typealias Hardshrink = HardShrink
@available(*, unavailable, renamed: "MeanSquaredErrorLoss")
public typealias MSELoss = MeanSquaredErrorLoss
@available(*, unavailable, renamed: "MeanAbsoluteErrorLoss")
public typealias L1Loss = MeanAbsoluteErrorLoss
@available(*, unavailable, renamed: "BinaryCrossEntropyLoss")
public typealias BCELoss = BinaryCrossEntropyLoss
@available(*, unavailable, renamed: "BinaryCrossEntropyWithLogitsLoss")
public typealias BCEWithLogitsLoss = BinaryCrossEntropyWithLogitsLoss
@available(*, unavailable, renamed: "NegativeLogLikelihoodLoss")
public typealias NLLLoss = NegativeLogLikelihoodLoss
@available(*, unavailable, renamed: "KLDivergenceLoss")
public typealias KLDivLoss = KLDivergenceLoss

extension MultiHeadAttention where Scalar == Float {
  @available(*, unavailable, message: "MultiHeadAttention(64, heads: 4)")
  public convenience init(_ features: Int, num_heads: Int, dropout: Double = 0, batch_first: Bool = false) { unnamed() }
}

extension Softmax where Scalar == Float {
  @available(*, unavailable, message: "Softmax(axis: 1)")
  public convenience init(dim axis: Int) { unnamed() }
}

extension LogSoftmax where Scalar == Float {
  @available(*, unavailable, message: "LogSoftmax(axis: 1)")
  public convenience init(dim axis: Int) { unnamed() }
}

extension Dropout where Scalar == Float {
  @available(*, unavailable, message: "Dropout(0.5)")
  public convenience init(p probability: Double) { unnamed() }
}

extension Sequential where Scalar == Float {
  @available(*, unavailable, message: "a block lists the layers: Sequential { Dense(3, 4); ReLU() }")
  public convenience init(_ first: any Layer<Float>, _ second: any Layer<Float>, _ more: any Layer<Float>...) {
    unnamed()
  }
}

@available(
  *, unavailable, message: "an array is found by itself: let blocks: [Block]; layers in a row: Sequential { … }"
)
public var ModuleList: OtherName<[any Module]> { unnamed() }
@available(*, unavailable, message: "a dictionary is found by itself: let branches: [String: Block]")
public var ModuleDict: OtherName<[String: any Module]> { unnamed() }

// MARK: - Distributions

extension Distribution {
  @available(*, unavailable, renamed: "logProbability(_:)")
  public func log_prob(_ value: Tensor<Outcome>) -> Tensor<Scalar> { logDensity(at: value) }
  @available(*, unavailable, renamed: "deviation")
  public var stddev: Tensor<Scalar> { deviation }
}

extension CumulativeDistribution {
  @available(*, unavailable, renamed: "cumulative(_:)")
  public func cdf(_ value: Tensor<Scalar>) -> Tensor<Scalar> { cumulative(value) }
}

extension UnivariateDistribution {
  @available(*, unavailable, renamed: "quantile(_:)")
  public func icdf(_ probability: Tensor<Scalar>) -> Tensor<Scalar> { quantile(probability) }
}
