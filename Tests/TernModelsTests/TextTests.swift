import Foundation
import TernNN
import TernTensor
import Testing

@testable import TernModels

@Suite("Networks for text")
struct TextTests {
  private static let gpt = GPT2Configuration(
    vocabulary: 67, positions: 24, features: 32, layers: 2, heads: 4, dropout: 0)

  @Test("GPT-2 is transformers'")
  func gpt2() throws {
    let input = try Reference("gpt2").input
    try expectAgreement(
      "gpt2", double: { Subject(GPT2<Double>(Self.gpt), input: input, vocabulary: 67, predictsTokens: true) },
      float: { Subject(GPT2<Float>(Self.gpt), input: input, vocabulary: 67, predictsTokens: true) })
    #expect(GPT2<Float>.stateName("h.3.attn.c_attn.weight") == "transformer.h.3.attn.c_attn.weight")
    #expect(GPT2<Float>.stateName("h.3.attn.bias") == nil)
    #expect(GPT2<Float>.stateName("lm_head.weight") == "lm_head.weight")
    let names = GPT2<Float>(Self.gpt).stateWithTiedNames.map(\.name)
    #expect(names.filter { $0 == "lm_head.weight" }.count == 1)
  }

  @Test("BERT is transformers'")
  func bert() throws {
    let input = try Reference("bert").input
    let small = BERTConfiguration(
      vocabulary: 67, positions: 24, features: 32, inner: 48, layers: 2, heads: 4, dropout: 0)
    try expectAgreement(
      "bert", double: { Subject(BERT<Double>(small), input: input, vocabulary: 67, predictsTokens: false) },
      float: { Subject(BERT<Float>(small), input: input, vocabulary: 67, predictsTokens: false) })
    #expect(BERT<Float>.stateName("bert.embeddings.LayerNorm.gamma") == "embeddings.LayerNorm.weight")
    #expect(BERT<Float>.stateName("cls.predictions.bias") == nil)
  }

  @Test("The recurrent language model is PyTorch's")
  func recurrent() throws {
    let input = try Reference("lstm").input
    let small = LSTMLanguageModelConfiguration(vocabulary: 67, features: 12, hidden: 16, layers: 2, dropout: 0)
    try expectAgreement(
      "lstm",
      double: { Subject(LSTMLanguageModel<Double>(small), input: input, vocabulary: 67, predictsTokens: true) },
      float: { Subject(LSTMLanguageModel<Float>(small), input: input, vocabulary: 67, predictsTokens: true) })
  }

  @Test("What only fills up changes nothing of a text's features")
  func masked() {
    let model = BERT<Double>(
      BERTConfiguration(vocabulary: 67, positions: 24, features: 32, inner: 48, layers: 2, heads: 4))
    model.eval()
    let short = hashedTokens([2, 7], below: 67)
    let filled = concatenate([short, Tensor<Int>(full: [2, 3], 5)], along: 1)
    let mask = Tensor<Bool>((0..<20).map { $0 % 10 < 7 }).reshaped([2, 10])
    let (alone, within) = withoutGradients { (model(short), model(filled, mask: mask)[.all, .slice(0, 7)]) }
    #expect((alone - within).abs().max().item < 1e-12)
  }

  /// What transformers continues with.
  private struct Continuations: Decodable {
    let start: [[Int]]
    let greedy: [[Int]]
    let end: Int
    let ended: [[Int]]
  }

  private func filled() throws -> GPT2<Double> {
    let model = GPT2<Double>(Self.gpt)
    try model.load(Reference("gpt2").state.map { StateEntry(name: $0.name, hashedWeights($0.name, $0.shape)) })
    return model
  }

  @Test("Greedy continuations are transformers', token by token")
  func greedy() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/generation.json")
    let expected = try JSONDecoder().decode(Continuations.self, from: Data(contentsOf: path))
    let model = try filled()
    let start = Tensor<Int>(expected.start.flatMap { $0 }).reshaped([expected.start.count, expected.start[0].count])
    #expect(model.generate(after: start, count: 14).scalars == expected.greedy.flatMap { $0 })
    let ended = model.generate(after: start, count: 14, endToken: expected.end)
    #expect(ended.scalars == expected.ended.flatMap { $0 })
    #expect(model.generate(after: start, count: 0).scalars == start.scalars)
  }

  @Test("Caches give the scores of whole sequences, in chunks of any length")
  func caches() throws {
    let model = try filled()
    model.eval()
    let tokens = hashedTokens([2, 20], below: 67)
    let whole = withoutGradients { model(tokens) }
    let caches = model.makeCaches()
    var position = 0
    for length in [5, 1, 4, 1, 1, 8] {
      let scores = withoutGradients {
        model.next(tokens[.all, .slice(position, position + length)], caches: caches)
      }
      position += length
      let expected = whole[.all, .index(position - 1)]
      #expect((scores - expected).abs().max().item < 1e-12, "after \(position)")
    }
    #expect(caches.allSatisfy { $0.count == 20 })
    caches[0].removeAll()
    #expect(caches[0].count == 0)
  }

  @Test("Sampling is that of the seed, keeps to the highest, and goes by the probabilities")
  func sampling() throws {
    let model = try filled()
    let start = hashedTokens([2, 4], below: 67)
    func sampled(_ seed: UInt64, _ choice: TokenChoice) -> [Int] {
      model.generate(after: start, count: 12, choice: choice, generator: RandomGenerator(seed: seed)).scalars
    }
    #expect(sampled(1, .sampled()) == sampled(1, .sampled()))
    #expect(sampled(1, .sampled()) != sampled(2, .sampled()))
    let greedy = model.generate(after: start, count: 12).scalars
    #expect(sampled(3, .sampled(topK: 1)) == greedy)
    #expect(sampled(3, .sampled(topP: 1e-9)) == greedy)
    #expect(sampled(3, .sampled(temperature: 1e-6)) == greedy)
    // 2 of 3 by probability 0.5, 0.3, 0.2 where their sum is to reach 0.7.
    let scores = Tensor<Double>([0.2, 0.5, 0.3]).log().broadcast(to: [20_000, 3])
    let counts = { (choice: TokenChoice) in
      choice.tokens(scores, RandomGenerator(seed: 7)).reduce(into: [0, 0, 0]) { $0[$1] += 1 }
    }
    let all = counts(.sampled())
    for (count, probability) in zip(all, [0.2, 0.5, 0.3]) { #expect(abs(Double(count) / 20_000 - probability) < 0.015) }
    let nucleus = counts(.sampled(topP: 0.7))
    #expect(nucleus[0] == 0)
    #expect(abs(Double(nucleus[1]) / 20_000 - 0.625) < 0.015)
    let flat = counts(.sampled(temperature: 2, topK: 2))
    #expect(flat[0] == 0)
    #expect(abs(Double(flat[1]) / 20_000 - 0.5635) < 0.015)
  }
}
