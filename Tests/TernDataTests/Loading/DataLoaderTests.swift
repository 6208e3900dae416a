import Synchronization
import TernTensor
import Testing

@testable import TernData

@Suite("Loading batches")
struct DataLoaderTests {
  private func dataset(_ count: Int) -> TensorDataset<Float, Int> {
    let labels = Tensor<Int>(0..<count)
    return TensorDataset(labels.cast(to: Float.self).reshaped(count, 1) * Tensor<Float>([1, -1]), labels)
  }

  private func labels(_ batches: some Sequence<LabeledBatch<Float, Int>>) -> [[Int]] { batches.map(\.labels.scalars) }

  @Test("Every sample comes once, with its label, in order")
  func inOrder() {
    let loader = DataLoader(dataset(10), batchSize: 4)
    #expect(labels(loader) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
    for batch in loader {
      let values = batch.labels.scalars.map { Float($0) }
      #expect(batch.inputs.shape == [values.count, 2] && batch.count == values.count)
      #expect(batch.inputs.scalars == values.flatMap { [$0, -$0] })
    }
    #expect(loader.epoch == 2)
  }

  @Test("How many batches there are, and how large the last is", arguments: [0, 1, 3, 4, 5, 8, 9])
  func counts(count: Int) {
    for (dropLast, sizes) in [
      (false, [0: [], 1: [1], 3: [3], 4: [4], 5: [4, 1], 8: [4, 4], 9: [4, 4, 1]]),
      (true, [0: [], 1: [], 3: [], 4: [4], 5: [4], 8: [4, 4], 9: [4, 4]]),
    ] {
      let loader = DataLoader(dataset(count), batchSize: 4, dropLast: dropLast)
      #expect(labels(loader).map(\.count) == sizes[count])
      #expect(loader.batchCount == sizes[count]?.count && loader.lastBatchSize == sizes[count]?.last ?? 0)
    }
  }

