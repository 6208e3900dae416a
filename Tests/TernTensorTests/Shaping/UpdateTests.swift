import TernTensor
import TernTestSupport
import Testing

/// Copies with parts replaced, values reduced into places, and what a mask leaves.
@Suite struct UpdateTests {
  @Test(arguments: ScatterReduction.allCases)
  func gradientsOfReductionsIntoPlaces(_ reduction: ScatterReduction) {
    let x = Tensor([0.5, -1.25, 2, 3.5, 1.75, -0.75], shape: [2, 3])
    let source = Tensor([1.5, 0.25, -0.5, 4, -2.25, 0.75, 1.125, 2.5], shape: [2, 4])
    let index = Tensor<Int>([2, 0, 2, 0, 1, 1, 1, 2], shape: [2, 4])
    for includes in [true, false] {
      let check = checkGradients(at: [x, source]) {
        $0[0].scatterReducing($0[1], at: index, along: 1, by: reduction, includingSelf: includes).square()
      }
      #expect(check.passes(), "\(reduction), self \(includes): \(check)")
    }
  }

  @Test func reductionsOfEveryLayout() {
    let x = Tensor<Double>((0..<24).map { Double($0 * 7 % 24) / 4 }, shape: [2, 3, 4])
    let source = Tensor<Double>((0..<40).map { Double($0 * 11 % 40) / 8 - 2 }, shape: [2, 5, 4])
    let index = Tensor<Int>([0, 2, 2, 1, 0])
    for reduction in ScatterReduction.allCases {
      let expected = x.reducing(source, at: index, along: 1, by: reduction)
      for layout in everyLayout(x) {
        #expect(layout.tensor.reducing(source, at: index, along: 1, by: reduction) == expected, "\(layout.label)")
      }
      for layout in everyLayout(source) {
        #expect(x.reducing(layout.tensor, at: index, along: 1, by: reduction) == expected, "\(layout.label)")
      }
    }
    let largest = x.reducing(source, at: index, along: 1, by: .maximum).scalars
    #expect(largest[0] == Swift.max(x.scalars[0], source.scalars[0], source.scalars[16]))
  }

  @Test func reductionsOfIntegers() {
    let (x, index) = (Tensor<Int>([1, 2, 3]), Tensor<Int>([0, 0, 2, 0]))
    let source = Tensor<Int>([-5, 4, 9, -2])
    let expected: [ScatterReduction: [Int]] = [
      .sum: [-2, 2, 12], .product: [40, 2, 27], .mean: [-1, 2, 6], .maximum: [4, 2, 9], .minimum: [-5, 2, 3],
    ]
    for reduction in ScatterReduction.allCases {
      let found = x.scatterReducing(source, at: index, along: 0, by: reduction)
      #expect(found.scalars == expected[reduction])
      let numbers = x.cast(to: Double.self).reducing(source.cast(to: Double.self), at: index, by: reduction)
      #expect(numbers.floor().cast(to: Int.self) == found, "\(reduction)")
    }
    let bytes = Tensor<UInt8>([200, 3]).scatterReducing(
      Tensor([100, 5]), at: Tensor<Int>([0, 1]), along: 0, by: .product, includingSelf: true)
    #expect(bytes.scalars == [32, 15])
  }

  @Test func gradientsOfFunctionsOfThree() {
    let (a, b) = (Tensor([0.5, -1, 2, 0.75], shape: [2, 2]), Tensor([1.5, 0.25]))
    let c = Tensor([0.25, 0.875], shape: [2, 1])
    #expect(checkGradients(at: [a, b, c]) { lerp($0[0], $0[1], weight: $0[2]).square() }.passes())
    #expect(checkGradients(at: [a, b, c]) { addcmul($0[0], $0[1], $0[2], value: -2).square() }.passes())
    #expect(checkGradients(at: [a, b, c]) { addcdiv($0[0], $0[1], $0[2], value: 3).square() }.passes())
    let bounds = [a, Tensor([0.625, -0.5]), Tensor([1.0, 1.25])]
    #expect(checkGradients(at: bounds) { $0[0].clamped(min: $0[1], max: $0[2]).square() }.passes())
    #expect(lerp(Tensor<Float>([1, 3]), Tensor([5, 1e9]), weight: 1).scalars == [5, 1e9])
    for layout in everyLayout(a) {
      #expect(lerp(layout.tensor, b, weight: c) == lerp(a, b, weight: c), "\(layout.label)")
      #expect(addcdiv(b, layout.tensor, c) == addcdiv(b, a, c), "\(layout.label)")
    }
  }

  @Test func addingToElementsLeavesTheTensorAsItIs() {
    let x = numbers([4, 3, 5], Double.self)
    let places = Tensor<Int>([0, 7, 7, -1])
    let values = Tensor<Double>([1, 2, 4, 8])
    let expected = x.addingElements(values, at: places)
    for laid in everyLayout(x) {
      #expect(laid.tensor.addingElements(values, at: places) == expected, "\(laid.label)")
      #expect(laid.tensor.asVariable().addingElements(values, at: places).detached() == expected, "\(laid.label)")
      #expect(laid.tensor == x, "\(laid.label)")
    }
  }

