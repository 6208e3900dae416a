import ArgumentParser
import Tern
import TernBackend
import TernData

/// `tern convert`: weights from one form of file into another.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Writes the arrays of a file in another form.",
    discussion: """
      Reads .pt and .pth (of torch.save), .safetensors and .npz, told apart by their contents, and writes what OUT's extension \
      says. Every element keeps its type and its bytes. Keys of nested dictionaries and positions in lists are joined by \
      dots; numbers, texts and metadata are left out with a line. Nothing in a file is executed. Tied weights share a \
      storage in a .pt file; the other forms have them under each name.
      """)

  @Argument(help: "The file that is read.")
  var input: String

  @Argument(help: "The file that is written: .pt, .pth, .safetensors or .npz.")
  var output: String

  @Option(help: "Only what is below this key, without it, as state_dict.")
  var at: String?

  func validate() throws {
    if ArrayFile.Format(path: output) == nil {
      throw ValidationError("\(printable(output)): a name that ends in .pt, .pth, .safetensors or .npz is needed")
    }
  }

  func run() throws {
    guard let format = ArrayFile.Format(path: output) else { return }
    let file = try ArrayFile(contentsOf: input)
    let prefix = at.map { $0 + "." } ?? ""
    var arrays: [(name: String, array: StoredArray)] = []
    for name in file.names where name.hasPrefix(prefix) {
      arrays.append((String(name.dropFirst(prefix.count)), try file.array(name)))
    }
    guard !arrays.isEmpty || file.names.isEmpty else {
      let known = file.dictionaries.map { "\"\($0.name)\"" }.joined(separator: ", ")
      throw CommandError(
        "\(printable(input)): no tensor is below \"\(printable(at ?? ""))\"\(known.isEmpty ? "" : " (there are \(known))")"
      )
    }
    let others = file.otherNames.filter { $0.hasPrefix(prefix) }
    if !others.isEmpty {
      print(
        "Left out \(others.count) that \(others.count == 1 ? "is no tensor" : "are no tensors"): \(printable(others))")
    }
    try ArrayFile.write(arrays, as: format, to: output)
    let bytes = arrays.reduce(0) { $0 + $1.array.count * $1.array.type.size }
    print("Wrote \(arrays.count) \(arrays.count == 1 ? "array" : "arrays"), \(bytes) bytes, to \(printable(output))")
  }
}
