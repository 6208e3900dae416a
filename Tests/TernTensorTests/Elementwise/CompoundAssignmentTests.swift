import TernTensor
import Testing

@Suite("Compound assignments") struct CompoundAssignmentTests {
  private let a = Tensor<Float>((0..<12).map { Float($0) - 4.5 }, shape: [3, 4])
  private let b = Tensor<Float>((0..<12).map { Float($0) * 0.7 + 1 }, shape: [3, 4])

  /// The address of the first element.
  private func address(_ x: Tensor<Float>) -> UInt { UInt(bitPattern: x.pointer) }

  /// Whether `change` leaves a tensor's elements where they are, while no test running beside this one watches operations.
  private func keepsMemory(_ change: (inout Tensor<Float>) -> Void) -> Bool {
    var failures = 0
    while failures < 4 {
      var x = a.copied()
      let before = address(x)
      change(&x)
      if address(x) == before { return true }
      failures += OperationObservers.isAnyoneListening ? 0 : 1
    }
    return false
  }

  @Test("the memory is written in place where nobody else refers to it, with the bits of the operation")
  func inPlace() {
    let operands = [b, b[1], b[.all, 1..<2], Tensor<Float>(3), b.transposed().contiguous.transposed()]
    for y in operands {
      #expect(keepsMemory { $0 += y })
      #expect(keepsMemory { $0 -= y })
      #expect(keepsMemory { $0 *= y })
      #expect(keepsMemory { $0 /= y })
      var (sum, difference, product, quotient) = (a.copied(), a.copied(), a.copied(), a.copied())
      sum += y
      difference -= y
      product *= y
      quotient /= y
      #expect(sum == a + y && difference == a - y && product == a * y && quotient == a / y)
    }
    let rate: Double = 0.25
    #expect(keepsMemory { $0 += 2 } && keepsMemory { $0 -= 0.5 } && keepsMemory { $0 *= 3 } && keepsMemory { $0 /= 7 })
    #expect(keepsMemory { $0 += rate })
    var x = a.copied()
    x += 2
    x -= 0.5
    x *= 3
    x /= 7
    x -= rate
    #expect(x == (a + 2 - 0.5) * 3 / 7 - 0.25)
  }

  @Test("values that share memory stay what they were")
  func values() {
    var x = a.copied()
    let kept = x
    x += b
    #expect(kept == a && x == a + b)
    var y = a.copied()
    y += y
    #expect(y == a + a)
    var whole = a.copied()
    let row = whole[1]
    whole += 1
    #expect(row == a[1])
    var part = a.copied()[1]
    part += 1
    #expect(part == a[1] + 1)
  }

  @Test("an operand that is smaller than the other grows as in the operation")
  func growing() {
    var x = Tensor<Float>([1, 2, 3, 4])
    x += a
    #expect(x == Tensor<Float>([1, 2, 3, 4]) + a)
    var repeated = Tensor<Float>(1).broadcast(to: [3, 4])
    repeated += a
    #expect(repeated == a + 1)
  }

  @Test("gradients are those of the operation")
  func derivatives() {
    let x = a.asVariable(), y = b.asVariable()
    var z = x * 2
    z *= y
    z += x
    var constant = a.copied()
    constant += y
    let loss = (z * constant).sum()
    let found = gradients(of: loss, at: [x, y])
    let same = gradients(of: ((x * 2 * y + x) * (a + y)).sum(), at: [x, y])
    #expect(found[0] == same[0] && found[1] == same[1])
  }

  @Test("integers and their bits")
  func integers() {
    let p = Tensor<Int>([7, -9, 12, 0, 1]), q = Tensor<Int>([2, 4, -5, 3, 70])
    var sum = p, quotient = p, left = p, right = p, both = p, either = p, one = p, remainder = p
    sum += q
    quotient /= q
    remainder %= q
    left <<= q
    right >>= q
    both &= q
    either |= q
    one ^= q
    #expect(sum.scalars == [9, -5, 7, 3, 71])
    #expect(quotient.scalars == [3, -2, -2, 0, 0])
    #expect(remainder.scalars == [1, -1, 2, 0, 1])
    #expect(left.scalars == [28, -144, 0, 0, 0])
    #expect(right.scalars == [1, -1, 0, 0, 0])
    #expect(both.scalars == [2, 4, 8, 0, 0])
    #expect(either.scalars == [7, -9, -1, 3, 71])
    #expect(one.scalars == [5, -13, -9, 3, 71])
    let small = Tensor<UInt8>([200, 3, 255]), by = Tensor<UInt8>([1, 9, 7])
    #expect((small << by).scalars == [144, 0, 128])
    #expect((small >> by).scalars == [100, 0, 1])
    #expect((Tensor<Int32>([-8, 5, -1]) >> Tensor<Int32>([1, -1, 40])).scalars == [-4, 0, -1])
  }
}
