extension Report {
  /// The report as one page of HTML: no file beside it is needed, on a phone, in print, light or dark.
  public var html: String {
    var text = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <link rel="icon" href="data:,">
      <title>\(markup(title))</title>
      <style>\(Report.style)</style>
      </head>
      <body>
      <main>
      <h1>\(markup(title))</h1>

      """
    if !summary.isEmpty { text += "<p class=\"summary\">\(markup(summary))</p>\n" }
    var isInFigures = false
    for part in parts {
      var isFigure = false
      if case .figure = part { isFigure = true }
      if isFigure != isInFigures { text += isFigure ? "<div class=\"figures\">\n" : "</div>\n" }
      isInFigures = isFigure
      text += Report.html(part)
    }
    if isInFigures { text += "</div>\n" }
    return text + "</main>\n</body>\n</html>\n"
  }

  private static func html(_ part: Part) -> String {
    switch part {
    case .heading(let heading): "<h2>\(markup(heading))</h2>\n"
    case .text(let paragraph): "<p>\(markup(paragraph))</p>\n"
    case .code(let lines): "<pre><code>\(markup(lines))</code></pre>\n"
    case .list(let items): "<ul>\n\(items.map { "<li>\(markup($0))</li>\n" }.joined())</ul>\n"
    case .table(let table): html(table)
    case .figure(let figure):
      "<figure>\n\(figure.chart.svg)"
        + (figure.caption.isEmpty ? "" : "<figcaption>\(markup(figure.caption))</figcaption>\n") + "</figure>\n"
    }
  }

  private static func html(_ table: ReportTable) -> String {
    // Above the box in which a wide table scrolls, not in it: as wide as the table it would be cut there.
    var text = table.caption.isEmpty ? "" : "<p class=\"caption\">\(markup(table.caption))</p>\n"
    text += "<div class=\"table\"><table aria-label=\"\(markup(table.caption))\">\n"
    // Where a column has numbers, everything in it stands to the right.
    let styles = table.columns.indices.map { column in
      table.rows.allSatisfy { $0[column].isText } ? "" : " class=\"number\""
    }
    let heads = zip(table.columns, styles).map { "<th\($1)>\(markup($0))</th>" }
    text += "<thead><tr>\(heads.joined())</tr></thead>\n<tbody>\n"
    for row in table.rows {
      let cells = zip(row, styles).map { "<td\($1)>\(markup($0.shown))</td>" }
      text += "<tr>\(cells.joined())</tr>\n"
    }
    return text + "</tbody>\n</table></div>\n"
  }

  private static let style = """

    :root { color-scheme: light dark; --page: #ffffff; --text: #1c2128; --quiet: #59636e; --rule: #d8dee4; --soft: #f3f5f7; }
    @media (prefers-color-scheme: dark) {
      :root { --page: #0d1117; --text: #e6edf3; --quiet: #9aa4af; --rule: #30363d; --soft: #161b22; }
    }
    @media print { :root { --page: #ffffff; --text: #000000; --quiet: #444444; --rule: #bbbbbb; --soft: #ffffff; } }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--page); color: var(--text);
      font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
    main { max-width: 1000px; margin: 0 auto; padding: 24px 16px 48px; overflow-wrap: anywhere; }
    h1 { font-size: 1.7em; line-height: 1.25; margin: 0 0 0.4em; }
    h2 { font-size: 1.2em; margin: 1.8em 0 0.4em; break-after: avoid; }
    p, ul { max-width: 46em; margin: 0.5em 0; }
    .summary { color: var(--quiet); }
    pre { background: var(--soft); border: 1px solid var(--rule); border-radius: 6px; padding: 10px 12px;
      white-space: pre-wrap; font-size: 0.88em; }
    .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 20px;
      margin: 1em 0; }
    figure { margin: 0; max-width: 620px; break-inside: avoid; }
    figure svg { display: block; }
    figcaption { color: var(--quiet); font-size: 0.88em; }
    .table { overflow-x: auto; margin: 1em 0; }
    table { border-collapse: collapse; font-size: 0.92em; overflow-wrap: normal; }
    .caption { color: var(--quiet); font-size: 0.88em; margin: 1em 0 0; }
    .caption + .table { margin-top: 6px; }
    th, td { text-align: left; padding: 4px 14px 4px 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
    th { vertical-align: bottom; }
    th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
    td.number { white-space: nowrap; }
    @media print { .table { overflow: visible; } table { font-size: 0.8em; } }

    """
}
