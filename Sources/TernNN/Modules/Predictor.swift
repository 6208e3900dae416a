import TernBackend
import TernTensor

/// A model to be used and not to be trained, from as many tasks and threads at once as there are.
///
/// It holds a copy of the model in evaluation: running statistics, no dropout, frozen parameters, no gradients; parametrized
/// ones keep the values they have. The
/// weights' memory is shared with the model until one of the two changes, so that training the model afterwards does not
/// change what the predictor answers; for new weights make a new predictor.
///
/// ```swift
/// let predictor = Predictor(model)
/// await withTaskGroup(of: Tensor<Float>.self) { group in
///   for images in requests { group.addTask { predictor(images) } }
///   for await scores in group { … }
/// }
/// ```
///
/// In bfloat16, see ``withPrecision(_:_:)``, its weights are rounded and packed once, at the second call, after batch
/// normalizations were folded into them; that takes half of the weights' memory besides.
///
/// Its answers have the bits of the model's own in evaluation. A module of your own is copied as ``Module/copy(file:line:)`` says;
/// its ``Layer/forward(_:)`` must not change its properties, for calls run side by side.
public struct Predictor<Model: Module>: @unchecked Sendable {
  // Nobody else has it, and evaluation changes nothing in it.
  private let model: Model
  private let precision: FloatPrecision?

  /// A predictor with a copy of `model`; stops for a module that does not say how it is copied, see ``Module/copy(file:line:)``.
  ///
  /// - Parameters:
  ///   - model: the model; it is left as it is.
  ///   - precision: how products read their operands; as where the predictor is called when `nil`.
  public init(
    _ model: Model, precision: FloatPrecision? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.init(keeping: model.copy(), precision)
  }

  /// A predictor with what `model` holds, copied into another of the same structure that nobody else uses.
  ///
  /// Stops where the structures differ, with the first path.
  ///
  /// - Parameters:
  ///   - model: the model; it is left as it is.
  ///   - other: what it is copied into.
  ///   - precision: how products read their operands; as where the predictor is called when `nil`.
  public init(
    _ model: Model, into other: sending Model, precision: FloatPrecision? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    model.copy(into: other)
    self.init(keeping: other, precision)
  }

  /// A predictor with the model itself, handed over and not copied: nobody else uses it afterwards.
  ///
  /// - Parameters:
  ///   - model: the model, which is put into evaluation and frozen.
  ///   - precision: how products read their operands; as where the predictor is called when `nil`.
  public init(taking model: sending Model, precision: FloatPrecision? = nil) { self.init(keeping: model, precision) }

  /// A predictor with a copy of a layer whose type is known when the program runs.
  ///
  /// - Parameters:
  ///   - layer: the layer; it is left as it is.
  ///   - precision: how products read their operands; as where the predictor is called when `nil`.
  @_disfavoredOverload
  public init<Scalar>(
    _ layer: any Layer<Scalar>, precision: FloatPrecision? = nil
  ) where Model == Sequential<Scalar> {
    self.init(Sequential([layer]), precision: precision)
  }

  private init(keeping model: Model, _ precision: FloatPrecision?) {
    self.precision = precision
    model.eval()
    model.removeParametrizations()
    model.freeze()
    model.zeroGradients()
    self.model = model
  }

  /// What `body` makes of the model, without gradients: for modules of several inputs, or of other inputs than a layer's.
  ///
  /// The model is to be called only: who changes it, or keeps it, changes what others at work with it get.
  public func run<Result>(_ body: (Model) throws -> Result, file: StaticString = #fileID, line: UInt = #line) rethrows
    -> Result
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return try prepared { try body(model) }
  }

  /// What `body` makes with nothing recorded, in the predictor's precision.
  fileprivate func prepared<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard let precision else { return try withoutGradients(body) }
    return try withPrecision(precision) { try withoutGradients(body) }
  }
}

extension Predictor where Model: Layer {
  /// The model's result for an input, a constant.
  public func callAsFunction(
    _ input: Tensor<Model.Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Model.Scalar> {
    prepared { model(input, file: file, line: line) }
  }
}

extension Predictor: CustomStringConvertible {
  /// The model's summary.
  public var description: String { "Predictor: \(model)" }
}
