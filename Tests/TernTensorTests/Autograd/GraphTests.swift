import Foundation
import Synchronization
import TernTensor
import TernTestSupport
import Testing

@Suite struct GraphTests {
  @Test func gradientOfAProductReachesBothFactors() {
    let a = Tensor<Float>([1, 2, 3]).asVariable()
    let b = Tensor<Float>([4, 5, 6]).asVariable()
    (a * b).sum().backward()
    #expect(a.gradient?.scalars == [4, 5, 6])
    #expect(b.gradient?.scalars == [1, 2, 3])
  }

  @Test func gradientsAddUpOverPassesAndUses() {
    let a = Tensor<Double>([3]).asVariable()
    (a * a + a).sum().backward()
    #expect(a.gradient?.scalars == [7])
    (a * 2).sum().backward()
    #expect(a.gradient?.scalars == [9])
  }

  @Test func gradientsAtTouchNoVariable() {
    let a = Tensor<Double>([3, 4]).asVariable()
    let b = Tensor<Double>([1, 1]).asVariable()
    let y = (a * a * b).sum()
    let found = gradients(of: y, at: [a])
    #expect(found[0].scalars == [6, 8])
    #expect(a.gradient == nil)
    #expect(b.gradient == nil)
  }

  @Test func gradientsAtIntermediateResultsAndUnrelatedVariables() {
    let a = Tensor<Double>([2]).asVariable()
    let other = Tensor<Double>([1, 2]).asVariable()
    let square = a * a
    let y = (square * square).sum()
    let found = gradients(of: y, at: [square, a, other])
    #expect(found.map(\.scalars) == [[8], [32], [0, 0]])
  }

  @Test func gradientsOfGradients() {
    let x = Tensor<Double>([2]).asVariable()
    let y = (x * x * x).sum()
    let first = gradients(of: y, at: [x], createGraph: true)[0]
    let second = gradients(of: first.sum(), at: [x], createGraph: true)[0]
    let third = gradients(of: second.sum(), at: [x])[0]
    #expect(first.scalars == [12])
    #expect(second.scalars == [12])
    #expect(third.scalars == [6])
  }

  @Test func broadcastOperandsReceiveSums() {
    let a = Tensor<Double>(ones: [2, 3]).asVariable()
    let row = Tensor<Double>([1, 2, 3]).asVariable()
    let column = Tensor<Double>([5, 7], shape: [2, 1]).asVariable()
    (a * row + column).sum().backward()
    #expect(a.gradient?.scalars == [1, 2, 3, 1, 2, 3])
    #expect(row.gradient?.scalars == [2, 2, 2])
    #expect(column.gradient?.scalars == [3, 3])
  }

  @Test func nothingIsRecordedWithoutGradients() {
    let a = Tensor<Float>([1]).asVariable()
    let b = withoutGradients { a * 2 }
    #expect(!b.requiresGradient)
    #expect(withoutGradients { withGradients { a * 2 } }.requiresGradient)
    #expect(!a.detached().requiresGradient)
  }

  @Test func writingIntoARecordedTensorIsPartOfTheGraph() {
    let a = Tensor<Double>([1, 2, 3, 4]).asVariable()
    let v = Tensor<Double>([10, 20]).asVariable()
    var x = a * 2
    x[1..<3] = v * 3
    #expect(x.scalars == [2, 30, 60, 8])
    (x * Tensor([1, 10, 100, 1000])).sum().backward()
    #expect(a.gradient?.scalars == [2, 0, 0, 2000])
    #expect(v.gradient?.scalars == [30, 300])
  }

  @Test func aSavedTensorKeepsItsValuesWhenTheVariableIsWritten() {
    let a = Tensor<Double>([2, 3]).asVariable()
    var x = a * 1
    let y = (x * x).sum()
    x[0] = Tensor(100)
    y.backward()
    #expect(a.gradient?.scalars == [4, 6])
  }

  @Test func slicesAddIntoTheirRegions() {
    let a = Tensor<Double>((0..<6).map(Double.init), shape: [3, 2]).asVariable()
    let y = (a[0] * 2).sum() + (a[.all, 1] * 3).sum() + a[2, 0].sum()
    y.backward()
    #expect(a.gradient?.scalars == [2, 5, 0, 3, 1, 3])
  }

  @Test func manySlicesOfALongTensorAreLinear() {
    func time(_ n: Int) -> Duration {
      let a = Tensor<Float>(ones: [n]).asVariable()
      var sum = Tensor<Float>(0)
      for i in 0..<n { sum = sum + a[i] }
      let time = ContinuousClock().measure { sum.backward() }
      #expect(a.gradient?.scalars.allSatisfy { $0 == 1 } == true)
      return time
    }
    func least(_ n: Int) -> Duration { (0..<3).map { _ in time(n) }.min()! }
    // Linear work takes 4 times as long for 4 times the slices, quadratic work 16 times.
    let (few, many) = (least(10_000), least(40_000))
    #expect(many < few * 9, "\(many) for four times the slices, \(few) before")
  }

