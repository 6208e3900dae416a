import TernTensor
import Testing

@testable import TernData

private struct Unreadable: Error, Equatable { let index: Int }

/// A value a sample, of which some cannot be read.
private struct Readings: SampleDataset {
  let count = 10
  var broken: Set<Int> = []

  func sample(_ index: Int) throws(Unreadable) -> LabeledSample<Float, Int> {
    if broken.contains(index) { throw Unreadable(index: index) }
    return LabeledSample(Tensor([Float(index), -Float(index)]), label: index % 3)
  }
}

/// Its author writes `throws` alone.
private struct Plain: SampleDataset {
  let count = 4
  func sample(_ index: Int) throws -> [Tensor<Float>] { [Tensor([Float(index)]), Tensor([1, 2])] }
}

private struct Scene: Collatable {
  let image: Tensor<Float>
  let depths: [Double]
  static func collate(_ samples: [Scene]) -> (images: Tensor<Float>, depths: [[Double]]) {
    (.collate(samples.map(\.image)), samples.map(\.depths))
  }
}

@Suite("Samples put together")
struct SampleDatasetTests {
  @Test("A batch is made of samples, in the order of the indices")
  func batches() throws {
    let batch = try Readings().batch([4, 0, 9])
    let values: [Float] = [4, -4, 0, 0, 9, -9]
    #expect(batch.inputs == Tensor(values, shape: [3, 2]) && batch.labels == Tensor([1, 0, 0]))
    let lists = try Plain().batch([3, 1])
    #expect(lists.count == 2 && lists[0] == Tensor([3, 1], shape: [2, 1]))
    #expect(lists[1] == Tensor([1, 2, 1, 2], shape: [2, 2]))
    let scenes = Samples(count: 3) { Scene(image: Tensor([Float($0)]), depths: [Double($0)]) }
    let made = scenes.batch([2, 1])
    #expect(made.images == Tensor([2, 1], shape: [2, 1]) && made.depths == [[2], [1]])
  }

