import Synchronization
import Testing

@testable import TernTensor

/// A watch tells of a gradient once it is whole, and before what is below is computed.
@Suite struct CompletionWatchTests {
  private static func node(_ tensor: Tensor<Double>) -> VariableNode { tensor.node as! VariableNode }

  /// x, whose derivative writes a line.
  private static func marked(_ x: Tensor<Double>, _ name: String, _ lines: Lines) -> Tensor<Double> {
    customOperation("marked", x) {
      $0[0] * 1
    } backward: { gradient, _, _ in
      lines.add(name)
      return [gradient]
    }
  }

  private final class Lines: Sendable {
    private let all = Mutex<[String]>([])
    var list: [String] { all.withLock { $0 } }
    func add(_ line: String) { all.withLock { $0.append(line) } }
  }

  @Test func gradientsAreCompleteWhereTheirOldestUseIsDone() {
    // b is used by the first and the last layer, u by none.
    let a = Tensor<Double>([2, 3]).asVariable(), b = Tensor<Double>([5, 7]).asVariable()
    let c = Tensor<Double>([1, -1]).asVariable(), u = Tensor<Double>([4, 4]).asVariable()
    let lines = Lines()
    let watch = CompletionWatch([a, b, c, u].map(Self.node)) { number in
      let gradient = [a, b, c, u][number].gradient
      lines.add("\("abcu".map(String.init)[number]) \(gradient.map { "\($0.scalars)" } ?? "none")")
    }
    var x = Self.marked(a * b, "first", lines)
    x = Self.marked(x * c, "second", lines)
    watch { (x * b).sum().backward() }
    // dL/db = a·c·b + a·b·c
    #expect(
      lines.list == [
        "u none", "second", "c [50.0, 147.0]", "first", "b [20.0, -42.0]", "a [25.0, -49.0]",
      ]
        || lines.list == [
          "u none", "second", "c [50.0, 147.0]", "first", "a [25.0, -49.0]", "b [20.0, -42.0]",
        ], "\(lines.list)")
  }

  @Test func whatIsComputedAgainCounts() {
    let lines = Lines()
    func run(_ watched: Bool) -> [[Double]] {
      let a = Tensor<Double>([2, 3]).asVariable(), b = Tensor<Double>([5, 7]).asVariable()
      let watch = CompletionWatch([a, b].map(Self.node)) { number in
        lines.add("\(number) \([a, b][number].gradient!.scalars)")
      }
      // The outer use of b is younger than the checkpoint, the inner one is made in backward.
      let inner = checkpoint(a * 2) { Self.marked($0 * b, "inner", lines) * b }
      let loss = (inner * b).sum()
      if watched { watch { loss.backward() } } else { loss.backward() }
      return [a, b].map { $0.gradient!.scalars }
    }
    let plain = run(false)
    #expect(lines.list == ["inner"])
    #expect(run(true) == plain)
    #expect(lines.list == ["inner", "inner", "1 \(plain[1])", "0 \(plain[0])"])
  }

  @Test func aGradientMayBeTakenAwayAndOnlyOnePassIsWatched() {
    let a = Tensor<Double>([2]).asVariable()
    var taken: [[Double]] = []
    let watch = CompletionWatch([Self.node(a)]) { _ in
      taken.append(a.gradient!.scalars)
      Self.node(a).gradient = nil
    }
    watch {
      #expect(gradients(of: (a * a).sum(), at: [a])[0].scalars == [4])
      #expect(taken.isEmpty)
      (a * a).sum().backward()
      #expect(a.gradient == nil)
      (a * a * a).sum().backward()
    }
    #expect(taken == [[4]])
    #expect(a.gradient?.scalars == [12])
  }

  @Test func aVariableMayBeTheRoot() {
    let a = Tensor<Double>([2]).asVariable()
    var found: [Double] = []
    let watch = CompletionWatch([Self.node(a)]) { _ in found = a.gradient!.scalars }
    watch { a.backward() }
    #expect(found == [1])
  }
}
