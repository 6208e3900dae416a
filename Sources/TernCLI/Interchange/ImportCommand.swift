import ArgumentParser
import Tern
import TernBackend
import TernData
import TernONNX

/// `tern import`: an ONNX file, checked and run.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Reads the network of an ONNX file, and runs it.",
    discussion: """
      Without --check it prints what the network takes and gives, and its parameters. With --check it runs the network: a .npy \
      file is its only input, a .npz file has all of them by their names. --output X.npy gets the first output, --output X.npz \
      all of them by their names. Operators that Tern does not have are named together.

      With --train-steps it first takes steps of gradient descent on half the mean square of the first output, with batch \
      normalization and dropout as in training where the file has them so.
      """)

  @Argument(help: "The file: .onnx.")
  var input: String

  @Option(help: "What the network is run on: .npy or .npz.")
  var check: String?

  @Option(help: "The file that is written: .npy or .npz.")
  var output: String?

  @Option(help: "Writes the parameters and running statistics: .safetensors.")
  var weights: String?

  @Option(help: "How many steps of gradient descent it takes on what --check has; the loss before each is printed.")
  var trainSteps: Int?

  @Option(help: "The learning rate of these steps.")
  var learningRate = 0.1

  @Option(help: "Writes the network again, with the values that its parameters have then: .onnx.")
  var onnx: String?

  func validate() throws {
    try require("--train-steps", trainSteps, in: 1...1_000_000)
    if trainSteps != nil && check == nil {
      throw ValidationError("--train-steps needs --check, which says what to train on")
    }
    guard learningRate.isFinite, learningRate > 0 else {
      throw ValidationError("--learning-rate \(learningRate): a number above 0 is needed")
    }
    for path in [check, output].compactMap({ $0 }) where !path.hasSuffix(".npy") && !path.hasSuffix(".npz") {
      throw ValidationError("\(printable(path)): a name that ends in .npy or .npz is needed")
    }
    if output != nil && check == nil { throw ValidationError("--output needs --check, which says what to run on") }
  }

  func run() throws {
    let network = try naming { try ONNXNetwork(ONNXModel(contentsOf: input)) }
    let given = try check.map { path in try naming { try inputs(of: network, path) } }
    if let trainSteps, let given { try train(network, given, steps: trainSteps) }
    if let weights {
      try network.save(to: weights)
      print("Wrote \(network.namedParameters.count + network.namedBuffers.count) arrays to \(printable(weights))")
    }
    if let onnx {
      try network.model.write(to: onnx)
      print("Wrote \(printable(onnx))")
    }
    guard let given else {
      print("inputs: \(printable(network.inputNames)), outputs: \(printable(network.outputNames))")
      print("\(network.namedParameters.count) parameters of \(network.parameterCount) values")
      return
    }
    let results = try naming { try withoutGradients { try network.run(given) } }
    var names: [String] = []
    for name in network.outputNames where !names.contains(name) { names.append(name) }
    for name in names {
      guard let result = results[name] else { continue }
      print("\(printable(name)): \(result.dtype.rawValue) \(result.shape)")
    }
    guard let output else { return }
    if output.hasSuffix(".npz") {
      try NPZFile.write(
        names.compactMap { name in results[name].map { (name, network.stored($0, as: name)) } }, to: output)
    } else if let name = names.first, let first = results[name] {
      try NPYFile.write(network.stored(first, as: name), to: output)
    }
  }

  /// Steps of gradient descent on half the mean square of the first output, in training mode.
  private func train(_ network: ONNXNetwork, _ given: [String: ONNXTensor], steps: Int) throws {
    guard let name = network.outputNames.first, !network.namedParameters.isEmpty else {
      throw CommandError("\(printable(input)): has no parameters to train")
    }
    let optimizer = SGD(network, learningRate: learningRate)
    network.train()
    for _ in 0..<steps {
      let result = try naming { try network.run(given) }[name]
      func step<Scalar: FloatingScalar>(_ y: Tensor<Scalar>) -> Double {
        network.zeroGradients()
        let loss = (y * y).mean() / 2
        loss.backward()
        optimizer.step()
        return loss.item.number
      }
      if let y = result?.tensor(Float.self), !y.isEmpty {
        print("loss \(step(y))")
      } else if let y = result?.tensor(Double.self), !y.isEmpty {
        print("loss \(step(y))")
      } else {
        throw CommandError(
          "\(printable(input)): the output \(printable(name)) has no numbers that a loss can be made of")
      }
    }
    network.eval()
  }

  /// Puts the file's name before what is wrong with it.
  private func naming<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      if let own = error as? ONNXError { throw CommandError("\(printable(input)): \(own)") }
      throw error
    }
  }

  /// What the network is run on, by the names of its inputs.
  private func inputs(of network: ONNXNetwork, _ path: String) throws -> [String: ONNXTensor] {
    if path.hasSuffix(".npz") {
      let file = try NPZFile(contentsOf: path)
      return try Dictionary(
        file.names.map { ($0, try ONNXTensor(file.array($0))) }, uniquingKeysWith: { first, _ in first })
    }
    let names = network.inputNames
    guard names.count == 1 else {
      throw CommandError(
        "\(printable(input)): has the inputs \(printable(names)): a .npz file with these names is needed")
    }
    return [names[0]: try ONNXTensor(NPYFile.read(path))]
  }
}
