public import CTernKernels

/// The scalar types kernels convert between.
@usableFromInline package typealias ScalarKind = CTernKernels.ScalarKind

/// Elements from one row to the next, of a result and two operands.
@usableFromInline package typealias RowSteps = CTernKernels.RowSteps

/// A function of one value.
@usableFromInline package typealias UnaryKernel = CTernKernels.UnaryKernel

/// A function of two values.
@usableFromInline package typealias BinaryKernel = CTernKernels.BinaryKernel

/// A comparison of two values, or a logical operation on them (non-zero is true, nan too).
@usableFromInline package typealias ComparisonKernel = CTernKernels.ComparisonKernel

/// A question about one value.
@usableFromInline package typealias PredicateKernel = CTernKernels.PredicateKernel

/// A way to make one value of many.
@usableFromInline package typealias ReductionKernel = CTernKernels.ReductionKernel

/// A loss of single elements.
@usableFromInline package typealias PointwiseLoss = CTernKernels.PointwiseLoss

extension UnaryKernel {
  /// The kernel's name, for messages.
  package var name: String { String(cString: tern_unary_name(self)) }

  /// Stops: `scalar` has no such kernel.
  @usableFromInline package func refuse(_ scalar: Any.Type) -> Never { fail(name, "not defined for \(scalar)") }
}

extension BinaryKernel {
  /// The kernel's name, for messages.
  package var name: String { String(cString: tern_binary_name(self)) }

  /// Stops: `scalar` has no such kernel.
  @usableFromInline package func refuse(_ scalar: Any.Type) -> Never { fail(name, "not defined for \(scalar)") }
}

extension ReductionKernel {
  /// The kernel's name, for messages.
  package var name: String { String(cString: tern_reduction_name(self)) }

  /// Stops: `scalar` has no such kernel.
  @usableFromInline package func refuse(_ scalar: Any.Type) -> Never { fail(name, "not defined for \(scalar)") }

  /// Stops for another reason.
  @usableFromInline package func refuse(_ reason: StaticString) -> Never { fail(name, "\(reason)") }
}
