import Tern
import TernExperiments
import Testing

@Suite struct ShuffleTests {
  private let images = ImageDataset(Digits.split.train)

  @Test func ordersHoldEverySampleOnce() {
    let labels = images.images.labels
    for order in ShuffleExperiment.Order.allCases {
      #expect(order.dataset(images, seed: 2).indices.sorted() == Array(labels.indices), "\(order)")
    }
    let sorted = ShuffleExperiment.Order.sorted.dataset(images, seed: 2).indices.map { labels[$0] }
    #expect(sorted == labels.sorted())
    #expect(ShuffleExperiment.Order.never.dataset(images, seed: 2).indices == Array(labels.indices))
    let once = ShuffleExperiment.Order.once.dataset(images, seed: 2)
    #expect(
      once.indices != Array(labels.indices)
        && once.indices != ShuffleExperiment.Order.once.dataset(images, seed: 3).indices)
  }

  @Test func sortedByClassTheNetworkForgetsWhatItLearns() {
    let test = ImageDataset(Digits.split.test)
    func accuracy(_ order: ShuffleExperiment.Order) -> Double {
      let training = ShuffleExperiment.training(images, order, seed: 1)
      for _ in 0..<3 * (images.count / ShuffleExperiment.batchSize) { training.step() }
      return training.score(test).accuracy
    }
    let (mixed, sorted) = (accuracy(.reshuffled), accuracy(.sorted))
    #expect(mixed > 0.85 && accuracy(.once) > 0.85, "\(mixed)")
    #expect(sorted < 0.5, "\(sorted)")
  }
}