  @Test func customOperationsHaveDerivativesOfBothOrders() {
    @Sendable func cube(_ x: Tensor<Double>) -> Tensor<Double> {
      customOperation("cube", x) {
        $0[0] * $0[0] * $0[0]
      } backward: { gradient, inputs, _ in
        [gradient * inputs[0] * inputs[0] * 3]
      }
    }
    let check = checkGradients(at: [Tensor([0.5, -1.5, 2])]) { cube($0[0]) }
    #expect(check.passes(), "\(check)")
  }

  @Test func checkGradientsSeesAWrongDerivative() {
    let check = checkGradients(at: [Tensor([0.5, 2])]) { x in
      customOperation("wrong", x[0]) {
        $0[0] * $0[0]
      } backward: { gradient, inputs, _ in
        [gradient * inputs[0]]
      }
    }
    #expect(check.firstOrder > 0.1)
  }

  @Test func castsCrossScalarTypesInsideOneGraph() {
    let x = Tensor<Float>([1, 2]).asVariable()
    (x.cast(to: Double.self) * Tensor<Double>([3, 4])).sum().backward()
    #expect(x.gradient?.scalars == [3, 4])
  }

  @Test func aMillionNodesOnASmallStack() {
    let done = Mutex(Float(0))
    let thread = Thread {
      let one = Tensor<Float>([1])
      let x = Tensor<Float>([0]).asVariable()
      var y = x
      for _ in 0..<1_000_000 { y = y + one }
      y.sum().backward(retainGraph: true)
      y = one
      done.withLock { $0 = x.gradient!.item }
    }
    thread.stackSize = 512 << 10
    thread.start()
    while !thread.isFinished { usleep(1000) }
    #expect(done.withLock { $0 } == 1)
  }

  @Test func aGraphDroppedWithoutBackwardIsTornDownByALoop() {
    let wasRecorded = Mutex(false)
    let thread = Thread {
      var y = Tensor<Float>([0]).asVariable()
      for _ in 0..<300_000 { y = (y * y + y) }
      let isRecorded = y.requiresGradient
      y = Tensor([0])
      wasRecorded.withLock { $0 = isRecorded }
    }
    thread.stackSize = 512 << 10
    thread.start()
    while !thread.isFinished { usleep(1000) }
    #expect(wasRecorded.withLock { $0 })
  }

  @Test func concurrentBackwardsOverSharedVariablesLoseNothing() async {
    let w = Tensor<Double>(ones: [64]).asVariable()
    await withTaskGroup { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<50 { (w * 2).sum().backward() }
        }
      }
    }
    #expect(w.gradient?.scalars.allSatisfy { $0 == 800 } == true)
  }

  @Test func aSecondBackwardStopsWithWhatToDo() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let x = Tensor<Float>([1]).asVariable()
      let y = (x * x).sum()
      y.backward()
      y.backward()
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("was freed by an earlier backward; pass retainGraph: true"))
  }

  @Test func twoThreadsOnOneGraphDoNotBothGetThrough() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let x = Tensor<Float>(ones: [16]).asVariable()
      var y = x
      for _ in 0..<2_000 { y = y * x }
      let loss = y.sum()
      onThreads(2) {
        FileHandle.standardError.write(Data("a thread began\n".utf8))
        loss.backward()
      }
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("was freed by an earlier backward"))
    #expect(message.components(separatedBy: "a thread began").count == 3, "both threads began: \(message)")
  }

  @Test func aRetainedGraphRunsOnTwoThreadsAtOnce() {
    let x = Tensor<Double>([2]).asVariable()
    let y = (x * x * x).sum()
    let threads = Mutex(Set<ObjectIdentifier>())
    onThreads(4) {
      _ = threads.withLock { $0.insert(ObjectIdentifier(Thread.current)) }
      for _ in 0..<25 { y.backward(retainGraph: true) }
    }
    #expect(threads.withLock { $0.count } == 4)
    #expect(x.gradient?.scalars == [1200])
  }

  @Test func gradientsReachThroughTheGradientsOfManySlices() {
    let check = checkGradients(at: [Tensor([0.5, -1, 2, 0.25])]) { x in
      (x[0][0..<2] * x[0][2..<4] + x[0][.slice(step: 2)]) * x[0][.slice(nil, nil, step: -3)]
    }
    #expect(check.passes(), "\(check)")
  }

  @Test func backwardFromWhatWasNotRecordedStops() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Tensor<Float>([1]).backward()
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("backward: [1] was not computed from any variable"))
    let single = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Tensor<Float>([1, 2]).sum().backward()
    }
    let other = text(single?.standardErrorContent)
    #expect(other.contains("backward: a scalar was not computed from any variable"))
  }
}

/// Runs a body on several threads, which begin when all of them are there, and waits for them.
private func onThreads(_ count: Int, _ body: @escaping @Sendable () -> Void) {
  let arrived = Mutex(0)
  let threads = (0..<count).map { _ in
    Thread {
      arrived.withLock { $0 += 1 }
      while arrived.withLock({ $0 }) < count {}
      body()
    }
  }
  for thread in threads { thread.start() }
  while !threads.allSatisfy(\.isFinished) { usleep(1000) }
}