  @Test func placesCountFromBothEnds() {
    let x = Tensor<Int>(0..<6).reshaped(2, 3)
    #expect(x.elements(at: Tensor<Int>([-1, 0, 4], shape: [3, 1])).scalars == [5, 0, 4])
    #expect(x.replacingElements(at: Tensor<Int>([-1, 0]), with: Tensor<Int>(9)).scalars == [9, 1, 2, 3, 4, 9])
    #expect(x.addingElements(Tensor<Int>([1, 2, 3]), at: Tensor<Int>([1, 1, -5])).scalars == [0, 7, 2, 3, 4, 5])
    #expect(x.gathered(broadcasting: Tensor<Int>([-1, 0], shape: [2, 1]), along: 1).scalars == [2, 3])
    #expect(x.replacingElements(where: x .> 3, with: Tensor<Int>([7, 8, 9])).scalars == [0, 1, 2, 3, 7, 8])
    #expect(x.isMember(of: Tensor<Int>([4, 4, 0])).scalars == [true, false, false, false, true, false])
    let far = Tensor<Int>([.min, -3, .max, 0])
    #expect(far.isMember(of: Tensor<Int>([.max, -3, .min])).scalars == [true, true, true, false])
    #expect(far.isMember(of: Tensor<Int>([-3, 5]), inverted: true).scalars == [true, false, true, true])
    let numbers = Tensor<Double>([5, 1, .nan, -.infinity])
    #expect(numbers.isMember(of: Tensor([.nan, 5, .nan, -.infinity])).scalars == [true, false, false, true])
    #expect(Tensor<UInt8>([0, 255, 7]).isMember(of: Tensor([255, 7])).scalars == [false, true, true])
    let runs = Tensor<UInt8>([3, 3, 1, 3]).uniqueConsecutive()
    #expect(runs.values.scalars == [3, 1, 3])
    #expect(runs.inverse.scalars == [0, 0, 1, 2])
    #expect(runs.counts.scalars == [2, 1, 1])
  }

  @Test func gradientsOfReplacedParts() {
    let (x, part) = (Tensor([0.5, -1, 2, 0.75, 3, 1], shape: [2, 3]), Tensor([1.5, 0.25]))
    #expect(checkGradients(at: [x, part]) { $0[0].replacingDiagonal(with: $0[1]).square() }.passes())
    #expect(
      checkGradients(at: [x, part]) { $0[0].replacingSelected(axis: 1, index: -1, with: $0[1]).square() }.passes())
    #expect(checkGradients(at: [x, part]) { $0[0].replacingSlice(axis: 1, step: 2, with: $0[1]).square() }.passes())
    let mask = x .> 1
    #expect(checkGradients(at: [x, part]) { $0[0].replacingElements(where: mask, with: $0[1]).square() }.passes())
  }

  @Test func whatAMaskHidesDoesNotMatter() {
    let x = Tensor([1, .nan, 3, .infinity, 5, 7], shape: [2, 3]).asVariable()
    let mask = Tensor<Bool>([true, false, true, false, true, true], shape: [2, 3])
    #expect(x.mean(along: [1], mask: mask).scalars == [2, 6])
    #expect(x.variance(along: [1], mask: mask).scalars == [2, 2])
    #expect(x.amax(mask: mask).item == 7)
    #expect(abs(x.softmax(mask: mask).sum().item - 2) < 1e-12)
    for result in [
      x.sum(mask: mask), x.product(mask: mask), x.variance(mask: mask), x.norm(mask: mask), x.logSumExp(mask: mask),
    ] {
      let gradient = gradients(of: result, at: [x])[0]
      let hidden = [gradient.scalars[1], gradient.scalars[3]]
      #expect(hidden == [0, 0])
      let finite = gradient.isFinite().all().item
      #expect(finite)
    }
  }

  @Test func messages() async {
    let few = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(ones: [3]).replacingElements(where: Tensor<Bool>(ones: [3]), with: Tensor([1, 2]))
    }
    let fewText = text(few?.standardErrorContent)
    #expect(fewText.contains("replacingElements: 2 values for 3 true elements of the mask"))
    let place = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(ones: [3]).elements(at: Tensor<Int>([-4]))
    }
    let placeText = text(place?.standardErrorContent)
    #expect(placeText.contains("elements: index -4 outside the 3 elements of [3]"))
    let values = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(ones: [3, 2]).reducing(Tensor(ones: [2, 3]), at: Tensor<Int>([1, 2]), by: .mean)
    }
    let valuesText = text(values?.standardErrorContent)
    #expect(valuesText.contains("reducing: values [2, 3] at indices [2] of axis 0 in [3, 2], expected values [2, 2]"))
    let mask = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(ones: [3]).mean(mask: Tensor<Bool>(ones: [2, 3]))
    }
    let maskText = text(mask?.standardErrorContent)
    #expect(maskText.contains("mean: mask [2, 3] does not broadcast to [3]"))
  }
}