  @Test("Tensors of all kinds, numbers, texts, dictionaries")
  func collating() {
    #expect(Int.collate([3, 1]) == Tensor([3, 1]) && Bool.collate([true, false]) == Tensor([true, false]))
    #expect(String.collate(["a", "b"]) == ["a", "b"])
    let dictionary = [String: Double].collate([["a": 1, "b": 2], ["b": 4, "a": 3]])
    #expect(dictionary["a"] == Tensor([1, 3]) && dictionary["b"] == Tensor([2, 4]))
    let base = Tensor<Int>(0..<24).reshaped(2, 3, 4)
    let layouts = [base, base.transposed(0, 2), base.permuted(1, 2, 0), base[.all, .all, .index(0)], Tensor(3)]
    for sample in layouts {
      let next: Tensor<Int> = sample + 1
      let (samples, expected): ([Tensor<Int>], Tensor<Int>) = ([sample, next], stack([sample, next]))
      #expect(Tensor.collate(samples) == expected, "\(sample.shape)")
    }
    #expect(
      Tensor<Float>.collate([]).shape == [0] && Tensor.collate([Tensor<Float>(zeros: [2, 0])]).shape == [1, 2, 0])
  }

  @Test("Images that are channels-last in memory make batches that are")
  func memoryOrder() {
    let set = ImageDataset(Digits.split.train)
    let collated = set.collate(set.samples([5, 0, 2]))
    let direct = set.batch([5, 0, 2])
    #expect(collated.inputs == direct.inputs && collated.labels == direct.labels)
    let color = Tensor<Int>(0..<24).reshaped(2, 4, 3).permuted(2, 0, 1)
    #expect(Tensor.collate([color, color]).layout.memoryOrder == [0, 2, 3, 1])
  }

  @Test("Sequences are padded, with their lengths and a mask")
  func padding() {
    let set = Samples(count: 4) { SampleSequence(Tensor<Int>([Int](repeating: $0, count: $0))) }
    let batch = set.batch([2, 0, 3])
    let values = Tensor([2, 2, 0, 0, 0, 0, 3, 3, 3], shape: [3, 3])
    #expect(batch.values == values && batch.lengths == Tensor([2, 0, 3]))
    let mask = [true, true, false, false, false, false, true, true, true]
    #expect(batch.mask == Tensor(mask, shape: [3, 3]))
    let rows = [Tensor<Float>([1, 2], shape: [1, 2]), Tensor<Float>([3, 4, 5, 6], shape: [2, 2])]
    let wide = PaddedBatch(rows, padding: -1, multiple: 3)
    let filled: [Float] = [1, 2, -1, -1, -1, -1, 3, 4, 5, 6, -1, -1]
    #expect(wide.values == Tensor(filled, shape: [2, 3, 2]))
    #expect(PaddedBatch(rows, length: 4).values.shape == [2, 4, 2])
    #expect(PaddedBatch([Tensor<Float>]()).values.shape == [0, 0])
  }

  @Test("Several inputs and targets: mappings with a collate of their own, and zipped sets")
  func structures() throws {
    let pairs = Readings().map { (sample) throws(Unreadable) in
      (sample.input, Double(sample.label.item), sample.label)
    } collate: { samples in
      (inputs: Tensor.collate(samples.map(\.0)), targets: (samples.map(\.1), Tensor.collate(samples.map(\.2))))
    }
    let batch = try #require(try DataLoader(pairs, batchSize: 2).makeIterator().next())
    #expect(batch.inputs.shape == [2, 2] && batch.targets.0 == [0, 1] && batch.targets.1 == Tensor([0, 1]))
    let lengths = Samples(count: 10) { (index) throws(Unreadable) -> Int in index * index }
    let zipped = Readings().zipped(with: lengths)
    let both = try zipped.batch([1, 3])
    #expect(both.0.labels == Tensor([1, 0]) && both.1 == Tensor([1, 9]))
    #expect(try zipped[2].1 == 4 && zipped.count == 10)
  }

  @Test("Sets one after another, empty ones too")
  func concatenated() throws {
    let numbers = { (range: Range<Int>) in Samples(count: range.count) { range.lowerBound + $0 } }
    let three = [numbers(0..<2), numbers(5..<5), numbers(7..<10)].concatenated()
    #expect(three.count == 5 && three.starts == [0, 2, 2, 5])
    #expect(three.batch([4, 0, 2, 1]) == Tensor([9, 0, 7, 1]) && (0..<5).map { three[$0] } == [0, 1, 7, 8, 9])
    let two = numbers(0..<1).concatenated(with: numbers(3..<5).map { $0 * 10 })
    #expect(DataLoader(two, batchSize: 2).flatMap(\.scalars) == [0, 30, 40])
  }

  @Test("An error names the sample")
  func errors() throws {
    let set = Subset(Readings(broken: [6]), 3..<8).map { (sample) throws(Unreadable) in sample }
    let batches = DataLoader(set, batchSize: 2).makeIterator()
    #expect(try batches.next()?.labels == Tensor([0, 1]))
    let error = #expect(throws: SampleError<Unreadable>.self) { _ = try batches.next() }
    #expect(error?.index == 3 && error?.underlying == Unreadable(index: 6))
  }

  /// What each sample of an epoch was mapped to, by its value.
  private func read<Source: SampleDataset>(
    _ set: Source, batchSize: Int, shuffle: Bool, epoch: Int = 0, seed: UInt64 = 4
  ) -> [Int: [Float]] where Source.Batch == LabeledBatch<Float, Int>, Source.Failure == Never {
    var found: [Int: [Float]] = [:]
    for batch in DataLoader(set, batchSize: batchSize, shuffle: shuffle, seed: seed).batches(ofEpoch: epoch) {
      for (row, label) in batch.labels.scalars.enumerated() { found[label] = batch.inputs[row].scalars }
    }
    return found
  }

  @Test("Random numbers are a function of seed, epoch, sample and stage")
  func random() {
    let draw = { @Sendable (sample: LabeledSample<Float, Int>) in
      sample.withInput(sample.input + Tensor<Float>(randomUniform: [2]))
    }
    let plain = Samples(count: 12) { LabeledSample(Tensor<Float>(zeros: [2]), label: $0) }
    let once = read(plain.map(draw), batchSize: 5, shuffle: false)
    #expect(Set(once.values).count == 12)
    for batchSize in [1, 4, 12] { #expect(read(plain.map(draw), batchSize: batchSize, shuffle: true) == once) }
    #expect(
      read(plain.map(draw), batchSize: 5, shuffle: false, epoch: 1).values.allSatisfy { !once.values.contains($0) })
    #expect(
      read(plain.map(draw), batchSize: 5, shuffle: false, seed: 5).values.allSatisfy { !once.values.contains($0) })
    // A stage has numbers of its own, and those before it stay as they were.
    let first = plain.map { sample in
      _ = Tensor<Float>(randomUniform: [3])
      return sample
    }
    let second = read(first.map(draw), batchSize: 5, shuffle: false)
    #expect(second == read(plain.map { $0 }.map(draw), batchSize: 3, shuffle: false))
    #expect(second.values.allSatisfy { !once.values.contains($0) })
    // So do the stages within a mapping.
    func staged(_ isDrawn: Bool) -> [Int: [Float]] {
      let set = plain.map { sample in
        if isDrawn { Random.withStage(1) { _ = Tensor<Float>(randomUniform: [7]) } }
        return Random.withStage(2) { draw(sample) }
      }
      return read(set, batchSize: 5, shuffle: false)
    }
    #expect(staged(true) == staged(false) && staged(true).values.allSatisfy { !once.values.contains($0) })
    // A subset's samples have the numbers that they have in the whole, in batches and one by one.
    let subset = Subset(plain.map(draw), indices: [7, 2])
    #expect(read(subset, batchSize: 2, shuffle: false) == once.filter { [7, 2].contains($0.key) })
    #expect(read(subset.map { $0 }, batchSize: 1, shuffle: false) == once.filter { [7, 2].contains($0.key) })
    // Two sets in one: the first as it was, the second with others.
    let other = Samples(count: 12) { LabeledSample(Tensor<Float>(zeros: [2]), label: $0 + 12) }.map(draw)
    let both = read(plain.map(draw).concatenated(with: other), batchSize: 5, shuffle: true)
    #expect(Set(both.values).count == 24 && once.allSatisfy { both[$0.key] == $0.value })
    // What is drawn behind them is not what was drawn before.
    let deeper = plain.map(draw).concatenated(with: other).map { sample in
      sample.withInput(sample.input * 10 + Tensor<Float>(randomUniform: [2]))
    }
    let again = read(deeper, batchSize: 5, shuffle: false)
    for (label, first) in once {
      let values = again[label] ?? []
      #expect(values.count == 2 && zip(values, first).allSatisfy { abs($0 - 11 * $1) > 1e-4 }, "sample \(label)")
    }
  }

  @Test("What a training saw of a sample can be made again")
  func again() throws {
    let set = Readings().map { (sample) throws(Unreadable) in
      sample.withInput(sample.input + Tensor<Float>(randomUniform: [2]))
    }
    let loader = DataLoader(set, batchSize: 3, shuffle: true, seed: 9)
    for (number, indices) in loader.order(ofEpoch: 2).chunks(of: 3).enumerated() {
      let batch = try #require(try loader.batches(ofEpoch: 2, from: number).next())
      for (row, index) in indices.enumerated() {
        #expect(try loader.sample(index, ofEpoch: 2).input == batch.inputs[row])
      }
    }
  }

  @Test("Mistakes stop the program with one line")
  func mistakes() async {
    let shapes = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Samples(count: 3) { Tensor<Float>(zeros: [$0]) }.batch([1, 1, 2])
    }
    #expect(lastWords(shapes).contains("collate: sample 2 of the batch is of shape [2], the first of [1]"))
    let counts = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Samples(count: 3) { $0 }.zipped(with: Samples(count: 2) { $0 })
    }
    #expect(lastWords(counts).contains("zipped: 3 samples with 2"))
    let keys = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = [String: Int].collate([["a": 1], ["b": 1]])
    }
    #expect(lastWords(keys).contains("collate: sample 1 of the batch has the keys b, the first a"))
    let long = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = PaddedBatch([Tensor<Float>(zeros: [3])], length: 2)
    }
    #expect(lastWords(long).contains("PaddedBatch: a sequence of 3 for a length of 2"))
  }
}

extension Array {
  fileprivate func chunks(of count: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min($0 + count, self.count)] }
  }
}
