import TernData
import TernTensor
import TernTestSupport

/// Samplers, splits, batches, fitted transforms and tokenizers of hostile settings.
let hostileDataTable = makeTable()

private struct Places: Dataset {
  let count: Int
  func batch(_ indices: [Int]) -> [Int] { indices }
}

private struct Stream: SampleStream {
  func reader(ofEpoch epoch: Int, from first: Int) throws -> () throws -> Tensor<Int>? {
    var next = 0
    return {
      next += 1
      return next < 5 ? Tensor(next) : nil
    }
  }
}

/// Classes or lengths of samples.
private func labels(_ n: inout HostileNumbers) -> [Int] { n.flag() ? [0, 1, 0, 1] : n.list() }

/// Numbers that all can be read in no time.
private func small(_ n: inout HostileNumbers) -> Tensor<Float> {
  let x = n.floats()
  return x.count < 1 << 20 ? x : Tensor(ones: [2, 3])
}

// One statement a row: a literal of closures takes the compiler minutes.
private func makeTable() -> [HostileCase] {
  var table: [HostileCase] = []
  table.add("DataLoader with a sampler") { n in
    let sampler: Sampler
    switch n.below(4) {
    case 0: sampler = .weighted((0..<4).map { _ in n.real() }, count: n.flag() ? nil : n.size(), replacing: n.flag())
    case 1: sampler = .balanced(labels(&n), count: n.flag() ? nil : n.below(9))
    case 2: sampler = .byLength(labels(&n), window: n.any())
    default:
      let places = n.list()
      sampler = Sampler(count: n.flag() ? nil : n.any()) { _, _ in places }
    }
    let loader = DataLoader(
      Places(count: 4), batchSize: n.any(), sampler: sampler, dropLast: n.flag(), workers: n.any(),
      lookAhead: n.flag() ? nil : n.any())
    var seen = 0
    for batch in loader where seen < 8 { seen += batch.count }
  }
  table.add("workers of a DataLoader") { n in
    let loader = DataLoader(
      Places(count: n.below(4)), batchSize: 1 + n.below(2), workers: n.any(), lookAhead: n.flag() ? nil : n.any())
    for batch in loader { _ = batch }
  }
  table.add("sample of an epoch") { n in
    let loader = DataLoader(TensorDataset(Tensor<Float>(ones: [3, 2]), Tensor<Int>(zeros: [3])), batchSize: 2)
    _ = loader.sample(n.any(), ofEpoch: n.any())
  }
  table.add("StreamLoader") { n in
    let loader = StreamLoader(Stream(), batchSize: n.any(), window: n.any(), dropLast: n.flag())
    let batches = try loader.batches(from: LoadingPosition(epoch: n.any(), batch: n.any()))
    while try batches.next() != nil {}
  }
  table.add("split") { n in
    let classes = n.flag() ? nil : labels(&n)
    switch n.below(3) {
    case 0: _ = Places(count: n.below(6)).split(n.real(), n.real(), seed: 1, stratifiedBy: classes)
    case 1: _ = Places(count: n.below(6)).split([n.real(), n.real(), n.real()], seed: 1, stratifiedBy: classes)
    default: _ = Places(count: n.below(6)).split(n.real(), 0.2, n.real(), seed: 1, stratifiedBy: classes)
    }
  }
  table.add("folds") { n in
    _ = Places(count: n.below(6)).folds(n.any(), seed: 1, stratifiedBy: n.flag() ? nil : labels(&n))
  }
  table.add("Subset") { n in
    let subset = Subset(Places(count: 4), indices: n.list())
    _ = (subset.count, subset.batch(n.list()))
  }
  table.add("Subset of a range") { n in
    let (a, b) = (n.any(), n.any())
    _ = Subset(Places(count: 4), min(a, b)..<max(a, b)).batch(n.list())
  }
  table.add("TensorDataset") { n in
    let data = TensorDataset(n.floats(), n.integers())
    _ = (data.batch(n.list()), n.flag() ? data.sample(n.any()) : nil)
  }
  table.add("Samples") { n in
    let samples = Samples(count: n.any()) { Tensor<Float>(Float($0 % 100)) }
    _ = n.flag() ? samples.batch(n.list()) : samples.sample(n.any())
  }
  table.add("PaddedBatch") { n in
    _ = PaddedBatch(
      [n.floats(), n.floats()], padding: Float(n.real()), length: n.flag() ? nil : n.any(), multiple: n.any())
  }
  table.add("PackedTokens") { n in
    let tokens = PackedTokens(Array(0..<n.below(9)), length: n.any())
    _ = (tokens.count, tokens.batch(n.list()))
  }
  table.add("MinMaxScaling") { n in
    let scaling = MinMaxScaling(minimum: [n.real(), n.real()], maximum: [n.real(), n.real()])
    _ = n.flag() ? scaling(n.floats()) : scaling.inverse(n.floats())
  }
  table.add("MinMaxScaling of samples") { n in _ = try MinMaxScaling(of: small(&n))(n.floats()) }
  table.add("Standardization") { n in
    let scaling = Standardization(mean: [n.real(), n.real()], deviation: n.flag() ? [n.real()] : [n.real(), n.real()])
    _ = n.flag() ? scaling(n.floats()) : scaling.inverse(n.floats())
  }
  table.add("Standardization of samples") { n in _ = try Standardization(of: small(&n))(n.floats()) }
  table.add("Whitening") { n in
    let x = n.flag() ? Tensor<Float>(randomUniform: [5, 3]) : small(&n)
    let components: Whitening.Components = n.flag() ? .all : .count(n.any())
    let whitening = try Whitening(n.flag() ? .pca : .zca, of: x, components: components, epsilon: n.real())
    _ = n.flag() ? whitening(n.floats()) : whitening.inverse(n.floats())
  }
  table.add("BytePairTokenizer") { n in
    let tokenizer = BytePairTokenizer.train(
      on: ["a b ab", "abab"], vocabularySize: n.any(), minimumFrequency: n.any(), specialTokens: ["[PAD]"])
    _ = (tokenizer.token(n.any()), tokenizer.decode(n.list(), skippingSpecialTokens: n.flag()))
    _ = tokenizer.encode("ab ba", addingSpecialTokens: n.flag(), maximumLength: n.flag() ? nil : n.any())
    _ = tokenizer.bytes(of: n.list())
  }
  table.add("batches of texts") { n in
    let tokenizer = BytePairTokenizer.train(on: ["a b ab", "abab"], vocabularySize: 300)
    _ = tokenizer.batch(
      ["ab", "b"], padding: n.any(), length: n.flag() ? nil : n.any(), maximumLength: n.flag() ? nil : n.any(),
      multiple: n.any())
    _ = tokenizer.packed(["ab", "b a"], length: n.any(), separator: n.flag() ? nil : n.any())
  }
  return table
}
