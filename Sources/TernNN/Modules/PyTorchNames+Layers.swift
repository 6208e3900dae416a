// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

// PyTorch's names of pooling, padding and activation layers, so that the compiler answers them with Tern's.

@available(*, unavailable, renamed: "AdaptiveAvgPool1D")
public typealias AdaptiveAvgPool1d = AdaptiveAvgPool1D
@available(*, unavailable, renamed: "AdaptiveMaxPool1D")
public typealias AdaptiveMaxPool1d = AdaptiveMaxPool1D
@available(*, unavailable, renamed: "LPPool1D")
public typealias LPPool1d = LPPool1D
@available(*, unavailable, renamed: "LPPool2D")
public typealias LPPool2d = LPPool2D
@available(*, unavailable, renamed: "LPPool3D")
public typealias LPPool3d = LPPool3D
@available(*, unavailable, renamed: "FractionalMaxPool3D")
public typealias FractionalMaxPool3d = FractionalMaxPool3D
@available(*, unavailable, renamed: "MaxUnpool1D")
public typealias MaxUnpool1d = MaxUnpool1D
@available(*, unavailable, renamed: "MaxUnpool3D")
public typealias MaxUnpool3d = MaxUnpool3D
@available(*, unavailable, renamed: "ZeroPad1D")
public typealias ZeroPad1d = ZeroPad1D
@available(*, unavailable, renamed: "ConstantPad1D")
public typealias ConstantPad1d = ConstantPad1D
@available(*, unavailable, renamed: "ConstantPad2D")
public typealias ConstantPad2d = ConstantPad2D
@available(*, unavailable, renamed: "ConstantPad3D")
public typealias ConstantPad3d = ConstantPad3D
@available(*, unavailable, renamed: "ReflectionPad1D")
public typealias ReflectionPad1d = ReflectionPad1D
@available(*, unavailable, renamed: "ReflectionPad2D")
public typealias ReflectionPad2d = ReflectionPad2D
@available(*, unavailable, renamed: "ReflectionPad3D")
public typealias ReflectionPad3d = ReflectionPad3D
@available(*, unavailable, renamed: "ReplicationPad1D")
public typealias ReplicationPad1d = ReplicationPad1D
@available(*, unavailable, renamed: "ReplicationPad2D")
public typealias ReplicationPad2d = ReplicationPad2D
@available(*, unavailable, renamed: "ReplicationPad3D")
public typealias ReplicationPad3d = ReplicationPad3D
@available(*, unavailable, renamed: "CircularPad1D")
public typealias CircularPad1d = CircularPad1D
@available(*, unavailable, renamed: "CircularPad2D")
public typealias CircularPad2d = CircularPad2D
@available(*, unavailable, renamed: "CircularPad3D")
public typealias CircularPad3d = CircularPad3D
@available(*, unavailable, renamed: "TanhShrink")
public typealias Tanhshrink = TanhShrink
@available(*, unavailable, renamed: "Softmax2D")
public typealias Softmax2d = Softmax2D
