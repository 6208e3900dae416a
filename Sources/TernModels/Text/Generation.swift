import TernBackend
import TernNN
import TernTensor

/// How the next token is chosen.
public enum TokenChoice: Sendable {
  /// The one of the highest score.
  case greedy
  /// A random one by softmax(scores / temperature), among the `topK` highest, and among the fewest whose probabilities
  /// add up to `topP`; all where they are `nil`.
  case sampled(temperature: Double = 1, topK: Int? = nil, topP: Double? = nil)
}

extension GPT2 {
  /// Tokens [N, L] with what the network continues them with behind, [N, L + count] at most.
  ///
  /// Keys and values are kept from token to token. Runs in evaluation and records nothing.
  ///
  /// - Parameters:
  ///   - tokens: where the sequences begin, [N, L] with L at least 1.
  ///   - count: how many tokens are added.
  ///   - choice: how each is chosen.
  ///   - endToken: a token that ends a sequence: behind it stands the same; where all have ended, no more is added.
  ///   - generator: where random choices come from; the task's or the global one when `nil`.
  ///
  /// Stops where that is more than there are positions, and for a temperature, `topK` or `topP` that is not positive.
  public func generate(
    after tokens: Tensor<Int>, count: Int, choice: TokenChoice = .greedy, endToken: Int? = nil,
    generator: RandomGenerator? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(tokens.rank == 2 && tokens.count > 0, "generate", "tokens \(tokens.shape) are not [N, L]")
    check(
      count >= 0 && count <= longestSequence - tokens.shape[1], "generate",
      "\(count) tokens after \(tokens.shape[1]), the network has \(longestSequence) positions")
    if count == 0 { return tokens }
    return with(.evaluation) {
      withoutGradients {
        let caches = makeCaches()
        var (added, newest): ([Tensor<Int>], Tensor<Int>) = ([], tokens)
        var ended = Array(repeating: false, count: tokens.shape[0])
        for _ in 0..<count {
          var chosen = choice.tokens(next(newest, caches: caches), generator)
          if let endToken {
            for row in ended.indices where ended[row] { chosen[row] = endToken }
            for row in ended.indices where chosen[row] == endToken { ended[row] = true }
          }
          newest = Tensor<Int>(chosen).reshaped([chosen.count, 1])
          added.append(newest)
          if endToken != nil && ended.allSatisfy({ $0 }) { break }
        }
        return concatenate([tokens] + added, along: 1)
      }
    }
  }
}

extension TokenChoice {
  /// A token for each row of scores [N, vocabulary].
  func tokens<Scalar: FloatingScalar>(_ scores: Tensor<Scalar>, _ generator: RandomGenerator?) -> [Int] {
    switch self {
    case .greedy: return scores.argmax(along: 1).scalars
    case .sampled(let temperature, let topK, let topP):
      check(temperature > 0 && temperature.isFinite, "generate", "a temperature of \(temperature)")
      check(topK.map { $0 >= 1 } ?? true, "generate", "the \(topK ?? 0) highest tokens")
      check(topP.map { $0 > 0 } ?? true, "generate", "tokens of the probability \(topP ?? 0)")
      let draws = Tensor<Double>(randomUniform: [scores.shape[0]], in: 0..<1, generator: generator).scalars
      let rows = scores.cast(to: Double.self)
      return draws.indices.map { row in
        Self.draw(rows[row].scalars.map { $0 / temperature }, topK, topP, draws[row])
      }
    }
  }

  /// The token at the fraction `draw` of the probabilities, in the order of falling scores.
  private static func draw(_ scores: [Double], _ topK: Int?, _ topP: Double?, _ draw: Double) -> Int {
    var order = scores.indices.sorted { (scores[$0], $1) > (scores[$1], $0) }
    if let topK { order = Array(order.prefix(topK)) }
    let highest = scores[order[0]]
    var weights = order.map { exponential(scores[$0] - highest) }
    if let topP {
      let (total, wanted) = (weights.reduce(0, +), topP)
      var sum = 0.0
      let needed = weights.firstIndex { weight in
        sum += weight
        return sum >= wanted * total
      }
      weights = Array(weights.prefix((needed ?? weights.count - 1) + 1))
    }
    var remaining = draw * weights.reduce(0, +)
    for (position, weight) in weights.enumerated() {
      remaining -= weight
      if remaining < 0 { return order[position] }
    }
    return order[weights.count - 1]
  }

  private static func exponential(_ x: Double) -> Double { Tensor<Double>(x).exp().item }
}
