import ArgumentParser
import Tern

/// The shapes of a convolution as `tern info --convolution` reads them: `INPUT:WEIGHT[:KEY=VALUE,…]`, for example
/// `8x64x56x56:128x64x3x3:stride=2,padding=1`.
struct ConvolutionShape: ExpressibleByArgument {
  let geometry: ConvolutionGeometry

  /// Nil where the text is no such shapes, or they do not fit each other.
  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, let input = ConvolutionShape.extents(parts[0]),
      let weight = ConvolutionShape.extents(parts[1])
    else { return nil }
    var options = ["stride": 1, "padding": 0, "dilation": 1, "groups": 1]
    for option in parts.count == 3 ? parts[2].split(separator: ",", omittingEmptySubsequences: false) : [] {
      let words = option.split(separator: "=", omittingEmptySubsequences: false)
      guard words.count == 2, let value = Int(words[1]), options[String(words[0])] != nil else { return nil }
      options[String(words[0])] = value
    }
    guard let stride = options["stride"], let padding = options["padding"], let dilation = options["dilation"],
      let groups = options["groups"],
      let geometry = ConvolutionGeometry(
        input: input, weight: weight, stride: stride, padding: padding, dilation: dilation, groups: groups)
    else { return nil }
    self.geometry = geometry
  }

  /// Four extents of at least 1, as `8x64x56x56`.
  private static func extents(_ text: Substring) -> [Int]? {
    let extents = text.split(separator: "x", omittingEmptySubsequences: false).compactMap { Int($0) }
    return extents.count == 4 && text.filter { $0 == "x" }.count == 3 ? extents : nil
  }

  /// The algorithm of each pass in Float and why it is chosen, a line each.
  var lines: [(name: String, explanation: String)] {
    [("forward", .forward), ("input gradient", .inputGradient), ("weight gradient", .weightGradient)]
      .map { (name: String, pass: ConvolutionPass) in
        (name, geometry.algorithm(for: pass, of: Float.self).explanation)
      }
  }
}
