import TernBackend
import TernTensor

/// The parameters of one scalar type, updated together.
final class UpdateList<Scalar: FloatingScalar> {
  /// The buffers of one parameter, n values each, which share one layout. It owns none of them: counting references would
  /// take longer than small updates.
  private struct Part {
    /// Elements of the parts before this.
    let start: Int
    let count: Int
    let value: UnsafeMutablePointer<Scalar>
    let gradient: UnsafePointer<Scalar>
    let first, second, third: UnsafeMutablePointer<Scalar>?
    let rounded: RoundedMoments?
    let rule: UpdateRule
  }

  /// In the order of the parameters' addresses, in which they are locked.
  private let slots: [ParameterSlot<Scalar>]
  // Empty between steps; their memory is kept.
  @exclusivity(unchecked) private var parts: [Part] = []
  @exclusivity(unchecked) private var gradients: [Tensor<Scalar>] = []
  @exclusivity(unchecked) private var updated: [Int] = []

  init(_ slots: [ParameterSlot<Scalar>]) {
    self.slots = slots.sorted { ObjectIdentifier($0.parameter) < ObjectIdentifier($1.parameter) }
  }

  func zeroGradients() {
    for slot in slots { slot.parameter.gradient = nil }
  }

  /// One pass over every parameter that has a gradient and is not frozen.
  ///
  /// The chunks split all elements in a row, so that many small parameters are as quick as a large one.
  func step(_ engine: UpdateEngine, _ planner: any UpdatePlanner) {
    var count = 0
    for index in slots.indices {
      let slot = slots[index]
      guard let received = slot.parameter.gradient, !slot.parameter.isFrozen else { continue }
      engine.begin(slot, planner)
      let plan = slot.plan
      updated.append(index)
      slot.parameter.beginUpdate { value in
        let layout = value.layout
        if plan.pointee.momentCount > 0 || slot.momentCount > 0 {
          slot.prepareMoments(plan.pointee.momentCount, of: value, start: plan.pointee.momentStart)
        }
        let gradient = received.layout.hasLayout(of: layout) ? received : received.detached().copied(layout)
        parts.append(
          Part(
            start: count, count: layout.count, value: value.mutablePointer, gradient: gradient.pointer,
            first: slot.moment(0), second: slot.moment(1), third: slot.moment(2), rounded: slot.roundedMoments(),
            rule: plan.pointee.rule!))
        gradients.append(gradient)
        count += layout.count
      }
    }
    parts.withUnsafeBufferPointer { parts in
      Workers.run(count: count, grain: StridedLoop.grain) { range in
        var index = UpdateList.part(of: range.lowerBound, in: parts)
        while index < parts.count, parts[index].start < range.upperBound {
          UpdateList.update(parts[index], range)
          index += 1
        }
      }
    }
    for index in updated { slots[index].parameter.endUpdate() }
    parts.removeAll(keepingCapacity: true)
    gradients.removeAll(keepingCapacity: true)
    updated.removeAll(keepingCapacity: true)
  }

  /// The part that holds an element of all in a row.
  private static func part(of element: Int, in parts: UnsafeBufferPointer<Part>) -> Int {
    var (low, high) = (0, parts.count)
    while low < high {
      let middle = (low + high) / 2
      if parts[middle].start + parts[middle].count <= element { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Updates the elements of a part that a range of all in a row holds.
  private static func update(_ part: Part, _ range: Range<Int>) {
    let from = Swift.max(range.lowerBound - part.start, 0)
    let count = Swift.min(range.upperBound - part.start, part.count) - from
    if count <= 0 { return }
    guard let rounded = part.rounded else {
      return apply(
        part, from, count, part.first.map { $0 + from }, part.second.map { $0 + from }, part.third.map { $0 + from })
    }
    rounded.forEachBlock(from: from, count: count) { from, count, first, second, third in
      // Only Float's moments are rounded.
      func typed(_ moment: UnsafeMutablePointer<Float>?) -> UnsafeMutablePointer<Scalar>? {
        moment.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: Scalar.self) }
      }
      apply(part, from, count, typed(first), typed(second), typed(third))
    }
  }

  /// Runs the rule's kernel on elements of a part and their moments.
  @inline(__always)
  private static func apply(
    _ part: Part, _ from: Int, _ count: Int, _ first: UnsafeMutablePointer<Scalar>?,
    _ second: UnsafeMutablePointer<Scalar>?, _ third: UnsafeMutablePointer<Scalar>?
  ) {
    let (value, gradient) = (part.value + from, part.gradient + from)
    switch part.rule {
    case .sgd(let update): Scalar.sgd(update, count, value, gradient, first)
    case .adam(let update): Scalar.adam(update, count, value, gradient, first!, second!, third)
    case .adaptive(let update): Scalar.adaptive(update, count, value, gradient, first!, second, third)
    }
  }
}
