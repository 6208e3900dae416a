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
      """)

  @Argument(help: "The file: .onnx.")
  var input: String

  @Option(help: "What the network is run on: .npy or .npz.")
  var check: String?

  @Option(help: "The file that is written: .npy or .npz.")
  var output: String?

  @Option(help: "Writes the parameters and running statistics: .safetensors.")
  var weights: String?

  func validate() throws {
    for path in [check, output].compactMap({ $0 }) where !path.hasSuffix(".npy") && !path.hasSuffix(".npz") {
      throw ValidationError("\(printable(path)): a name that ends in .npy or .npz is needed")
    }
    if output != nil && check == nil { throw ValidationError("--output needs --check, which says what to run on") }
  }

  func run() throws {
    let network = try naming { try ONNXNetwork(ONNXModel(contentsOf: input)) }
    if let weights {
      try network.save(to: weights)
      print("Wrote \(network.namedParameters.count + network.namedBuffers.count) arrays to \(printable(weights))")
    }
    guard let check else {
      print("inputs: \(printable(network.inputNames)), outputs: \(printable(network.outputNames))")
      print("\(network.namedParameters.count) parameters of \(network.parameterCount) values")
      return
    }
    let results = try naming {
      let given = try inputs(of: network, check)
      return try withoutGradients { try network.run(given) }
    }
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
