import CTernKernels

/// The scalar types kernels convert between.
public typealias ScalarKind = CTernKernels.ScalarKind

/// Elements from one row to the next, of a result and two operands.
public typealias RowSteps = CTernKernels.RowSteps

/// A function of one value.
public typealias UnaryKernel = CTernKernels.UnaryKernel

/// A function of two values.
public typealias BinaryKernel = CTernKernels.BinaryKernel

/// A comparison of two values, or a logical operation on them (non-zero is true, nan too).
public typealias ComparisonKernel = CTernKernels.ComparisonKernel

/// A question about one value.
public typealias PredicateKernel = CTernKernels.PredicateKernel

/// A way to make one value of many.
public typealias ReductionKernel = CTernKernels.ReductionKernel

extension UnaryKernel {
  /// The kernel's name, for messages.
  package var name: String { String(cString: tern_unary_name(self)) }
}

extension BinaryKernel {
  /// The kernel's name, for messages.
  package var name: String { String(cString: tern_binary_name(self)) }
}

extension ReductionKernel {
  /// The kernel's name, for messages.
  package var name: String { String(cString: tern_reduction_name(self)) }
}
