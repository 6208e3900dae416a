/// How many operations on numbers something takes.
public struct OperationCount: Sendable, Hashable {
  /// Products that are added to a sum, each once: what the literature on small networks often calls FLOPs, or MACs.
  public var multiplyAdds: Int
  /// Every other addition, multiplication, division, comparison and function.
  public var others: Int

  /// A count.
  ///
  /// - Parameters:
  ///   - multiplyAdds: products that are added to a sum, each once.
  ///   - others: every other operation.
  public init(multiplyAdds: Int = 0, others: Int = 0) {
    self.multiplyAdds = multiplyAdds
    self.others = others
  }

  /// All operations: a multiply–add is two.
  public var flops: Int { 2 * multiplyAdds + others }

  /// The sum of two counts.
  public static func + (a: OperationCount, b: OperationCount) -> OperationCount {
    OperationCount(multiplyAdds: a.multiplyAdds + b.multiplyAdds, others: a.others + b.others)
  }
}

/// A module that knows how many operations a call of it takes in evaluation, see ``cost(of:input:file:line:)``.
///
/// The library's layers count so, for N examples and as the formulas stand, whatever way they are worked out:
///
/// | layer | multiply–adds | others |
/// |---|---|---|
/// | ``Dense`` | outputs · inputs for every row | 1 for every result with a bias |
/// | ``Conv2D``, ``Conv1D``, ``Conv3D`` | for every result inputs/groups · kernel; padding counts | 1 for every result with a bias |
/// | ``ConvTranspose2D``, ``ConvTranspose1D``, ``ConvTranspose3D`` | for every element of the input outputs/groups · kernel | 1 for every result with a bias |
/// | ``BatchNorm2d`` and its kin | | 2 for every element: a factor and a summand; with the batch's own statistics 5, and 1 each for γ and β |
/// | ``LayerNorm``, ``GroupNorm``, ``InstanceNorm2d`` and its kin | | 5 for every element (mean 1, difference 1, square and sum 2, factor 1), and 1 each for γ and β |
/// | ``RMSNorm`` | | 3 for every element (square, sum, factor), and 1 for γ |
/// | ``LocalResponseNorm`` | | size + 4 for every element (square, size − 1 sums, factor, summand, power, quotient) |
/// | ``MaxPool2D``, ``MaxPool1D``, ``MaxPool3D``, ``AdaptiveMaxPool2D``, ``FractionalMaxPool2D`` | | the window's elements − 1 for every result |
/// | ``AvgPool2D``, ``AvgPool1D``, ``AvgPool3D``, ``AdaptiveAvgPool2D`` | | the window's elements for every result: sums and a quotient |
/// | activations of an element | | 1 for every element, whatever the function |
/// | ``Softmax``, ``LogSoftmax`` and their kin | | 5 for every element (maximum, difference, exponential, sum, quotient or difference) |
/// | ``Residual``, ``GhostBottleneck`` | | 1 for every result: the sum |
/// | ``MultiHeadAttention`` of L tokens with E features to themselves | 4·E² + 2·L·E for every token | 4·E for biases, 6·L for each head: the scale and the softmax |
/// | ``SqueezeExcitation`` | | mean and product 1 each for every element, 1 for each activation |
/// | dropout, padding, ``Flatten`` and what else only moves | | none |
///
/// Windows count whole where they reach over an edge. A module of the user's own that works on tensors itself conforms
/// to be counted.
public protocol OperationCounting: Module {
  /// What a call takes by itself, without the layers below it, for the shapes of its first input and its result.
  func operations(input: [Int], output: [Int]) -> OperationCount
}
