import TernTensor
import Testing

@testable import TernData

private struct Unreadable: Error, Equatable { let file: Int }

/// Numbers of which some cannot be read.
private struct Files: Dataset {
  let count: Int
  let broken: Set<Int>

  func batch(_ indices: [Int]) throws(Unreadable) -> [Int] {
    for index in indices where broken.contains(index) { throw Unreadable(file: index) }
    return indices
  }
}

/// A data set whose author writes `throws` alone.
private struct Plain: Dataset {
  let count = 3
  func batch(_ indices: [Int]) throws -> [Int] { indices }
}

/// Samples with noise: drawn for the batch, or for each sample.
private struct Noisy: Dataset {
  let count: Int
  let isBySample: Bool

  func batch(_ indices: [Int]) -> [Int: Float] {
    var found: [Int: Float] = [:]
    for index in indices {
      let draw = { Tensor<Float>(randomNormal: [1]).scalars[0] }
      found[index] = isBySample ? Random.withSample(index, draw) : draw()
    }
    return found
  }
}

@Suite("Data sets that fail, and those that draw")
struct FallibleDatasetTests {
  @Test("An error comes in the place of its batch, with the sample's index; the others can still be had")
  func place() throws {
    let batches = DataLoader(Files(count: 10, broken: [4]), batchSize: 3).makeIterator()
    #expect(try batches.next() == [0, 1, 2])
    do {
      _ = try batches.next()
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.index == 4 && error.batch == 1 && error.epoch == 0 && error.underlying == Unreadable(file: 4))
      #expect("\(error)" == "sample 4, in batch 1 of epoch 0: Unreadable(file: 4)")
    }
    #expect(try batches.next() == [6, 7, 8])
    #expect(try batches.next() == [9])
    #expect(try batches.next() == nil)
  }

  @Test("In a shuffled epoch, too, and through a subset and a mapping")
  func shuffled() throws {
    let files = Files(count: 20, broken: [7]).mappingBatches { $0.count }
    let loader = DataLoader(Subset(files, indices: Array(5..<15)), batchSize: 4, shuffle: true, seed: 3)
    let position = try #require(loader.order(ofEpoch: 0).firstIndex(of: 2))
    var seen = 0
    let error = #expect(throws: SampleError<Unreadable>.self) { try loader.forEach { seen += $0 } }
    #expect(error?.index == 2 && error?.underlying == Unreadable(file: 7))
    #expect(error?.batch == position / 4 && seen == position / 4 * 4)
  }

  @Test("What cannot fail is read without try, what might with it")
  func forms() throws {
    let loader = DataLoader(Noisy(count: 5, isBySample: false), batchSize: 2)
    var count = 0
    for batch in loader { count += batch.count }
    loader.forEach { count += $0.count }
    let iterator = loader.makeIterator()
    while let batch = iterator.next() { count += batch.count }
    #expect(count == 15 && loader.map(\.count) == [2, 2, 1])
    var read: [Int] = []
    try DataLoader(Plain(), batchSize: 2).forEach { read += $0 }
    #expect(read == [0, 1, 2])
  }

  private func read(_ loader: DataLoader<Noisy>, _ epoch: Int, from first: Int = 0) -> [Int: Float] {
    var all: [Int: Float] = [:]
    for batch in loader.batches(ofEpoch: epoch, from: first) { all.merge(batch) { a, _ in a } }
    return all
  }

  @Test("Random numbers of a batch depend on the seed, the epoch and the batch", arguments: [false, true])
  func keyed(isBySample: Bool) {
    let dataset = Noisy(count: 30, isBySample: isBySample)
    let loader = DataLoader(dataset, batchSize: 4, shuffle: true, seed: 8)
    let first = read(loader, 2)
    #expect(Set(first.values).count == 30)
    // Whatever was drawn before, and by whom.
    Random.with(RandomGenerator(seed: 99)) { #expect(read(loader, 2) == first) }
    // Taken up in the middle.
    let rest = read(loader, 2, from: 5)
    #expect(rest.count == 10 && rest.allSatisfy { first[$0.key] == $0.value })
    // Other epochs and seeds have other numbers.
    #expect(read(loader, 3).allSatisfy { first[$0.key] != $0.value })
    #expect(read(DataLoader(dataset, batchSize: 4, shuffle: true, seed: 9), 2).allSatisfy { first[$0.key] != $0.value })
    // A sample's own do not depend on the batch that it is in.
    let other = read(DataLoader(dataset, batchSize: 7, seed: 8), 2)
    #expect((other == first) == isBySample)
  }

  @Test("Inputs are mapped one by one, under the sample's generator")
  func mapping() {
    let data = TensorDataset(Tensor<Float>(zeros: [12, 2]), Tensor<Int>(0..<12)).mappingInputs { input in
      input + Tensor(randomNormal: input.shape)
    }
    func rows(_ batchSize: Int) -> [Int: [Float]] {
      var found: [Int: [Float]] = [:]
      for batch in DataLoader(data, batchSize: batchSize, shuffle: batchSize > 3, seed: 1) {
        for (row, label) in batch.labels.scalars.enumerated() { found[label] = batch.inputs[row].scalars }
      }
      return found
    }
    #expect(rows(3) == rows(5) && Set(rows(3).values).count == 12)
  }

  @Test("Swift's own random functions take the generator")
  func swiftRandom() {
    func draw() -> [Int] {
      var generator = RandomGenerator(seed: 4)
      return (0..<100).shuffled(using: &generator) + [Int.random(in: 0..<1000, using: &generator)]
    }
    #expect(draw() == draw() && draw().dropLast().sorted() == Array(0..<100))
  }
}
