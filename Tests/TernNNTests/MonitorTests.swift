import Synchronization
import TernNN
import TernTensor
import Testing

/// Watching layers run.
@Suite struct MonitorTests {
  private final class Log: Sendable {
    let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  @Test func everyLayerBelowIsSeenWithWhatItWasGivenAndAnswered() {
    let (log, model) = (
      Log(),
      Sequential {
        Identity(); ReLU()
      }
    )
    let observation = model.observe { (call: LayerCall<Float>) in
      log.add("\(call.path): \(call.input.scalars) \(call.output.scalars) \(call.output.requiresGradient)")
    }
    _ = model(Tensor<Float>([-1, 2]).asVariable())
    #expect(
      log.all == [
        "0: [-1.0, 2.0] [-1.0, 2.0] false", "1: [-1.0, 2.0] [0.0, 2.0] false", ": [-1.0, 2.0] [0.0, 2.0] false",
      ])
    _ = ReLU()(Tensor<Float>([1]))
    #expect(log.all.count == 3)
    observation.cancel()
    _ = model(Tensor<Float>([-1, 2]))
    #expect(log.all.count == 3)
  }

  @Test func anObservationEndsWithItsObject() {
    let (log, model) = (Log(), ReLU())
    do {
      let observation = model.observe { (call: LayerCall<Float>) in log.add(call.path) }
      withExtendedLifetime(observation) { _ = model(Tensor([1])) }
    }
    _ = model(Tensor([1]))
    #expect(log.all.count == 1)
  }
}
