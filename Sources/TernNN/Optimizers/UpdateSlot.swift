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

/// What moments are before the first step.
enum MomentStart: BitwiseCopyable {
  /// One number in all of them.
  case value(Double)
  /// One number in the first, another in the others.
  case values(first: Double, others: Double)
  /// One number in all but the first, which is the parameter.
  case parameter(others: Double)
}

/// What a step does to the parameters of a group that are at one stage.
struct UpdatePlan: BitwiseCopyable {
  var momentCount = 0
  var momentStart = MomentStart.value(0)
  var hasProduct = false
  var stage = UpdateStage(step: 0, product: 1, isFirst: true)
  /// None before the first step.
  var rule: UpdateRule?
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
  /// Whether the moments of a Float parameter are kept in bfloat16.
  var roundsMoments: Bool {
    get { false }
    set {}
  }
  /// The kind of numbers that the moments are.
  var momentType: DType { dtype }
  /// How many moments there are.
  @exclusivity(unchecked) final var momentCount = 0

  init(_ name: String, _ parameter: some AnyParameter, _ plan: UnsafeMutablePointer<UpdatePlan>) {
    self.name = name
    self.plan = plan
    shape = parameter.shape
    dtype = parameter.dtype
  }

  /// v ← (1 − weight)·v + weight·first moment, where there is one.
  func moveToFirstMoment(weight: Double) {}

  /// Lets a whole update change the parameter, where it has a gradient and is not frozen; `begin` counts the step.
  func take(_ update: @autoclosure () -> any WholeUpdate, begin: (UpdateSlot) -> Void) {}
}

/// The same for a scalar type.
final class ParameterSlot<Scalar: FloatingScalar>: UpdateSlot {
  let parameter: Parameter<Scalar>
  @exclusivity(unchecked) private(set) var moments: [Tensor<Scalar>] = []

  init(_ name: String, _ parameter: Parameter<Scalar>, _ plan: UnsafeMutablePointer<UpdatePlan>) {
    self.parameter = parameter
    super.init(name, parameter, plan)
  }

  /// The moments where they are rounded.
  @exclusivity(unchecked) private var rounded: [Tensor<BFloat16>] = []
  private lazy var seed = RoundedMoments.seed(of: name)
  @exclusivity(unchecked) private var isRounding = false

  override var momentType: DType { isRounding ? .bfloat16 : dtype }

  override var roundsMoments: Bool {
    get { isRounding }
    set {
      guard Scalar.self == Float.self, newValue != isRounding else { return }
      let kept = bodies
      isRounding = newValue
      bodies = kept
    }
  }

  override var bodies: [TensorBody] {
    get { isRounding ? rounded.map(\.body) : moments.map(\.body) }
    set {
      func typed<Kept: TensorScalar>(_: Kept.Type) -> [Tensor<Kept>] {
        newValue.map { body in
          if body.dtype == .bfloat16 { return Tensor<BFloat16>(body: body).cast(to: Kept.self) }
          return Tensor<Scalar>(body: body).cast(to: Kept.self)
        }
      }
      if isRounding { keep(rounded: typed(BFloat16.self)) } else { keep(typed(Scalar.self)) }
    }
  }

  /// Takes other moments.
  func keep(_ moments: [Tensor<Scalar>]) {
    (self.moments, rounded) = (moments, [])
    momentCount = moments.count
  }

  private func keep(rounded: [Tensor<BFloat16>]) {
    (moments, self.rounded) = ([], rounded)
    momentCount = rounded.count
  }

  override func moveToFirstMoment(weight: Double) {
    if let first = moments.first { parameter.lerp(to: first, weight: Scalar(weight)) }
  }

  override func take(_ update: @autoclosure () -> any WholeUpdate, begin: (UpdateSlot) -> Void) {
    guard let received = parameter.gradient?.detached(), !parameter.isFrozen else { return }
    begin(self)
    withoutGradients { update().apply(to: self, received) }
  }

  /// Where a moment lies; `nil` beyond the last.
  func moment(_ index: Int) -> UnsafeMutablePointer<Scalar>? {
    index < moments.count ? moments[index].mutablePointer : nil
  }

  /// Where the moments lie if they are rounded.
  func roundedMoments() -> RoundedMoments? {
    guard isRounding else { return nil }
    func place(_ index: Int) -> UnsafeMutablePointer<BFloat16>? {
      index < rounded.count ? rounded[index].mutablePointer : nil
    }
    return RoundedMoments(first: place(0), second: place(1), third: place(2), seed: seed, step: UInt64(steps))
  }

  /// Moments that lie as the parameter lies and are nobody else's; `start` at first.
  func prepareMoments(_ count: Int, of value: Tensor<Scalar>, start: MomentStart) {
    let layout = value.layout
    if isRounding { return prepareRoundedMoments(count, layout, start) }
    if moments.count != count {
      let added = Swift.max(count - moments.count, 0)
      keep(
        moments.prefix(count)
          + (count - added..<count).map { index in
            let moment = Tensor<Scalar>(uninitialized: layout)
            switch start {
            case .value(let number): Scalar.fill(moment.count, moment.mutablePointer, 1, Scalar(number))
            case .values(let first, let others):
              Scalar.fill(moment.count, moment.mutablePointer, 1, Scalar(index == 0 ? first : others))
            case .parameter where index == 0: moment.mutablePointer.update(from: value.pointer, count: moment.count)
            case .parameter(let number): Scalar.fill(moment.count, moment.mutablePointer, 1, Scalar(number))
            }
            return moment
          })
    }
    for index in moments.indices {
      if !moments[index].layout.hasLayout(of: layout) { moments[index] = moments[index].copied(layout) }
      moments[index].makeUnique()
    }
  }

  private func prepareRoundedMoments(_ count: Int, _ layout: Layout, _ start: MomentStart) {
    if rounded.count != count {
      let kept = rounded.prefix(count)
      keep(
        rounded: kept
          + (kept.count..<count).map { index in
            let moment = Tensor<BFloat16>(uninitialized: layout)
            let number: Double =
              switch start {
              case .value(let number): number
              case .values(let first, let others): index == 0 ? first : others
              case .parameter(let others): others
              }
            BFloat16.fill(moment.count, moment.mutablePointer, 1, BFloat16(Float(number)))
            return moment
          })
    }
    for index in rounded.indices {
      if !rounded[index].layout.hasLayout(of: layout) { rounded[index] = rounded[index].copied(layout) }
      rounded[index].makeUnique()
    }
  }
}
