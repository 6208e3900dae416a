// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

// PyTorch's names of special functions, of bits and of parts of numbers, so that the compiler answers them with Tern's.

extension Tensor where Scalar: FloatingScalar {
  @available(*, unavailable, message: "x.erfInverse()")
  public var erfinv: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.multivariateLGamma(dimensions: 3)")
  public var mvlgamma: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "xlogy(x, y)")
  public var xlogy: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "logAddExp2(x, y)")
  public var logaddexp2: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.besselI0()")
  public var i0: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.replacingNonFinite(nan: 0)")
  public var nan_to_num: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.radiansFromDegrees()")
  public var deg2rad: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.degreesFromRadians()")
  public var rad2deg: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "copySign(x, y)")
  public var copysign: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "nextAfter(x, y)")
  public var nextafter: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.cast(to: Double.self).pow(2)")
  public var float_power: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x.sign()")
  public var sgn: OtherName<Tensor> { unnamed() }
}

extension Tensor {
  @available(*, unavailable, message: "x.signBit()")
  public var signbit: OtherName<Tensor<Bool>> { unnamed() }
  @available(*, unavailable, message: "x.isPositiveInfinity()")
  public var isposinf: OtherName<Tensor<Bool>> { unnamed() }
  @available(*, unavailable, message: "x.isNegativeInfinity()")
  public var isneginf: OtherName<Tensor<Bool>> { unnamed() }
  @available(*, unavailable, message: "x.isClose(to: y)")
  public var isclose: OtherName<Tensor<Bool>> { unnamed() }
  @available(*, unavailable, message: "x.allClose(to: y)")
  public var allclose: OtherName<Bool> { unnamed() }
  @available(*, unavailable, message: "x & y, of Tensor<Int>, Tensor<Int32>, Tensor<UInt8> and Tensor<Bool>")
  public var bitwise_and: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x | y, of Tensor<Int>, Tensor<Int32>, Tensor<UInt8> and Tensor<Bool>")
  public var bitwise_or: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x ^ y, of Tensor<Int>, Tensor<Int32>, Tensor<UInt8> and Tensor<Bool>")
  public var bitwise_xor: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "~x, of Tensor<Int>, Tensor<Int32>, Tensor<UInt8> and Tensor<Bool>")
  public var bitwise_not: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x << n, of tensors of integers")
  public var bitwise_left_shift: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x >> n, of tensors of integers")
  public var bitwise_right_shift: OtherName<Tensor> { unnamed() }
  @available(*, unavailable, message: "x")
  public var positive: OtherName<Tensor> { unnamed() }
}