  @Test("Shuffled: each epoch has an order of its own, given by the seed and its number")
  func shuffled() {
    let loader = DataLoader(dataset(100), batchSize: 7, shuffle: true, seed: 5)
    let epochs = (0..<3).map { _ in labels(loader).flatMap { $0 } }
    for order in epochs { #expect(order.sorted() == Array(0..<100) && order != Array(0..<100)) }
    #expect(Set(epochs).count == 3)
    // Neither the size of the batches nor another reader changes an order.
    let other = DataLoader(dataset(100), batchSize: 64, shuffle: true, seed: 5)
    #expect(labels(other.batches(ofEpoch: 2)).flatMap { $0 } == epochs[2])
    #expect(other.epoch == 0)
    other.epoch = 1
    #expect(labels(other).flatMap { $0 } == epochs[1] && other.epoch == 2)
    #expect(DataLoader(dataset(100), shuffle: true, seed: 6).order(ofEpoch: 0) != epochs[0])
  }

  @Test("An epoch can be taken up in its middle")
  func middle() {
    let loader = DataLoader(dataset(50), batchSize: 8, shuffle: true, seed: 1)
    let all = labels(loader.batches(ofEpoch: 3))
    for first in 0...7 { #expect(labels(loader.batches(ofEpoch: 3, from: first)) == Array(all[first...])) }
  }

  @Test("Without a seed the generator in force decides; what is not shuffled draws nothing from it")
  func seeds() {
    let generator = RandomGenerator(seed: 3)
    Random.with(generator) {
      _ = DataLoader(dataset(9))
      #expect(generator.state.draws == 0)
      let first = DataLoader(dataset(9), shuffle: true)
      let second = DataLoader(dataset(9), shuffle: true)
      #expect(generator.state.draws == 2 && first.seed != second.seed)
    }
    Random.with(RandomGenerator(seed: 3)) {
      #expect(DataLoader(dataset(9), shuffle: true).seed == RandomGenerator(seed: 3).split().state.seed)
    }
  }

  @Test("Orders are spread evenly: each sample comes first about as often as any other")
  func even() {
    let loader = DataLoader(dataset(5), shuffle: true, seed: 9)
    var firsts = [Int](repeating: 0, count: 5)
    for epoch in 0..<5000 { firsts[loader.order(ofEpoch: epoch)[0]] += 1 }
    // 1000 are expected, with a deviation of 28.
    #expect(firsts.allSatisfy { abs($0 - 1000) < 140 }, "\(firsts)")
  }

  /// Counts what it is asked for, and takes its time.
  private final class SlowDataset: Dataset {
    let made = Mutex<[[Int]]>([])
    let time: Duration

    init(_ time: Duration) { self.time = time }

    var count: Int { 20 }

    func batch(_ indices: [Int]) -> [Int] {
      let end = ContinuousClock.now + time
      while ContinuousClock.now < end {}
      made.withLock { $0.append(indices) }
      return indices
    }
  }

  @Test("The next batches are made while one is used, two ahead and no more")
  func ahead() async throws {
    let dataset = SlowDataset(.milliseconds(1))
    let iterator = DataLoader(dataset).makeIterator()
    #expect(iterator.next() == [0])
    for _ in 0..<2000 where dataset.made.withLock({ $0.count }) < 3 { try await Task.sleep(for: .milliseconds(1)) }
    try await Task.sleep(for: .milliseconds(20))
    #expect(dataset.made.withLock { $0 } == [[0], [1], [2]])
    #expect(iterator.next() == [1])
  }

  @Test("A loop that is left early leaves nothing running, and the loader can be read again")
  func leftEarly() {
    let dataset = SlowDataset(.zero)
    let loader = DataLoader(dataset, batchSize: 3)
    for _ in 0..<200 { for batch in loader where batch.contains(4) { break } }
    #expect(loader.epoch == 200)
    #expect(Array(loader).flatMap { $0 } == Array(0..<20))
  }

  @Test("Several threads may read one loader")
  func threads() async {
    let loader = DataLoader(dataset(64), batchSize: 5, shuffle: true, seed: 2)
    let orders = await withTaskGroup(of: [Int].self) { group in
      for _ in 0..<8 { group.addTask { loader.flatMap(\.labels.scalars) } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(orders) == Set((0..<8).map { loader.order(ofEpoch: $0) }))
  }

  @Test("A subset has its samples in its own order, and is shuffled as any other set")
  func subset() async {
    let subset = Subset(dataset(9), indices: [7, 2, 2, 0])
    #expect(subset.count == 4 && subset.batch([3, 0]).labels.scalars == [0, 7])
    #expect(DataLoader(subset, batchSize: 3).flatMap(\.labels.scalars) == [7, 2, 2, 0])
    let shuffled = DataLoader(subset, batchSize: 3, shuffle: true, seed: 1)
    #expect(shuffled.flatMap(\.labels.scalars).sorted() == [0, 2, 2, 7])
    #expect(Subset(subset, indices: [1]).batch([0]).labels.scalars == [2])
    let index = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Subset(TensorDataset(Tensor<Float>(zeros: [2]), Tensor<Int>([0, 1])), indices: [0, 2])
    }
    #expect(lastWords(index).contains("Subset: index 2 is not in 0 ..< 2"))
  }

  @Test("Mistakes stop the program with one line")
  func mistakes() async {
    let size = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DataLoader(TensorDataset(Tensor<Float>(zeros: [2]), Tensor<Int>([0, 1])), batchSize: 0)
    }
    #expect(lastWords(size).contains("DataLoader: a batch size of 0 (at least 1)"))
    let counts = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = TensorDataset(Tensor<Float>(zeros: [2, 3]), Tensor<Int>([0, 1, 2]))
    }
    #expect(lastWords(counts).contains("TensorDataset: inputs [2, 3] and labels [3] have no first axis in common"))
    let index = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = TensorDataset(Tensor<Float>(zeros: [2]), Tensor<Int>([0, 1])).batch([2])
    }
    #expect(lastWords(index).contains("TensorDataset: index 2 is not in 0 ..< 2"))
    let batch = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = DataLoader(TensorDataset(Tensor<Float>(zeros: [2]), Tensor<Int>([0, 1]))).batches(ofEpoch: 0, from: 3)
    }
    #expect(lastWords(batch).contains("batch 3 of epoch 0 is not one of the 2"))
  }
}

@Suite("Images as tensors")
struct ImageDatasetTests {
  private let images = LabeledImages(
    pixels: (0..<24).map { UInt8($0 * 10) }, labels: [1, 0], channels: 3, height: 2, width: 2, classCount: 2)

