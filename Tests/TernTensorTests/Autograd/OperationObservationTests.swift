import Dispatch
import Foundation
import Synchronization
import TernBackend
import TernTestSupport
import Testing

@testable import TernTensor

/// What observers of operations are told.
@Suite(.serialized) struct OperationObservationTests {
  /// Writes down what it is told.
  private final class Notes: OperationObserver {
    private let notes = Mutex<[String]>([])
    let runsOperations: Bool
    /// Whether it runs an operation itself.
    let multiplies: Bool

    init(runsOperations: Bool = true, multiplies: Bool = false) {
      (self.runsOperations, self.multiplies) = (runsOperations, multiplies)
    }

    var all: [String] { notes.withLock { $0 } }
    private func note(_ text: String) { notes.withLock { $0.append(text) } }

    func operationEnded(_ event: borrowing OperationEvent) {
      let inputs = event.inputs.map { "\($0.layout.shape)" }.joined()
      let result = event.result.layout.shape
      let inside = event.derivativeOf.map { " in \($0.title)" } ?? ""
      let depth = event.depth == 0 ? "" : " depth \(event.depth)"
      note("\(event.name) \(inputs)\(result)\(event.node == nil ? "" : " recorded")\(inside)\(depth)")
      if multiplies { _ = Tensor<Float>(ones: [2]) * 2 }
    }
    func backwardBegan(_ node: Node, gradient: TensorBody) { note("begin \(node.title) \(gradient.layout.shape)") }
    func gradientSent(_ gradient: TensorBody, from node: Node, to input: Node, isRegion: Bool) {
      note("sent \(gradient.layout.shape) from \(node.title)\(isRegion ? " region" : "")")
    }
    func backwardEnded(_ node: Node) { note("end \(node.title)") }
    func sectionBegan(_ name: StaticString) { note("section \(name)") }
    func sectionEnded(_ name: StaticString) { note("end of section \(name)") }
    func loopEnded(_ name: StaticString, result: TensorBody) { note("loop \(name)") }
  }

  private func notes(_ observer: Notes = Notes(), _ body: () throws -> Void) rethrows -> [String] {
    try OperationObservers.with(observer, body)
    return observer.all
  }

  @Test func operationsWithTheirInputsAndResults() {
    let (a, b) = (Tensor<Float>(ones: [2, 3]), Tensor<Float>(ones: [3, 4]))
    let found = notes { _ = matmul(a, b).relu().sum() }
    #expect(found.count >= 3 && found[0].hasSuffix("[2, 3][3, 4][2, 4]"), "\(found)")
    #expect(found.allSatisfy { !$0.contains("recorded") && !$0.contains(" in ") }, "\(found)")
    let variable = a.asVariable()
    let recorded = notes { _ = matmul(variable, b).relu().sum() }
    #expect(recorded.count { $0.hasSuffix("recorded") } >= 3, "\(recorded)")
  }

  @Test func operationsWithoutADerivative() {
    let x = Tensor<Float>([3, 1, 2, 4], shape: [2, 2])
    let rows: [(String, () -> Void)] = [
      ("compare", { _ = x .< 2 }), ("test", { _ = x.isNaN() }), ("order", { _ = x.argsort(along: 1) }),
      ("position", { _ = x.argmax(along: 1) }),
    ]
    for (name, body) in rows {
      let found = notes(Notes(), body)
      #expect(found.contains { $0.hasPrefix(name + " ") }, "\(name): \(found)")
    }
  }

