import Synchronization
import TernBackend

/// How exactly convolutions of `Float` are reckoned.
///
/// The setting counts where a convolution or its gradient runs, forward and backward passes alike; `Double` is always
/// exact.
///
///     ConvolutionPrecision.current = .exact          // from now on, everywhere
///     withConvolutionPrecision(.exact) { model(x) }  // in here only
public enum ConvolutionPrecision: Int, Sendable, CaseIterable {
  /// 3×3 kernels by Winograd's algorithm where that is faster: with a quarter of the multiplications, with a stride of
  /// 2 with two thirds, and relative errors about 10⁻⁶ (root mean square). An infinity or NaN then reaches all pixels of its tile of 4×4.
  case fast
  /// The sums as they are written: relative errors about 2·10⁻⁷.
  case exact

  /// What holds for the whole process where no scope says otherwise; ``fast`` at first.
  public static var current: ConvolutionPrecision {
    get { scoped ?? ConvolutionPrecision(rawValue: standard.load(ordering: .relaxed))! }
    set { standard.store(newValue.rawValue, ordering: .relaxed) }
  }

  private static let standard = Atomic<Int>(ConvolutionPrecision.fast.rawValue)
  @TaskLocal fileprivate static var scoped: ConvolutionPrecision?
}

/// Runs `body` with convolutions of this precision.
public func withConvolutionPrecision<Result>(
  _ precision: ConvolutionPrecision, _ body: () throws -> Result
) rethrows -> Result {
  try ConvolutionPrecision.$scoped.withValue(precision, operation: body)
}
