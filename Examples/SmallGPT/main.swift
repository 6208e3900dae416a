// A small GPT: a causal transformer that learns to add, written out as text, and is then asked.
//
// Numbers of the sum stand in reverse order, the last digit first, as one adds on paper (Lee et al. 2023).
import Tern

enum Sums {
  static let alphabet = Array("0123456789+=.")
  static let length = 10

  /// "47+38=580." for 47 and 38: each sum has three digits, the last one first.
  static func exercise(_ a: Int, _ b: Int) -> String {
    func digits(_ number: Int, _ count: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: count - text.count) + text
    }
    return digits(a, 2) + "+" + digits(b, 2) + "=" + String(digits(a + b, 3).reversed()) + "."
  }

  static func encoded(_ text: some StringProtocol) -> [Int] { text.map { alphabet.firstIndex(of: $0)! } }
}

final class GPT: Module {
  let tokens = Embedding(Sums.alphabet.count, 64)
  let positions = Embedding(Sums.length, 64)
  let blocks = TransformerEncoder(layers: 2) {
    TransformerEncoderLayer(
      64, heads: 4, innerFeatures: 256, dropout: 0, activation: .gelu, batchFirst: true, normFirst: true)
  }
  let norm = LayerNorm(64)
  let head = Dense(64, Sums.alphabet.count, bias: false)

  /// Logits of what follows each token [N, T].
  func callAsFunction(_ codes: Tensor<Int>) -> Tensor<Float> {
    let places = Tensor<Int>(0..<codes.shape[1])
    return head(norm(blocks(tokens(codes) + positions(places), causal: true)))
  }

  /// The answers to `questions` [N, T], a character at a time: the likeliest, or drawn at a temperature.
  func answers(to questions: Tensor<Int>, temperature: Float? = nil) -> Tensor<Int> {
    var line = questions
    for _ in 0..<4 {
      let logits = self(line)[.all, -1]
      let next = temperature.map { CategoricalDistribution(logits: logits / $0).sample() } ?? logits.argmax(along: 1)
      line = concatenate([line, next.expandedAxis(at: 1)], along: 1)
    }
    return line
  }
}

// Four in five of all pairs are learned from, the others are asked for.
Random.seed(8)
let order = Tensor<Int>(randomPermutation: 10_000).scalars
let (known, asked) = (order[..<8000], order[8000...])

let model = GPT()
let optimizer = AdamW(model, learningRate: 2e-3)
let steps = 1200
let scheduler = Scheduler(optimizer, CosineSchedule(length: steps))
for step in 1...steps {
  let chosen = Tensor<Int>(randomIntegers: [64], in: 0..<known.count).scalars
  let lines = chosen.map { Sums.encoded(Sums.exercise(known[$0] / 100, known[$0] % 100)) }
  let inputs = Tensor(lines.flatMap { $0.dropLast() }, shape: [64, Sums.length - 1])
  let targets = Tensor(lines.flatMap { $0.dropFirst() }, shape: [64, Sums.length - 1])
  // What stands before "=" cannot be foretold: only the answer counts.
  let answers = model(inputs)[.all, 5...].flattened(from: 0, to: 1)
  let loss = crossEntropy(answers, targets[.all, 5...].flattened())
  optimizer.zeroGradients()
  loss.backward()
  optimizer.step()
  scheduler.step()
  if step.isMultiple(of: 200) { print("step \(step): \(loss.item) nats a character") }
}

withoutGradients {
  let pairs = asked.prefix(1000)
  let lines = pairs.map { Sums.exercise($0 / 100, $0 % 100) }
  let questions = Tensor(lines.flatMap { Sums.encoded($0.prefix(6)) }, shape: [pairs.count, 6])
  let expected = Tensor(lines.flatMap { Sums.encoded($0) }, shape: [pairs.count, Sums.length])
  for row in model.answers(to: questions[..<5], temperature: 0.5).split(every: 1) {
    print(String(row.scalars.map { Sums.alphabet[$0] }))
  }
  let right = (model.answers(to: questions) .== expected).all(along: 1)
  print("figure: \(right.cast(to: Float.self).mean().item)")
}