  @Test func loopsThatAreNoOperation() {
    let x = Tensor<Float>(randomNormal: [200])
    let rows: [(String, () -> Void)] = [
      ("random", { _ = Tensor<Float>(randomUniform: [20]) }), ("random", { _ = Tensor<Double>(randomNormal: [20]) }),
      ("random", { _ = Tensor<Double>(randomGamma: Tensor(full: [20], 0.5)) }),
      ("random", { _ = Tensor<Int>(randomIntegers: [20], in: 0..<9) }),
      ("random", { _ = Tensor<Int>(randomPermutation: 20) }), ("fill", { _ = Tensor<Float>(zeros: [20]) }),
      ("random", { _ = Tensor<Float>([1, 2, 3]).multinomial(5, replacing: true) }),
      ("fill", { _ = Tensor<Bool>(full: [20], true) }), ("histogram", { _ = x.histogram(bins: 4) }),
    ]
    for (name, body) in rows {
      let found = notes(Notes(), body)
      #expect(found.contains("loop \(name)"), "\(name): \(found)")
    }
    #expect(notes { OperationObservers.silently { _ = Tensor<Float>(zeros: [20]) } }.isEmpty)
  }

  /// An observer that does not look at values is told of the same operations.
  @Test func operationsThatAreTimed() {
    final class Times: OperationObserver {
      let names = Mutex<[String]>([])
      var runsOperations: Bool { false }
      var watchesValues: Bool { false }
      func operationEnded(_ event: borrowing OperationEvent) { names.withLock { $0.append("values") } }
      func operationTimed(_ name: StaticString, recordedAs node: Node?) {
        names.withLock { $0.append("\(name)\(node == nil ? "" : " recorded")") }
      }
      func gradientSent(_ gradient: TensorBody, from node: Node, to input: Node, isRegion: Bool) {
        names.withLock { $0.append("gradient") }
      }
    }
    func work() {
      let variable = Tensor<Float>([1, 2, 3]).asVariable()
      let loss = (variable * variable).relu().sum()
      loss.backward()
    }
    let times = Times()
    OperationObservers.with(times, work)
    let both = Times()
    let values = notes { OperationObservers.with(both, work) }
    let alone = times.names.withLock { $0 }
    #expect(alone == both.names.withLock { $0 }, "\(alone)")
    #expect(!alone.contains("values") && !alone.contains("gradient") && alone.contains("sum recorded"), "\(alone)")
    let operations = values.filter { note in
      !["begin", "sent", "end", "section", "loop"].contains { note.hasPrefix($0) }
    }
    #expect(operations.count == alone.count, "\(operations) \(alone)")
  }

  /// An observer of layers and derivatives alone is told of no operation, and changes none.
  @Test func whatWatchesNoOperations() {
    final class Derivatives: OperationObserver {
      let names = Mutex<[String]>([])
      var runsOperations: Bool { false }
      var watchesOperations: Bool { false }
      var watchesValues: Bool { false }
      func operationEnded(_ event: borrowing OperationEvent) { names.withLock { $0.append("operation") } }
      func operationTimed(_ name: StaticString, recordedAs node: Node?) { names.withLock { $0.append("operation") } }
      func backwardBegan(_ node: Node, gradient: TensorBody) { names.withLock { $0.append("\(node.title)") } }
      func loopEnded(_ name: StaticString, result: TensorBody) { names.withLock { $0.append("loop \(name)") } }
    }
    let derivatives = Derivatives()
    func work() {
      #expect(OperationObservers.isListening == false)
      var x = Tensor<Float>(randomUniform: [2000])
      let place = x.body.pointer
      x += 1
      #expect(x.body.pointer == place)
      (x.asVariable() * 2).relu().sum().backward()
    }
    OperationObservers.with(derivatives, work)
    let found = derivatives.names.withLock { $0 }
    #expect(!found.contains("operation") && found.contains("loop random"), "\(found)")
    #expect(found.contains("sum") && found.contains("relu"), "\(found)")
    // Beside another one each is told what it asked for.
    let x = Tensor<Float>(ones: [3])
    let both = notes { OperationObservers.with(derivatives) { _ = x + 1 } }
    #expect(both.count == 1, "\(both)")
    #expect(derivatives.names.withLock { $0 } == found)
  }

