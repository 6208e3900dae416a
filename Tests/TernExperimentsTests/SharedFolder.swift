import Foundation

/// A folder below `TERN_SHARED`, else below `shared` beside the package; `nil` where it is not there.
func sharedFolder(_ name: String) -> String? {
  let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL
  let shared = ProcessInfo.processInfo.environment["TERN_SHARED"].map { URL(filePath: $0) }
  let folder = (shared ?? package.appending(path: "../shared").standardizedFileURL).appending(path: name).path
  var isFolder: ObjCBool = false
  return FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) && isFolder.boolValue ? folder : nil
}
