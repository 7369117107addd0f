import Crypto
import Foundation
import Testing

/// Databases remember the text of each migration that they have had.
struct MigrationsTests {
  /// Of every migration that was ever released. A new one adds a line; a line that changes locks out whoever upgrades.
  private static let released = [
    "0001_create_event_log.sql": "1638481dc24af45c67b8aabf3f141d81554cac45e665bedfdd8a960628c01991",
    "0002_create_read_models.sql": "3491874a92fbe39e588b1ec401cf7aa5a45aefc773f375897c1132125be0498d",
    "0003_erasure.sql": "ccb12ffd7878e0affa2b7d94dbe41f104a8b115a484381eeb5ef69233b40bc6e",
    "0004_receipts_by_digest.sql": "9abae130758a6e3c69cacf7c9ec2bcb062d185b1b275262ef50c6ed003f1d184",
    "0005_tiles.sql": "8bc91634408013465c0fd56d9a19b1dc4b8150c8613fafd3ac1d0adf17fc88a9",
    "0006_webhook_deliveries.sql": "ef96f64c136ec9a340ff45772e0c4724d04021ee3d74f5edf9e0c74d3532c4d1",
    "0007_consumers.sql": "822f2cbcbdd78fe4ec86594dbf234380716112e6e6dedaefd665aac90419d4c8",
    "0008_webhook_consent.sql": "03d8a81adec162e9685e80483de28fc760e56d0f5bd402584c2af900d0413647",
    "0009_report_corrections.sql": "f7e3165723c3f7b5462595f11842e04547332d90a59e4e5c388f683855d168e1",
    "0010_readable_migrations.sql": "d187308b42efff42a55d3658e444d8beb651eda54d3cdb94c4a733afa172a347",
  ]

  @Test func `no released migration has changed`() throws {
    let folder = Repository.root.appendingPathComponent("schema/migrations")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(names.sorted() == Self.released.keys.sorted())
    for (name, digest) in Self.released {
      let text = try Data(contentsOf: folder.appendingPathComponent(name))
      #expect(SHA256.hash(data: text).map { String(format: "%02x", $0) }.joined() == digest, "\(name)")
    }
  }
}
