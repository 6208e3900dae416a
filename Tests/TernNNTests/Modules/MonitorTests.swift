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

  @Test func callsWithMoreThanOneInputAreSeen() {
    let (log, attention, network) = (Log(), MultiHeadAttention(4, heads: 2), LSTM(4, 3))
    let encoder = TransformerEncoderLayer(4, heads: 2, innerFeatures: 8)
    let x = Tensor<Float>(ones: [2, 1, 4])
    let add: @Sendable (LayerCall<Float>) -> Void = { log.add("\($0.path) \($0.input.shape) \($0.output.shape)") }
    let observations = [attention.observe(add), network.observe(add), encoder.observe(add)]
    withExtendedLifetime(observations) {
      _ = attention(x, x, x, causal: true)
      _ = network(x, state: nil)
      _ = encoder(x, causal: true)
    }
    #expect(log.all.prefix(2) == [" [2, 1, 4] [2, 1, 4]", " [2, 1, 4] [2, 1, 3]"])
    #expect(log.all.last == " [2, 1, 4] [2, 1, 4]")
    #expect(log.all.contains("self_attn [2, 1, 4] [2, 1, 4]"), "\(log.all)")
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
