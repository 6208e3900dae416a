import Foundation
import TernBackend
import TernData

/// What is in a folder of classes.
enum FolderListing {
  /// The classes, the pictures' paths and their classes.
  static func classes(
    of folder: String, known: [String]?
  ) throws(DataError) -> (names: [String], paths: [String], labels: [Int]) {
    guard FileIO.isFolder(folder) else {
      throw DataError(
        .notFound, file: folder, FileIO.isFile(folder) ? "is a file" : "there is no such folder",
        expected: "a folder with a folder for each class")
    }
    let names = try entries(of: folder).filter { FileIO.isFolder(folder + "/" + $0) }
    guard !names.isEmpty else {
      let loose = try pictures(below: folder, depth: 0).count
      let what =
        loose == 0
        ? "there is no class"
        : "there is no class, but in the folder itself \(loose == 1 ? "1 picture" : "\(loose) pictures")"
      throw DataError(.notFound, file: folder, what, expected: "a folder for each class")
    }
    let classes = known ?? names
    var (paths, labels): ([String], [Int]) = ([], [])
    for name in names {
      guard let label = classes.firstIndex(of: name) else {
        throw DataError(
          .mismatch, file: folder + "/" + name,
          "the class \(printable(name, limit: 100)) is not among those of the training",
          expected: printable(classes.joined(separator: ", "), limit: 300))
      }
      let found = try pictures(below: folder + "/" + name, depth: 0)
      guard !found.isEmpty else {
        throw DataError(
          .notFound, file: folder + "/" + name, "there is no picture in the class", expected: "JPEG or PNG files")
      }
      paths += found
      labels += [Int](repeating: label, count: found.count)
    }
    return (classes, paths, labels)
  }

  /// The names in a folder, but for hidden ones, in order of their bytes.
  static func entries(of folder: String) throws(DataError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted {
        $0.utf8.lexicographicallyPrecedes($1.utf8)
      }
    } catch {
      throw DataError(.unreadable, file: folder, "cannot list: \(error.localizedDescription)")
    }
  }

  /// The paths of all pictures in a folder and those below it.
  static func pictures(below folder: String, depth: Int) throws(DataError) -> [String] {
    guard depth < 32 else {
      throw DataError(.unsupported, file: folder, "folders lie more than 32 deep; does a link lead back?")
    }
    var result: [String] = []
    for name in try entries(of: folder) {
      let path = folder + "/" + name
      if FileIO.isFolder(path) {
        result += try pictures(below: path, depth: depth + 1)
      } else if isPicture(name) {
        result.append(path)
      }
    }
    return result
  }

  /// Whether a file is a picture by its name.
  static func isPicture(_ name: String) -> Bool {
    [".jpg", ".jpeg", ".png"].contains { name.lowercased().hasSuffix($0) }
  }

  /// A file's length, and its first and last bytes; all where it is short.
  static func ends(of path: String, _ length: Int) throws(DataError) -> (count: Int, bytes: [UInt8]) {
    let reader = try FileReader(path)
    guard let count = reader.count, count > 2 * length else {
      let bytes = try FileIO.read(path)
      return (bytes.count, bytes)
    }
    return (count, try reader.bytes(0..<length) + reader.bytes((count - length)..<count))
  }
}
