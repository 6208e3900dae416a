import TernBackend
import TernTensor

/// What one step does to each element of a parameter.
enum UpdateRule: BitwiseCopyable {
  case sgd(SGDUpdate)
  case adam(AdamUpdate)
  case adaptive(AdaptiveUpdate)
}

/// How far a parameter is when a step begins; parameters of one group that are as far are updated alike.
struct UpdateStage: Equatable, BitwiseCopyable {
  /// Its steps, this one included.
  var step: Int
  /// The product that the method keeps, this step included; 1 without one.
  var product: Float
  /// Whether it has no moments yet.
  var isFirst: Bool
}

/// What a step does to the parameters of a group that are at one stage.
struct UpdatePlan: BitwiseCopyable {
  var momentCount = 0
  var momentStart = 0.0
  var hasProduct = false
  var stage = UpdateStage(step: 0, product: 1, isFirst: true)
  var rule: UpdateRule = .sgd(SGDUpdate())
}

/// A parameter of an optimizer and what the optimizer keeps for it.
class UpdateSlot {
  let name: String
  let shape: [Int]
  let dtype: DType
  /// The group it is in.
  @exclusivity(unchecked) final var group = 0
  /// What is done to that group. It is the optimizer's: counting references would take longer than small updates.
  @exclusivity(unchecked) final var plan: UnsafeMutablePointer<UpdatePlan>
  /// The steps it took.
  @exclusivity(unchecked) final var steps = 0
  /// Where the method keeps one, a product over the steps; in Float, as PyTorch keeps it.
  @exclusivity(unchecked) final var product: Float = 1
  /// The moments; none before the first step.
  var bodies: [TensorBody] {
    get { [] }
    set {}
  }
  /// How many moments there are.
  @exclusivity(unchecked) final var momentCount = 0

  init(_ name: String, _ parameter: some AnyParameter, _ plan: UnsafeMutablePointer<UpdatePlan>) {
    self.name = name
    self.plan = plan
    shape = parameter.shape
    dtype = parameter.dtype
  }
}

/// The same for a scalar type.
final class ParameterSlot<Scalar: FloatingScalar>: UpdateSlot {
  let parameter: Parameter<Scalar>
  @exclusivity(unchecked) private(set) var moments: [Tensor<Scalar>] = []

  init(_ name: String, _ parameter: Parameter<Scalar>, _ plan: UnsafeMutablePointer<UpdatePlan>) {
    self.parameter = parameter
    super.init(name, parameter, plan)
  }

  override var bodies: [TensorBody] {
    get { moments.map(\.body) }
    set { keep(newValue.map { Tensor(body: $0) }) }
  }

  /// Takes other moments.
  func keep(_ moments: [Tensor<Scalar>]) {
    self.moments = moments
    momentCount = moments.count
  }

  /// Where a moment lies; `nil` beyond the last.
  func moment(_ index: Int) -> UnsafeMutablePointer<Scalar>? {
    index < moments.count ? moments[index].mutablePointer : nil
  }

  /// Moments that lie as the parameter lies and are nobody else's; `start` at first.
  func prepareMoments(_ count: Int, like layout: Layout, start: Double) {
    if moments.count != count {
      let added = Swift.max(count - moments.count, 0)
      keep(
        moments.prefix(count)
          + (0..<added).map { _ in
            let moment = Tensor<Scalar>(uninitialized: layout)
            Scalar.fill(moment.count, moment.mutablePointer, 1, Scalar(start))
            return moment
          })
    }
    for index in moments.indices {
      if !moments[index].layout.hasLayout(of: layout) { moments[index] = moments[index].copied(layout) }
      moments[index].makeUnique()
    }
  }
}

/// The parameters of one scalar type, updated together.
final class ParameterList<Scalar: FloatingScalar> {
  /// The buffers of one parameter, n values each, which share one layout. It owns none of them: counting references would
  /// take longer than small updates.
  private struct Part {
    /// Elements of the parts before this.
    let start: Int
    let count: Int
    let value: UnsafeMutablePointer<Scalar>
    let gradient: UnsafePointer<Scalar>
    let first, second, third: UnsafeMutablePointer<Scalar>?
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
  func step(_ optimizer: SlotOptimizer) {
    var count = 0
    for index in slots.indices {
      let slot = slots[index]
      guard let received = slot.parameter.gradient, !slot.parameter.isFrozen else { continue }
      optimizer.begin(slot)
      let plan = slot.plan
      updated.append(index)
      slot.parameter.beginUpdate { value in
        let layout = value.layout
        if plan.pointee.momentCount > 0 || slot.momentCount > 0 {
          slot.prepareMoments(plan.pointee.momentCount, like: layout, start: plan.pointee.momentStart)
        }
        let gradient = received.layout.hasLayout(of: layout) ? received : received.detached().copied(layout)
        parts.append(
          Part(
            start: count, count: layout.count, value: value.mutablePointer, gradient: gradient.pointer,
            first: slot.moment(0), second: slot.moment(1), third: slot.moment(2), rule: plan.pointee.rule))
        gradients.append(gradient)
        count += layout.count
      }
    }
    parts.withUnsafeBufferPointer { parts in
      Workers.run(count: count, grain: StridedLoop.grain) { range in
        var index = ParameterList.part(of: range.lowerBound, in: parts)
        while index < parts.count, parts[index].start < range.upperBound {
          ParameterList.update(parts[index], range)
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
    let (value, gradient) = (part.value + from, part.gradient + from)
    switch part.rule {
    case .sgd(let update):
      Scalar.sgd(update, count, value, gradient, part.first.map { $0 + from })
    case .adam(let update):
      Scalar.adam(
        update, count, value, gradient, part.first! + from, part.second! + from, part.third.map { $0 + from })
    case .adaptive(let update):
      Scalar.adaptive(
        update, count, value, gradient, part.first! + from, part.second.map { $0 + from }, part.third.map { $0 + from })
    }
  }
}
