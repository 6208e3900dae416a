import Foundation
import TernBackend
import TernData
import TernNN
import TernTensor
import TernTestSupport
import Testing

#if os(Linux)
  /// With any number a layer can be made and called, or stops with one line of the library's own.
  @Suite(.serialized) struct HostileLayerTests {
    @Test func layers() async {
      let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
        report(
          hostileFailures(
            hostileLayersTable + hostileLoadingTable + hostileDistributionsTable + hostileTrainingTable,
            rounds: hostileRounds(8)))
      }
      #expect(text(result?.standardErrorContent) == "")
    }
  }
#endif

private let hostileLoadingTable: [HostileCase] = [
  HostileCase("DataLoader") { n in
    let loader = DataLoader(Numbers(count: n.below(5)), batchSize: n.any(), shuffle: n.flag(), dropLast: n.flag())
    if n.flag() { loader.epoch = n.any() }
    for batch in loader { _ = batch }
    _ = (loader.batchCount, loader.lastBatchSize)
  },
  HostileCase("DataLoader batches") { n in
    for batch in DataLoader(Numbers(count: 4), batchSize: n.size()).batches(ofEpoch: n.any(), from: n.any()) {
      _ = batch
    }
  },
]

private struct Numbers: Dataset {
  let count: Int
  func batch(_ indices: [Int]) -> [Int] { indices }
}

/// Layers inside each other without end.
@Suite struct NestingTests {
  @Test func sequencesInsideEachOther() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var net = Sequential { ReLU() }
      for _ in 0..<100_000 { net = Sequential([net]) }
    }
    let said = text(result?.standardErrorContent)
    #expect(said.contains("Sequential: layers inside each other 1001 deep (at most 1000)"))
  }

  @Test func hundredsMayBeNested() {
    var net = Sequential { Dense(2, 2) }
    // The sanitizer's frames are several times as large.
    let depths = 1..<(isAddressSanitizerActive ? 200 : 900)
    for depth in depths { net = depth % 100 == 0 ? Sequential { Residual(net) } : Sequential([net]) }
    #expect(net(Tensor(ones: [1, 2])).shape == [1, 2])
    #expect(net.parameters.count == 2)
  }

  @Test func aLayerThatCallsItself() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Endless()(Tensor(ones: [1]))
    }
    let said = text(result?.standardErrorContent)
    #expect(said.contains("Fatal error: Endless: layers call each other"))
    #expect(said.contains("deep, which is more than the thread's stack holds; does one call itself?"))
  }

  private final class Endless: Layer {
    func forward(_ input: Tensor<Float>) -> Tensor<Float> { self(input + 1) }
  }

  private final class Inside: Module {
    let inner: (any Module)?
    init(_ inner: (any Module)?) { self.inner = inner }
  }

  @Test func modulesInsideEachOther() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var module = Inside(nil)
      for _ in 0..<3000 { module = Inside(module) }
      _ = module.namedParameters
    }
    let said = text(result?.standardErrorContent)
    #expect(said.contains("module: Inside is inside 1000 others (at most 1000)"))
  }
}
