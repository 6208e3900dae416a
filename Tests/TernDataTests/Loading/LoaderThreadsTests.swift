import Synchronization
import TernTensor
import Testing

@testable import TernData

/// Samples that take their time, and say who asked for them.
private final class SlowSamples: SampleDataset {
  let count = 24
  let broken: Set<Int>
  let milliseconds: @Sendable (Int) -> Int
  let asked = Mutex<[Int]>([])
  let running = Mutex(0)
  let most = Mutex(0)

  init(broken: Set<Int> = [], milliseconds: @escaping @Sendable (Int) -> Int) {
    self.broken = broken
    self.milliseconds = milliseconds
  }

  struct Unreadable: Error {}

  func sample(_ index: Int) throws(Unreadable) -> Tensor<Float> {
    asked.withLock { $0.append(index) }
    let now = running.withLock { count in
      count += 1
      return count
    }
    most.withLock { $0 = max($0, now) }
    defer { running.withLock { $0 -= 1 } }
    let end = ContinuousClock.now + .milliseconds(milliseconds(index))
    while ContinuousClock.now < end {}
    if broken.contains(index) { throw Unreadable() }
    return Tensor<Float>(randomUniform: [2]) + Float(index)
  }
}

@Suite("The loader's threads")
struct LoaderThreadsTests {
  @Test("Any number of workers gives the same bits, in the same order", arguments: [0, 1, 2, 4])
  func sameBits(workers: Int) throws {
    func read(_ workers: Int) throws -> [[Float]] {
      // Later samples are ready before earlier ones.
      let set = SlowSamples { index in (24 - index) % 3 }
      let loader = DataLoader(set, batchSize: 5, shuffle: true, seed: 6, workers: workers)
      var batches: [[Float]] = []
      for _ in 0..<2 { try loader.forEach { batches.append($0.scalars) } }
      return batches
    }
    #expect(try read(workers) == read(1))
  }

  @Test("So many threads work, and no further ahead than they are let", arguments: [(1, 2, 1), (3, 6, 3), (3, 2, 3)])
  func bounded(workers: Int, lookAhead: Int, most: Int) async throws {
    let set = SlowSamples { _ in 5 }
    let loader = DataLoader(set, workers: workers, lookAhead: lookAhead)
    #expect(DataLoader(set, workers: workers).lookAhead == 2 * workers)
    let batches = loader.makeIterator()
    _ = try batches.next()
    for _ in 0..<2000 where set.asked.withLock({ $0.count }) < 1 + lookAhead {
      try await Task.sleep(for: .milliseconds(1))
    }
    try await Task.sleep(for: .milliseconds(40))
    #expect(set.asked.withLock { $0.count } == 1 + lookAhead)
    #expect(set.most.withLock { $0 } <= most)
    if most > 1 { #expect(set.most.withLock { $0 } > 1) }
  }

  @Test("Without workers a batch is made when it is asked for")
  func withoutWorkers() throws {
    let set = SlowSamples { _ in 0 }
    let batches = DataLoader(set, batchSize: 10, workers: 0).makeIterator()
    #expect(set.asked.withLock { $0.isEmpty })
    #expect(try batches.next()?.shape == [10, 2] && set.asked.withLock { $0 } == Array(0..<10))
    #expect(try batches.next()?.shape == [10, 2] && batches.next()?.shape == [4, 2] && batches.next() == nil)
  }

  @Test("Errors come at their batch, with the sample, whoever made it", arguments: [0, 1, 3])
  func errors(workers: Int) throws {
    let set = SlowSamples(broken: [7, 20]) { _ in 0 }
    let batches = DataLoader(set, batchSize: 6, workers: workers).makeIterator()
    var (shapes, failed) = ([[Int]](), [Int?]())
    for _ in 0..<4 {
      do { shapes.append(try batches.next()?.shape ?? []) } catch { failed.append(error.index) }
    }
    #expect(shapes == [[6, 2], [6, 2]] && failed == [7, 20])
  }

  @Test("A reading that is given up does not wait for a slow sample")
  func givenUp() throws {
    let set = SlowSamples { index in index > 1 ? 3000 : 0 }
    let start = ContinuousClock.now
    do {
      let batches = DataLoader(set, batchSize: 2, workers: 2).makeIterator()
      #expect(try batches.next()?.shape == [2, 2])
    }
    #expect(ContinuousClock.now - start < .seconds(2))
  }

  @Test("The position is that of the last batch used, whatever is prepared")
  func position() throws {
    let set = Samples(count: 20) { $0 }
    let loader = DataLoader(set, batchSize: 3, shuffle: true, seed: 1, workers: 3)
    let all = loader.batches(ofEpoch: 4).map(\.scalars)
    let batches = loader.batches(ofEpoch: 4)
    for number in 0..<7 {
      #expect(batches.position == LoadingPosition(epoch: 4, batch: number))
      #expect(loader.batches(from: batches.position).map(\.scalars) == Array(all[number...]))
      _ = batches.next()
    }
    #expect(batches.next() == nil && batches.position == LoadingPosition(epoch: 4, batch: 7))
  }

  @Test("Mistakes stop the program with one line")
  func mistakes() async {
    let workers = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DataLoader(Samples(count: 3) { $0 }, workers: -1)
    }
    #expect(lastWords(workers).contains("DataLoader: -1 workers (0 to 256)"))
    let weights = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DataLoader(Samples(count: 3) { $0 }, sampler: .weighted([1, 2]))
    }
    #expect(lastWords(weights).contains("DataLoader: Sampler.weighted of 2 samples for 3"))
    let order = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DataLoader(Samples(count: 3) { $0 }, sampler: Sampler(order: { _, _ in [0, 3, 1] })).makeIterator()
    }
    #expect(lastWords(order).contains("Sampler: index 3 is not in 0 ..< 3"))
  }
}