  @Test("Values from 0 to 1 in the order batch, channel, height, width; labels as Int")
  func values() {
    let batch = ImageDataset(images).batch([1, 0, 1])
    #expect(batch.inputs.shape == [3, 3, 2, 2])
    let image = { (range: Range<Int>) in range.map { Float(Double($0 * 10) / 255) } }
    #expect(batch.inputs.scalars == image(12..<24) + image(0..<12) + image(12..<24))
    #expect(batch.labels == Tensor([0, 1, 0]))
    #expect(images.pixelTensor[1, 2, 1, 1].item == 230 && images.labelTensor == Tensor([1, 0]))
    #expect(ImageDataset(images).batch([]).inputs.shape == [0, 3, 2, 2])
  }

  @Test("The digits reach from 0 to 1, too")
  func digits() {
    let batch = ImageDataset(Digits.split.train).batch([0, 1])
    #expect(batch.inputs.shape == [2, 1, 8, 8] && batch.labels == Tensor([0, 1]))
    #expect(batch.inputs[0, 0, 0].scalars == [0, 0, 5, 13, 9, 1, 0, 0].map { $0 / 16 })
  }

  @Test("Standardized, each channel has the mean 0 and the deviation 1")
  func standardized() throws {
    let standardization = Standardization(of: images)
    // NumPy: mean((x / 255).reshape(2, 3, 4), (0, 2)), std of the same.
    let mean = [0.29411764705882354, 0.45098039215686275, 0.60784313725490192]
    let deviation = [Double](repeating: 0.23934422775948436, count: 3)
    for channel in 0..<3 {
      #expect(abs(standardization.mean[channel] - mean[channel]) < 1e-15)
      #expect(abs(standardization.deviation[channel] - deviation[channel]) < 1e-15)
    }
    let inputs = ImageDataset(images, standardization: standardization).batch([0, 1]).inputs
    let check = try Standardization(of: inputs)
    for channel in 0..<3 {
      #expect(abs(check.mean[channel]) < 1e-7 && abs(check.deviation[channel] - 1) < 1e-6)
    }
    let by = try Standardization(of: images.pixelTensor.cast(to: Double.self) / 255)
    for channel in 0..<3 { #expect(abs(by.mean[channel] - mean[channel]) < 1e-15) }
    let direct = by(images.pixelTensor.cast(to: Double.self) / 255)
    for (a, b) in zip(direct.scalars, inputs.scalars) { #expect(abs(a - Double(b)) < 1e-6) }
  }

  @Test("A channel that is the same everywhere is only shifted; a mean far from 0 does not cancel")
  func edges() throws {
    let flat = LabeledImages(
      pixels: [255, 255], labels: [0, 0], channels: 1, height: 1, width: 1, classCount: 1)
    #expect(Standardization(of: flat) == Standardization(mean: [1], deviation: [1]))
    #expect(ImageDataset(flat, standardization: Standardization(of: flat)).batch([0]).inputs.scalars == [0])
    let far = try Standardization(of: Tensor<Double>([1e9 - 1, 1e9 + 1], shape: [2, 1]))
    #expect(far.mean == [1e9] && far.deviation == [1])
  }

  @Test("Fashion-MNIST has the mean and the deviation that are quoted", .enabled(if: sharedFolder("data") != nil))
  func fashion() throws {
    let folder = try #require(sharedFolder("data/fashion-mnist"))
    let standardization = Standardization(of: try ImageSplit.read(folder).train)
    #expect(abs(standardization.mean[0] - 0.2860) < 5e-5 && abs(standardization.deviation[0] - 0.3530) < 5e-5)
  }

  @Test("Wrong numbers of channels stop the program with one line")
  func channels() async {
    let set = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = ImageDataset(Digits.split.test, standardization: Standardization(mean: [0, 0], deviation: [1, 1]))
    }
    #expect(lastWords(set).contains("ImageDataset: a standardization of 2 channels for images of 1"))
    let tensor = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Standardization(mean: [0], deviation: [1])(Tensor<Float>(zeros: [4, 3]))
    }
    #expect(lastWords(tensor).contains("Standardization: samples [4, 3] do not have the 1 channels along axis 1"))
    let zero = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Standardization(mean: [0], deviation: [0])
    }
    #expect(lastWords(zero).contains("deviations [0.0] are not all more than 0"))
  }
}