  /// Who watches on one thread changes nothing on others.
  @Test func whoWatchesElsewhere() {
    let heard = Mutex<Bool?>(nil)
    let observer = Notes()
    OperationObservers.with(observer) {
      #expect(OperationObservers.isListening)
      let done = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        _ = Tensor<Float>(ones: [3]) + 1
        heard.withLock { $0 = OperationObservers.isListening }
        done.signal()
      }
      done.wait()
    }
    #expect(heard.withLock { $0 } == false && observer.all.isEmpty, "\(observer.all)")
  }

  @Test func derivativesAndTheirGradients() {
    let variable = Tensor<Float>([1, 2, 3]).asVariable()
    let found = notes { (variable * variable).sum().backward() }
    let places = ["section backward", "begin sum []", "end sum", "end of section backward"].map {
      found.firstIndex(of: $0)
    }
    #expect(
      places.allSatisfy { $0 != nil } && places.compactMap { $0 } == places.compactMap { $0 }.sorted(), "\(found)")
    #expect(found.contains("sent [3] from sum"), "\(found)")
    // The product's operations are those of its derivative.
    let begin = found.firstIndex {
      $0.hasPrefix("begin mul") || $0.hasPrefix("begin *") || $0.contains("[3]") && $0.hasPrefix("begin")
    }
    #expect(begin != nil, "\(found)")
    #expect(variable.gradient?.scalars == [2, 4, 6])
    // A slice sends a region.
    let sliced = notes { variable[0..<2].sum().backward() }
    #expect(sliced.contains { $0.hasPrefix("sent [2]") && $0.hasSuffix("region") }, "\(sliced)")
  }

  @Test func operationsOfOperationsAreDeeper() {
    let x = Tensor<Float>(ones: [2])
    let found = notes {
      _ = OperationObservers.inside { x + 1 }
      _ = x + 1
    }
    #expect(found.count == 2 && found[0].hasSuffix(" depth 1") && !found[1].contains("depth"), "\(found)")
  }

  @Test func whatIsSilentOrAnObserversOwnIsNotTold() {
    let x = Tensor<Float>(ones: [2])
    #expect(notes { OperationObservers.silently { _ = x + 1 } }.isEmpty)
    let own = notes(Notes(multiplies: true)) { _ = x + 1 }
    #expect(own.count == 1, "\(own)")
  }

  @Test func onlyTheTaskIsWatched() async {
    let observer = Notes()
    let x = Tensor<Float>(ones: [2])
    await withTaskGroup { group in
      group.addTask { OperationObservers.with(observer) { _ = x + 1 } }
      group.addTask { _ = x * 2 }
    }
    #expect(observer.all.count == 1, "\(observer.all)")
    #expect(!OperationObservers.isAnyoneListening)
    _ = x + 1
    #expect(observer.all.count == 1)
  }

  @Test func sectionsEndWhereTheyThrow() {
    struct Failure: Error {}
    let found = notes { try? OperationObservers.section("step") { throw Failure() } }
    #expect(found == ["section step", "end of section step"])
    let two = notes {
      let inner = Notes()
      OperationObservers.with(inner) { OperationObservers.section("data") {} }
      #expect(inner.all == ["section data", "end of section data"])
    }
    #expect(two == ["section data", "end of section data"])
  }

  @Test func theBitsAreTheSameWithAnObserver() {
    let (x, y) = Random.with(RandomGenerator(seed: 2)) {
      (Tensor<Float>(randomNormal: [17, 33]), Tensor<Float>(randomNormal: [33, 9]))
    }
    func gradient() -> ([Float], [Float]) {
      let variable = y.asVariable()
      let loss = (matmul(x, variable).tanh().softmax(along: 1) * 3).square().mean()
      loss.backward()
      return (loss.scalars, variable.gradient!.scalars)
    }
    let usual = gradient()
    for runsOperations in [true, false] {
      let watched = OperationObservers.with(Notes(runsOperations: runsOperations), gradient)
      #expect(watched == usual)
    }
  }
}
