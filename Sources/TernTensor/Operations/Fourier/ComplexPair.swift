import TernBackend

/// Complex numbers as two tensors of one shape: the real and the imaginary parts.
public struct ComplexPair<Scalar: FloatingScalar>: Sendable {
  /// Re z.
  public let real: Tensor<Scalar>
  /// Im z.
  public let imaginary: Tensor<Scalar>

  /// real + i·imaginary; the shapes broadcast.
  ///
  /// - Parameters:
  ///   - real: The real parts.
  ///   - imaginary: The imaginary parts.
  public init(
    real: Tensor<Scalar>, imaginary: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let shape = broadcastShape(real.shape, imaginary.shape, "ComplexPair")
    self.real = real.shape == shape ? real : real.broadcast(to: shape)
    self.imaginary = imaginary.shape == shape ? imaginary : imaginary.broadcast(to: shape)
  }

  /// Real numbers.
  ///
  /// - Parameter real: The real parts.
  public init(_ real: Tensor<Scalar>) { (self.real, imaginary) = (real, Tensor(zeros: real.shape)) }

  /// magnitude · (cos phase + i·sin phase), the phase in radians; the shapes broadcast.
  ///
  /// - Parameters:
  ///   - magnitude: The magnitudes.
  ///   - phase: The phases, in radians.
  public init(
    magnitude: Tensor<Scalar>, phase: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.init(real: magnitude * phase.cos(), imaginary: magnitude * phase.sin())
  }

  /// The shape of either part.
  public var shape: [Int] { real.shape }
  /// |z|, whose gradient is 0 at 0.
  public var magnitude: Tensor<Scalar> { hypot(real, imaginary) }
  /// The angle of z in −π … π, radians.
  public var phase: Tensor<Scalar> { atan2(imaginary, real) }
  /// |z|², the power of a spectrum.
  public var power: Tensor<Scalar> { real.square() + imaginary.square() }
  /// Re z − i·Im z.
  public var conjugate: ComplexPair { ComplexPair(parts: real, -imaginary) }

  /// Parts of one shape.
  init(parts real: Tensor<Scalar>, _ imaginary: Tensor<Scalar>) { (self.real, self.imaginary) = (real, imaginary) }

  /// Both parts changed alike, by what moves or scales values.
  func map(_ change: (Tensor<Scalar>) -> Tensor<Scalar>) -> ComplexPair {
    ComplexPair(parts: change(real), change(imaginary))
  }

  /// z + w; the shapes broadcast.
  public static func + (z: ComplexPair, w: ComplexPair) -> ComplexPair {
    ComplexPair(parts: z.real + w.real, z.imaginary + w.imaginary)
  }

  /// z − w; the shapes broadcast.
  public static func - (z: ComplexPair, w: ComplexPair) -> ComplexPair {
    ComplexPair(parts: z.real - w.real, z.imaginary - w.imaginary)
  }

  /// z·w; the shapes broadcast.
  public static func * (z: ComplexPair, w: ComplexPair) -> ComplexPair {
    ComplexPair(
      parts: z.real * w.real - z.imaginary * w.imaginary, z.real * w.imaginary + z.imaginary * w.real)
  }

  /// z times real numbers; the shapes broadcast.
  public static func * (z: ComplexPair, x: Tensor<Scalar>) -> ComplexPair { z.map { $0 * x } }
}
