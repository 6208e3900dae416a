import Foundation
import Synchronization

/// How large pictures may be that are read: more is an error before any memory is asked for.
public enum ImageLimits {
  private static let setting = Mutex<Int?>(nil)
  private static let standard: Int = {
    let environment = ProcessInfo.processInfo.environment["TERN_MAX_IMAGE_PIXELS"].flatMap { Int($0) }
    if let environment, environment > 0 { return environment }
    return 178_956_970
  }()

  /// The most pixels a picture in a file may have: at first `TERN_MAX_IMAGE_PIXELS`, else 178,956,970, as in Pillow.
  public static var maximumPixels: Int {
    get { setting.withLock { $0 } ?? standard }
    set { setting.withLock { $0 = max(newValue, 0) } }
  }
}
