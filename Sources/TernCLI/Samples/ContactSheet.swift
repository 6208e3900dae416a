import Foundation
import Tern
import TernVision

/// Pictures of every class beside each other, with the classes' names and counts: SVG, which has every script.
struct ContactSheet {
  let pictures: ImageFolder
  let perClass: Int
  /// Pixels of a side that a picture is made to fit.
  private let side = 96
  private let columns = 8

  init(_ pictures: ImageFolder, perClass: Int) {
    self.pictures = pictures
    self.perClass = perClass
  }

  func svg(testCounts: [Int]) throws -> String {
    let (cell, margin, heading) = (side + 8, 16, 28)
    var body = ""
    var top = margin
    let counts = pictures.classCounts
    for (label, name) in pictures.classNames.enumerated() {
      let text = escaped("\(name): \(counts[label]) to train, \(testCounts[label]) to test")
      body += "<text x=\"\(margin)\" y=\"\(top + 18)\">\(text)</text>\n"
      top += heading
      let members = pictures.labels.indices.filter { pictures.labels[$0] == label }
      let shown = min(perClass, members.count)
      for number in 0..<shown {
        // Some at equal distances, not the first.
        let index = members[number * members.count / shown]
        let (x, y) = (margin + number % columns * cell, top + number / columns * cell)
        body += try element(index, x, y)
      }
      top += (shown + columns - 1) / columns * cell + 8
    }
    let width = 2 * margin + columns * cell
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(top + margin)" viewBox="0 0 \(width) \(top + margin)">
      <style>text { font: 14px sans-serif; fill: #222 } rect { fill: #fff }</style>
      <rect width="\(width)" height="\(top + margin)"/>
      \(body)</svg>

      """
  }

  /// A picture as it is in its file, made to fit; one that cannot be read is said to be such.
  private func element(_ index: Int, _ x: Int, _ y: Int) throws -> String {
    let path = pictures.paths[index]
    let title = "<title>\(index): \(escaped(path))</title>"
    guard let picture = try? Image(contentsOf: path, atLeast: (side, side)) else {
      return "<text x=\"\(x)\" y=\"\(y + side / 2)\">\(title)unreadable</text>\n"
    }
    let scale = min(1, Double(side) / Double(max(picture.height, picture.width)))
    let height = max(Int(Double(picture.height) * scale), 1)
    let width = max(Int(Double(picture.width) * scale), 1)
    let small = picture.converted(toBitDepth: 8).resized(height: height, width: width)
    let data = Data(small.png).base64EncodedString()
    return
      "<image x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\" href=\"data:image/png;base64,\(data)\">\(title)</image>\n"
  }

  private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
