extension Chart {
  /// Eight colors of a series that differ in lightness too, and nine steps of heat, for light and for dark.
  private static let light = (
    names: ["page": "#ffffff", "text": "#1c2128", "label": "#59636e", "grid": "#e4e8ec", "axis": "#8c959f"],
    series: ["#0b5cad", "#d1570c", "#1a7f37", "#8250df", "#8a6100", "#bf3989", "#0e7c90", "#57606a"],
    heat: ["#f1f6fb", "#d9e8f5", "#bad6ec", "#93c0e0", "#68a5d1", "#4488be", "#2a6ba7", "#164e88", "#0a3263"]
  )
  private static let dark = (
    names: ["page": "#0d1117", "text": "#e6edf3", "label": "#9aa4af", "grid": "#262c34", "axis": "#6e7681"],
    series: ["#6cb6ff", "#ff9e64", "#57c96f", "#c297ff", "#dcb04a", "#ff8ac8", "#45c4d4", "#a9b3bd"],
    heat: ["#131d29", "#172b40", "#1b3a59", "#204b74", "#285f91", "#3877af", "#5493ca", "#7db2e2", "#b3d7f8"]
  )

  private static func properties(_ theme: (names: [String: String], series: [String], heat: [String])) -> String {
    let names = theme.names.sorted { $0.key < $1.key }.map { "--tc-\($0.key): \($0.value);" }
    let series = theme.series.enumerated().map { "--tc-series-\($0): \($1);" }
    let heat = theme.heat.enumerated().map { "--tc-heat-\($0): \($1);" }
    return (names + series + heat).joined(separator: " ")
  }

  /// The classes of the contour at a place among so many: darker (lighter on dark) as levels rise; every second one is
  /// dashed where there are more than colors.
  static func contourStyle(_ index: Int, of count: Int) -> String {
    let shade = count < 2 ? 8 : 4 + (index * 8 + count - 1) / (2 * (count - 1))
    return "tc-contour tc-k\(min(shade, 8))\(count > 5 && !index.isMultiple(of: 2) ? " tc-dashed" : "")"
  }

  /// The rules of every chart. Classes begin with `tc-`, since those of an SVG inside a page hold for all of the page.
  static let style: String = {
    let series = (0..<8).map {
      ".tc-s\($0) { stroke: var(--tc-series-\($0)); } .tc-f\($0) { fill: var(--tc-series-\($0)); }"
    }
    let heat = (0..<9).map {
      ".tc-h\($0) { fill: var(--tc-heat-\($0)); } .tc-contour.tc-k\($0) { stroke: var(--tc-heat-\($0)); }"
    }
    return """

      .tc-chart { \(properties(light)) }
      @media (prefers-color-scheme: dark) { .tc-chart { \(properties(dark)) } }
      @media print { .tc-chart { \(properties(light)) } }
      .tc-chart text { font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
      .tc-chart:root { background: var(--tc-page); }
      .tc-page { fill: var(--tc-page); }
      .tc-chart .tc-title { font-size: 14px; font-weight: 600; fill: var(--tc-text); }
      .tc-chart .tc-heading { font-size: 18px; font-weight: 600; fill: var(--tc-text); }
      .tc-label { fill: var(--tc-label); }
      .tc-grid { stroke: var(--tc-grid); fill: none; }
      .tc-axis { stroke: var(--tc-axis); fill: none; }
      .tc-line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
      .tc-dashed { stroke-dasharray: 5 5; }
      .tc-band { fill-opacity: 0.2; }
      .tc-dot { stroke: var(--tc-page); stroke-width: 0.6; }
      .tc-bar { fill-opacity: 0.75; }
      .tc-contour { fill: none; stroke: var(--tc-text); stroke-width: 1.5; }
      .tc-regions { opacity: 0.2; }
      .tc-r0 { fill: var(--tc-series-0); }
      .tc-r1 { fill: var(--tc-series-1); }
      \(series.joined(separator: "\n"))
      \(heat.joined(separator: "\n"))

      """
  }()
}
