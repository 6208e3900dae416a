import ArgumentParser
import Foundation
import Tern
import TernBackend
import TernModels

/// `tern model run`: what a network with given weights answers, and what a step of training makes of it.
struct ModelRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs a network of the collection with the weights of a file.",
    discussion: """
      X.npy holds images [N, channels, H, W], already standardized, or tokens [N, L]. Y.npy takes what the network answers in \
      evaluation. Numbers in double precision are computed with in double precision, others in single.

      With --train-step the network answers in training instead, and takes one step of gradient descent: the loss is \
      printed, the gradients are written to Y.gradients.safetensors, parameters and running statistics after the step to \
      Y.state.safetensors. The loss is the cross entropy of the classes that --labels names (example i has label i mod \
      classes where it is not given), for networks that foretell tokens that of the next token, and for others half the \
      mean square.
      """)

  @OptionGroup var options: ModelOptions

  @Option(help: "The weights: a state as PyTorch names it.")
  var weights: String

  @Option(help: "Where in that file the names begin, for example state_dict; at its top where not given.")
  var at: String?

  @Option(help: "A NumPy file with images or tokens.")
  var input: String

  @Option(help: "A NumPy file that takes the answers.")
  var output: String

  @Flag(help: "Take a step of training.")
  var trainStep = false

  @Flag(help: "Let dropout and stochastic depth drop values in the step; without, nothing of it is random.")
  var dropout = false

  @Option(help: "A NumPy file with the label of every example.")
  var labels: String?

  @Option(help: "The learning rate of the step.")
  var learningRate = 0.1

  @Flag(help: "Compute in double precision, whatever the input is in.")
  var double = false

  func run() throws {
    let array = try NPYFile.read(input)
    if double || array.type == .float64 { try run(array, Double.self) } else { try run(array, Float.self) }
  }

  private func run<Scalar: FloatingScalar>(_ array: StoredArray, _ scalar: Scalar.Type) throws {
    let made = try options.make(of: scalar)
    try made.module.load(from: weights, at: at, renaming: made.renaming)
    switch made {
    case .layer(let layer): try run(layer, numbers(array))
    case .tokens(let model):
      let tokens = try array.tensor(as: Int.self)
      if let refusal = model.refusal(of: tokens) { throw CommandError("\(input): \(refusal)") }
      let predicted = model.predictsTokens ? tokens : nil
      try finish(model, predicted) { model(tokens, file: #fileID, line: #line) }
    }
  }

  private func run<Scalar>(_ layer: some Layer<Scalar>, _ images: Tensor<Scalar>) throws {
    try finish(layer, nil) { layer(images) }
  }

  private func numbers<Scalar: FloatingScalar>(_ array: StoredArray) throws -> Tensor<Scalar> {
    if array.type == .float64 { return try array.tensor(as: Double.self).cast(to: Scalar.self) }
    return try array.tensor(as: Float.self).cast(to: Scalar.self)
  }

  /// Writes what the network answers, or what a step makes of it.
  private func finish<Scalar: FloatingScalar>(
    _ model: any Module, _ tokens: Tensor<Int>?, _ answer: () -> Tensor<Scalar>
  ) throws {
    if !trainStep {
      model.eval()
      try withoutGradients(answer).write(npy: output)
      return
    }
    if !dropout {
      for (_, part) in model.namedModules {
        (part as? DropoutLayer<Scalar>)?.isTraining = false
        (part as? Recurrent<Scalar>)?.isTraining = false
      }
    }
    let optimizer = SGD(model, learningRate: learningRate)
    let y = answer()
    let loss = try self.loss(y, predicting: tokens)
    loss.backward()
    let gradients = model.namedParameters.compactMap { name, parameter -> StateEntry? in
      (parameter as? Parameter<Scalar>)?.gradient.map { StateEntry(name: name, $0) }
    }
    optimizer.step()
    let stem = output.hasSuffix(".npy") ? String(output.dropLast(4)) : output
    try y.detached().write(npy: output)
    try SafetensorsFile.write(gradients.map { ($0.name, $0.stored) }, to: stem + ".gradients.safetensors")
    try model.save(to: stem + ".state.safetensors")
    print("loss \(loss.item)")
  }

  private func loss<Scalar: FloatingScalar>(
    _ y: Tensor<Scalar>, predicting tokens: Tensor<Int>?
  ) throws -> Tensor<Scalar> {
    if let tokens {
      let length = y.shape[1]
      let scores = y[.all, .slice(0, length - 1)].reshaped([-1, y.shape[2]])
      return crossEntropy(scores, tokens[.all, .slice(1, length)].reshaped([-1]))
    }
    if y.rank != 2 { return (y * y).mean() / 2 }
    let (count, classes) = (y.shape[0], y.shape[1])
    let answers = try labels.map { try Tensor<Int>(npy: $0).scalars } ?? (0..<count).map { $0 % classes }
    guard answers.count == count, answers.allSatisfy({ (0..<classes).contains($0) }) else {
      throw CommandError("\(labels ?? ""): \(count) labels below \(classes) are wanted")
    }
    return crossEntropy(y, Tensor<Int>(answers))
  }
}
