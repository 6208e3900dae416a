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
/// Its answers have the bits of the model's own in evaluation. A module of your own is copied as ``Module/copy(file:line:)`` says;
/// its ``Layer/forward(_:)`` must not change its properties, for calls run side by side.
public struct Predictor<Model: Module>: @unchecked Sendable {
  // Nobody else has it, and evaluation changes nothing in it.
  private let model: Model

  /// A predictor with a copy of `model`; stops for a module that does not say how it is copied, see ``Module/copy(file:line:)``.
  ///
  /// - Parameter model: the model; it is left as it is.
  public init(_ model: Model, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.init(keeping: model.copy())
  }

  /// A predictor with what `model` holds, copied into another of the same structure that nobody else uses.
  ///
  /// Stops where the structures differ, with the first path.
  ///
  /// - Parameters:
  ///   - model: the model; it is left as it is.
  ///   - other: what it is copied into.
  public init(_ model: Model, into other: sending Model, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    model.copy(into: other)
    self.init(keeping: other)
  }

  /// A predictor with the model itself, handed over and not copied: nobody else uses it afterwards.
  ///
  /// - Parameter model: the model, which is put into evaluation and frozen.
  public init(taking model: sending Model) { self.init(keeping: model) }

  /// A predictor with a copy of a layer whose type is known when the program runs.
  ///
  /// - Parameter layer: the layer; it is left as it is.
  @_disfavoredOverload
  public init<Scalar>(_ layer: any Layer<Scalar>) where Model == Sequential<Scalar> {
    self.init(Sequential([layer]))
  }

  private init(keeping model: Model) {
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
    return try withoutGradients { try body(model) }
  }
}

extension Predictor where Model: Layer {
  /// The model's result for an input, a constant.
  public func callAsFunction(
    _ input: Tensor<Model.Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Model.Scalar> {
    withoutGradients { model(input, file: file, line: line) }
  }
}

extension Predictor: CustomStringConvertible {
  /// The model's summary.
  public var description: String { "Predictor: \(model)" }
}
