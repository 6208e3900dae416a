import Dispatch
import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// The identity that outlives a step.
@Suite struct ParameterTests {
  @Test func gradientsAddUpUntilTheyAreCleared() {
    let weight = Parameter(Tensor<Double>([1, 2]))
    (weight.value * weight.value).sum().backward()
    (weight.value * 3).sum().backward()
    #expect(weight.gradient?.scalars == [5, 7])
    weight.gradient = nil
    #expect(weight.gradient == nil)
  }

  @Test func withoutRecordingAndFrozenItIsAConstant() {
    let weight = Parameter(Tensor<Float>([1]))
    #expect(weight.value.requiresGradient)
    #expect(withoutGradients { !weight.value.requiresGradient })
    weight.isFrozen = true
    #expect(!weight.value.requiresGradient)
  }

  @Test func anUpdateHappensInPlaceWhereNothingShares() {
    let weight = Parameter(Tensor<Float>(ones: [1000]))
    weight.update { $0 = $0 * 1 }
    let before = withoutGradients { UInt(bitPattern: weight.value.pointer) }
    weight.update { $0.mutablePointer[0] = 5 }
    #expect(withoutGradients { UInt(bitPattern: weight.value.pointer) } == before)
    #expect(weight.value.scalars[0] == 5)
  }

  @Test func aSavedTensorAndALiveGraphKeepTheOldValues() {
    let weight = Parameter(Tensor<Double>([2, 3]))
    let saved = weight.value.detached()
    let loss = (weight.value * weight.value).sum()
    weight.update { $0.mutablePointer[0] = 100 }
    #expect(saved.scalars == [2, 3])
    loss.backward()
    #expect(weight.gradient?.scalars == [4, 6])
    #expect(weight.value.scalars == [100, 3])
  }

  @Test func backwardPassesOfSeveralThreadsLoseNothing() {
    let weight = Parameter(Tensor<Double>([1, 2, 3]))
    DispatchQueue.concurrentPerform(iterations: 64) { i in
      (weight.value * weight.value * Double(i)).sum().backward()
    }
    #expect(weight.gradient?.scalars == [2, 4, 6].map { $0 * 63 * 32 })
  }

  @Test func theValueGivenAtTheStartStaysTheUsers() {
    let given = Tensor<Float>([1, 2])
    let weight = Parameter(given)
    weight.update { $0.mutablePointer[0] = 9 }
    #expect(given.scalars == [1, 2])
  }

  @Test func valuesOfAnotherShapeStop() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Parameter(Tensor<Float>(zeros: [2, 3])).value = Tensor(zeros: [3, 2])
    }
    expectLine("parameter: a value of shape [3, 2] for one of shape [2, 3]", in: result?.standardErrorContent)
    let buffer = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Buffer(Tensor<Float>(zeros: [2])).value = Tensor(zeros: [])
    }
    expectLine("buffer: a value of shape [] for one of shape [2]", in: buffer?.standardErrorContent)
    let gradient = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Parameter(Tensor<Float>(zeros: [2])).gradient = Tensor(zeros: [1])
    }
    expectLine("parameter: a gradient of shape [1] for one of shape [2]", in: gradient?.standardErrorContent)
  }
}
