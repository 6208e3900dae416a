import TernBackend
import TernNN
import TernTensor

/// How an ``LSTMLanguageModel`` is built.
public struct LSTMLanguageModelConfiguration: Sendable, Hashable {
  /// How many tokens there are.
  public var vocabulary: Int
  /// Features of a token.
  public var features: Int
  /// Features of the recurrent layers.
  public var hidden: Int
  /// How many recurrent layers.
  public var layers: Int
  /// The probability that a value is dropped in training.
  public var dropout: Double

  /// Creates a configuration; the defaults are those of PyTorch's example for WikiText-2.
  ///
  /// - Parameters:
  ///   - vocabulary: how many tokens there are.
  ///   - features: features of a token.
  ///   - hidden: features of the recurrent layers.
  ///   - layers: how many recurrent layers.
  ///   - dropout: the probability that a value is dropped in training, 0 to 1.
  public init(
    vocabulary: Int = 33_278, features: Int = 200, hidden: Int = 200, layers: Int = 2, dropout: Double = 0.2
  ) {
    (self.vocabulary, self.features, self.hidden) = (vocabulary, features, hidden)
    (self.layers, self.dropout) = (layers, dropout)
  }

  /// 14.0 million parameters.
  public static let standard = LSTMLanguageModelConfiguration()
}

/// Recurrent layers that foretell the next token: tokens [N, L] to scores [N, L, vocabulary].
///
/// State names, layers and starting values are those of PyTorch's word language model (`encoder`, `rnn`, `decoder`).
///
/// ```swift
/// let model = LSTMLanguageModel(LSTMLanguageModelConfiguration(vocabulary: 100))
/// let scores = model(Tensor<Int>([[5, 42, 7]]))  // [1, 3, 100]
/// ```
public final class LSTMLanguageModel<Scalar: FloatingScalar>: TokenModel {
  /// How it is built.
  public let configuration: LSTMLanguageModelConfiguration
  /// The embedding of tokens.
  public let encoder: Embedding<Scalar>
  /// The recurrent layers.
  public let rnn: LSTM<Scalar>
  /// The scores.
  public let decoder: Dense<Scalar>
  private let drop: Dropout<Scalar>

  /// Creates a language model.
  ///
  /// - Parameter configuration: sizes and dropout.
  public init(
    _ configuration: LSTMLanguageModelConfiguration, fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.configuration = configuration
    drop = Dropout(configuration.dropout)
    encoder = Embedding(configuration.vocabulary, configuration.features)
    rnn = LSTM(
      configuration.features, configuration.hidden, layers: configuration.layers, batchFirst: true,
      dropout: configuration.layers > 1 ? configuration.dropout : 0)
    decoder = Dense(configuration.hidden, configuration.vocabulary)
    encoder.weight.initialize(.uniform(-0.1, 0.1))
    decoder.weight.initialize(.uniform(-0.1, 0.1))
    decoder.bias?.initialize(.zeros)
  }

  /// Creates a language model with `Float` values.
  ///
  /// - Parameter configuration: sizes and dropout.
  public convenience init(
    _ configuration: LSTMLanguageModelConfiguration, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float { self.init(configuration, fileID: file, line: line) }

  /// The number of tokens.
  public var vocabulary: Int { configuration.vocabulary }
  /// Any.
  public var longestSequence: Int { .max }
  /// It does.
  public var predictsTokens: Bool { true }

  /// The scores of the token after each one, [N, L, vocabulary].
  public func callAsFunction(
    _ tokens: Tensor<Int>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(tokens.rank == 2, "LSTMLanguageModel", "tokens \(tokens.shape) are not [N, L]")
    return decoder(drop(rnn(drop(encoder(tokens)))))
  }
}

extension LSTMLanguageModel: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: LSTMLanguageModel) { self.init(other.configuration) }
}
