import Foundation

/// A browser without a window that is told what to do through pipes, by Chromium's DevTools protocol.
final class Browser {
  /// What goes wrong with the browser itself.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// How a page is shown.
  struct View: CustomStringConvertible {
    var width = 1200
    var isDark = false
    var isPrint = false

    var description: String { "\(width) px, \(isPrint ? "print" : isDark ? "dark" : "light")" }
  }

  /// Chromium: that named by `TERN_BROWSER`, else the first one installed; `nil` where there is none.
  static let executable: String? = {
    let named = ProcessInfo.processInfo.environment["TERN_BROWSER"]
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    let installed = names.flatMap { name in ["/usr/bin/", "/usr/local/bin/", "/snap/bin/"].map { $0 + name } }
    return (named.map { [$0] } ?? installed).first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  private let process = Process()
  private let (input, output) = (Pipe(), Pipe())
  private let profile = NSTemporaryDirectory() + "tern-browser-\(UUID().uuidString)"
  private var received = Data()
  private var calls = 0
  private var session: String?
  /// Errors and warnings of the page's console, exceptions, and requests for anything but the page.
  private(set) var complaints: [String] = []
  private var isLoaded = false

  /// Starts the browser with one page.
  init(_ executable: String) throws {
    var options = ["--headless", "--remote-debugging-pipe", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
    options += ["--disable-dev-shm-usage", "--disable-extensions", "--user-data-dir=\(profile)"]
    if geteuid() == 0 { options.append("--no-sandbox") }
    process.executableURL = URL(filePath: "/bin/sh")
    // The protocol's pipes are number 3 and 4.
    process.arguments = ["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", "sh", executable] + options
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let target = try call("Target.createTarget", ["url": "about:blank"])["targetId"] ?? ""
    session = try call("Target.attachToTarget", ["targetId": target, "flatten": true])["sessionId"] as? String
    for domain in ["Page", "Runtime", "Log", "Network"] { try call("\(domain).enable") }
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
    try? FileManager.default.removeItem(atPath: profile)
  }

  /// Loads a file and returns what `script` answers there.
  func load(_ path: String, _ view: View, script: String) throws -> Any? {
    complaints = []
    try call(
      "Emulation.setDeviceMetricsOverride",
      ["width": view.width, "height": 900, "deviceScaleFactor": 1, "mobile": view.width < 600])
    try call(
      "Emulation.setEmulatedMedia",
      [
        "media": view.isPrint ? "print" : "screen",
        "features": [["name": "prefers-color-scheme", "value": view.isDark ? "dark" : "light"]],
      ])
    isLoaded = false
    let answer = try call("Page.navigate", ["url": URL(filePath: path).absoluteString])
    if let error = answer["errorText"] as? String { throw Failure(description: "\(path): \(error)") }
    while !isLoaded { _ = try receive() }
    let result = try call("Runtime.evaluate", ["expression": script, "returnByValue": true])
    if let details = result["exceptionDetails"] { throw Failure(description: "the script failed: \(details)") }
    return (result["result"] as? [String: Any])?["value"]
  }

  /// The whole page as it is, as PNG.
  func screenshot() throws -> Data {
    let metrics = try call("Page.getLayoutMetrics")["cssContentSize"] as? [String: Any]
    let clip: [String: Any] = [
      "x": 0, "y": 0, "width": metrics?["width"] ?? 800, "height": metrics?["height"] ?? 600, "scale": 1,
    ]
    let answer = try call("Page.captureScreenshot", ["captureBeyondViewport": true, "clip": clip])
    return (answer["data"] as? String).flatMap { Data(base64Encoded: $0) } ?? Data()
  }

  @discardableResult
  private func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
    calls += 1
    var message: [String: Any] = ["id": calls, "method": method, "params": parameters]
    if let session { message["sessionId"] = session }
    try input.fileHandleForWriting.write(contentsOf: JSONSerialization.data(withJSONObject: message) + [0])
    while true {
      let answer = try receive()
      guard answer["id"] as? Int == calls else { continue }
      if let error = answer["error"] { throw Failure(description: "\(method): \(error)") }
      return answer["result"] as? [String: Any] ?? [:]
    }
  }

  /// The next message; what it says of the page is kept.
  private func receive() throws -> [String: Any] {
    while !received.contains(0) {
      let reader = output.fileHandleForReading
      var waiting = pollfd(fd: reader.fileDescriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, 60_000) > 0 else { throw Failure(description: "the browser said nothing for a minute") }
      let part = reader.availableData
      if part.isEmpty { throw Failure(description: "the browser ended") }
      received += part
    }
    let end = received.firstIndex(of: 0) ?? received.endIndex
    let text = received[received.startIndex..<end]
    received = Data(received[received.index(after: end)...])
    let message = try JSONSerialization.jsonObject(with: text) as? [String: Any] ?? [:]
    notice(message["method"] as? String ?? "", message["params"] as? [String: Any] ?? [:])
    return message
  }

  private func notice(_ method: String, _ parameters: [String: Any]) {
    switch method {
    case "Page.loadEventFired": isLoaded = true
    case "Runtime.exceptionThrown": complaints.append("\(parameters["exceptionDetails"] ?? "exception")")
    case "Runtime.consoleAPICalled": complaints.append("console: \(parameters["args"] ?? "")")
    case "Log.entryAdded":
      let entry = parameters["entry"] as? [String: Any]
      complaints.append("\(entry?["level"] ?? ""): \(entry?["text"] ?? "")")
    case "Network.requestWillBeSent":
      let url = (parameters["request"] as? [String: Any])?["url"] as? String ?? ""
      if !url.hasPrefix("file:"), !url.hasPrefix("data:") { complaints.append("asks for \(url)") }
    default: break
    }
  }
}
