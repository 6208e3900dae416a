import TernBackend
import TernTensor

/// The base class of recurrent networks: layers and directions, their weights, and how they are saved.
///
/// All weights and biases start uniform in ±1/√H, H the hidden features. The state's keys are PyTorch's:
/// `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, `weight_hr_l0`, with `_reverse` for the second direction.
public class Recurrent<Scalar: FloatingScalar>: Layer, ModeDependent, SelfCopying {
  /// The features of an input.
  public let inputFeatures: Int
  /// The hidden features of a layer and direction.
  public let hiddenFeatures: Int
  /// How many layers there are.
  public let layers: Int
  /// Whether a second network reads each layer's input from the end.
  public let bidirectional: Bool
  /// Whether inputs and outputs are [N, T, features], not [T, N, features].
  public let batchFirst: Bool
  /// The probability that a value between two layers is dropped in training.
  public let dropout: Double
  /// Whether values are dropped.
  public var isTraining = true
  let weights: RecurrentParameters<Scalar>

  /// Creates a network from `inputs` to `features` features.
  ///
  /// - Parameters:
  ///   - inputs: features of an input, at least 1.
  ///   - features: hidden features H of a layer and direction, at least 1.
  ///   - layers: how many layers run one after the other, at least 1.
  ///   - bias: whether the gates have biases.
  ///   - batchFirst: whether inputs and outputs are [N, T, features], not [T, N, features].
  ///   - dropout: the probability that a value between two layers is dropped in training, 0 to 1.
  ///   - bidirectional: whether a second network reads each layer's input from the end.
  public required convenience init(
    _ inputs: Int, _ features: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false,
    dropout: Double = 0, bidirectional: Bool = false, fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    self.init(
      inputs, features, projectedTo: nil, layers: layers, bias: bias, batchFirst: batchFirst, dropout: dropout,
      bidirectional: bidirectional, file, line)
  }

  /// The initializer of all others.
  init(
    _ inputs: Int, _ features: Int, projectedTo projection: Int?, layers: Int, bias: Bool, batchFirst: Bool,
    dropout: Double, bidirectional: Bool, _ file: StaticString, _ line: UInt
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      inputs >= 1 && features >= 1 && layers >= 1, "\(Self.self)",
      "\(layers) layers from \(inputs) to \(features) features")
    check(dropout >= 0 && dropout <= 1, "\(Self.self)", "a dropout of \(dropout)")
    check(projection ?? 1 >= 1, "\(Self.self)", "a projection to \(projection ?? 0) features")
    Sizes.check([inputs, features, layers, projection ?? 1], "\(Self.self)", "layers or features of")
    MemoryPool.require(
      count: layers, of: 4096, "\(Self.self)", "\(layers) layers from \(inputs) to \(features) features")
    (inputFeatures, hiddenFeatures) = (inputs, features)
    (self.layers, self.bidirectional, self.batchFirst, self.dropout) = (layers, bidirectional, batchFirst, dropout)
    weights = RecurrentParameters(
      inputs, features, projection: projection, gates: Self.gates, layers: layers, directions: bidirectional ? 2 : 1,
      bias: bias)
  }

  /// Creates a network from `inputs` to `features` features, with `Float` values.
  ///
  /// - Parameters:
  ///   - inputs: features of an input, at least 1.
  ///   - features: hidden features H of a layer and direction, at least 1.
  ///   - layers: how many layers run one after the other, at least 1.
  ///   - bias: whether the gates have biases.
  ///   - batchFirst: whether inputs and outputs are [N, T, features], not [T, N, features].
  ///   - dropout: the probability that a value between two layers is dropped in training, 0 to 1.
  ///   - bidirectional: whether a second network reads each layer's input from the end.
  public convenience init(
    _ inputs: Int, _ features: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false,
    dropout: Double = 0, bidirectional: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      inputs, features, layers: layers, bias: bias, batchFirst: batchFirst, dropout: dropout,
      bidirectional: bidirectional, fileID: file, line: line)
  }

  /// How many rows of weights a hidden feature has: one for each gate.
  class var gates: Int { 1 }

  /// The weights are named by themselves.
  public var savedNames: [String: String] { ["weights": ""] }

  /// The outputs of the last layer from a state of zeros: [T, N, inputs] to [T, N, directions·H].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { fail("\(Self.self)", "has no forward") }

  /// A state of zeros for an input, of the hidden features or of others.
  func zeros(for input: Tensor<Scalar>, features: Int? = nil) -> Tensor<Scalar> {
    check(
      input.rank == 2 || input.rank == 3, "\(Self.self)",
      "input \(input.shape) is neither [T, N, inputs] nor [T, inputs]")
    let count = layers * (bidirectional ? 2 : 1)
    let batch = input.rank == 3 ? [input.shape[batchFirst ? 0 : 1]] : []
    return Tensor(zeros: [count] + batch + [features ?? hiddenFeatures])
  }

  /// A state of zeros for sequences.
  func zeros(for input: PackedSequence<Scalar>, features: Int? = nil) -> Tensor<Scalar> {
    Tensor(zeros: [layers * (bidirectional ? 2 : 1), input.count, features ?? hiddenFeatures])
  }

  var activeDropout: Double { isTraining ? dropout : 0 }

  func duplicate() -> any Module {
    type(of: self).init(
      inputFeatures, hiddenFeatures, layers: layers, bias: weights.hasBias, batchFirst: batchFirst, dropout: dropout,
      bidirectional: bidirectional)
  }
}

/// The parameters of all layers and directions, named as PyTorch names them.
struct RecurrentParameters<Scalar: FloatingScalar>: CustomReflectable {
  private let entries: [(name: String, parameter: Parameter<Scalar>)]
  let hasBias: Bool
  private let hasProjection: Bool

  init(
    _ inputs: Int, _ features: Int, projection: Int?, gates: Int, layers: Int, directions: Int, bias: Bool
  ) {
    (hasBias, hasProjection) = (bias, projection != nil)
    let results = projection ?? features
    var entries: [(name: String, parameter: Parameter<Scalar>)] = []
    for layer in 0..<layers {
      for direction in 0..<directions {
        let suffix = "l\(layer)" + (direction == 1 ? "_reverse" : "")
        func add(_ name: String, _ shape: [Int]) {
          entries.append(("\(name)_\(suffix)", Parameter(.uniform(shape, fanIn: features))))
        }
        add("weight_ih", [gates * features, layer == 0 ? inputs : directions * results])
        add("weight_hh", [gates * features, results])
        if bias {
          add("bias_ih", [gates * features])
          add("bias_hh", [gates * features])
        }
        if let projection { add("weight_hr", [projection, features]) }
      }
    }
    self.entries = entries
  }

  /// The names are the keys of the state.
  var customMirror: Mirror {
    Mirror(self, children: entries.map { ($0.name, $0.parameter as Any) }, displayStyle: .struct)
  }

  /// The values, by layer and direction.
  var values: [RecurrentWeights<Scalar>] {
    let biases = hasBias ? 2 : 0
    return stride(from: 0, to: entries.count, by: 2 + biases + (hasProjection ? 1 : 0)).map { first in
      RecurrentWeights(
        input: entries[first].parameter.value, hidden: entries[first + 1].parameter.value,
        inputBias: hasBias ? entries[first + 2].parameter.value : nil,
        hiddenBias: hasBias ? entries[first + 3].parameter.value : nil,
        projection: hasProjection ? entries[first + 2 + biases].parameter.value : nil)
    }
  }
}
