import Tern

extension ExperimentContext {
  /// Where the reference called `name` is, in the data folder or in `reference` in or beside it; `nil` where the folder
  /// has no such `file`.
  package func reference(_ name: String, holding file: String) -> String? {
    guard let dataFolder else { return nil }
    let places = ["", "/\(name)", "/reference/\(name)", "/../reference/\(name)"]
    return places.map { dataFolder + $0 }.first { FileIO.isFile("\($0)/\(file)") }
  }
}
