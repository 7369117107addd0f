// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  // Generic code of one module is specialised where others use it, as far as it is public. "Unsafe" are flags only for
  // packages that others depend on.
  .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

let collections = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let trees = Target.Dependency.product(name: "HashTreeCollections", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let jwt = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let fileSystem = Target.Dependency.product(name: "_NIOFileSystem", package: "swift-nio")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")

/// Declares a module of ours; `on` lists its arrows in the module table of README.md.
func module(_ name: String, path: String? = nil, on dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

/// Declares the tests of a module or tier.
func tests(_ name: String, on dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

let package = Package(
  name: "federwerk",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "federwerk", targets: ["federwerk"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
  ],
  targets: [
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    module("Postgres", on: ["CLibPQ", logging]),
    module("EmbeddedPostgres", on: [logging, lifecycle, subprocess, system]),
    module("TamperEvidence", on: [crypto]),
    module("EventSourcing", on: [collections, crypto]),
    module("Coordination", on: ["EventSourcing", trees]),
    module("PlanImport", on: ["Coordination", crypto, yams]),
    module("Projections", on: ["Coordination", crypto]),
    module("Simulation", on: ["Coordination"]),
    .target(
      name: "Schema", dependencies: ["Postgres"], path: "schema",
      resources: [.embedInCode("migrations")], swiftSettings: strict),
    module("EventLogPostgres", on: ["EventSourcing", "Postgres", logging]),
    module("ReadModels", on: ["Projections", "EventLogPostgres", logging]),
    module(
      "PlanService",
      on: ["Projections", "EventSourcing", "TamperEvidence", collections, crypto, lifecycle, logging, metrics]),
    .target(
      name: "Audit", dependencies: ["PlanService"],
      resources: [.embedInCode("Auditor")], swiftSettings: strict),
    module("Webhooks", on: ["Coordination", "EventLogPostgres", crypto, lifecycle, logging]),
    module("Consumers", on: ["EventLogPostgres"]),
    module("PartnerKit", on: ["EventSourcing", "TamperEvidence", crypto]),
    module("Feeds", on: ["EventSourcing", collections, lifecycle, logging, nio]),
    module(
      "HTTPAPI",
      on: [
        "Feeds", "Webhooks", "Consumers", "PartnerKit", "PlanService", crypto, httpTypes, hummingbird, jwt, logging,
        metrics, nio, nioHTTP, nioHTTPTypes,
      ]),
    module(
      "Composition",
      on: [
        "HTTPAPI", "Feeds", "Webhooks", "Consumers", "PartnerKit", "Audit", "PlanImport", "Simulation", "ReadModels",
        "EventLogPostgres", "EmbeddedPostgres", "Schema",
        configuration, fileSystem, httpClient, hummingbird, lifecycle, logging, metrics, nio, nioHTTP, nioPosix,
        subprocess,
        system,
      ]),
    .executableTarget(
      name: "federwerk", dependencies: ["Composition", arguments], swiftSettings: strict),
    // Tests without a server.
    module("HangLimit", path: "Tests/HangLimit"),
    .target(
      name: "EventLogConformance", dependencies: ["EventSourcing", crypto], path: "Tests/EventLogConformance",
      swiftSettings: strict),
    tests("PostgresTests", on: ["Postgres", logging]),
    .target(
      name: "MerkleReference", dependencies: ["TamperEvidence", crypto], path: "Tests/MerkleReference",
      swiftSettings: strict),
    tests("TamperEvidenceTests", on: ["MerkleReference", "TamperEvidence", crypto]),
    tests("EventSourcingTests", on: ["HangLimit", "EventSourcing", "EventLogConformance", crypto]),
    .target(
      name: "PlanSpecification", dependencies: ["Coordination", "EventSourcing"], path: "Tests/PlanSpecification",
      swiftSettings: strict),
    tests("CoordinationTests", on: ["PlanSpecification", "Coordination", "EventSourcing"]),
    tests("ProjectionsTests", on: ["PlanSpecification", "PlanImport", "Projections", "Coordination", "EventSourcing"]),
    tests("SimulationTests", on: ["Simulation", "PlanImport", "PlanSpecification", "Coordination", "EventSourcing"]),
    tests(
      "PlanImportTests", on: ["PlanImport", "Coordination", "EventSourcing", crypto], resources: [.copy("Fixtures")]),
    tests(
      "PlanServiceTests",
      on: [
        "HangLimit", "MerkleReference", "PlanService", "Projections", "Coordination", "EventSourcing", "TamperEvidence",
        logging,
      ]),
    tests(
      "AuditTests",
      on: [
        "HangLimit", "PlanSpecification", "Audit", "PlanService", "Projections", "Coordination", "EventSourcing",
        "TamperEvidence", logging,
      ]),
    .target(
      name: "GrowingLog", dependencies: ["EventSourcing", "TamperEvidence"], path: "Tests/GrowingLog",
      swiftSettings: strict),
    tests(
      "WebhooksTests",
      on: [
        "HangLimit", "GrowingLog", "PlanSpecification", "Webhooks", "Coordination", "EventSourcing", crypto, logging,
      ]),
    tests("PartnerKitTests", on: ["GrowingLog", "PartnerKit", "Webhooks", "EventSourcing", "TamperEvidence"]),
    tests("ConsumersTests", on: ["Consumers", "EventSourcing"]),
    tests("FeedsTests", on: ["HangLimit", "Feeds", "GrowingLog", "EventSourcing", logging, nio, nioPosix]),
    tests(
      "HTTPAPITests",
      on: [
        "HangLimit", "PlanSpecification", "HTTPAPI", "Feeds", "Webhooks", "Consumers", "PartnerKit", "PlanService",
        "Projections", "Coordination", "EventSourcing", "TamperEvidence", httpTypes, hummingbird, hummingbirdTesting,
        logging, metrics, nio, yams,
      ]),
    tests("CompositionTests", on: ["HangLimit", "Composition", "Webhooks"]),
    tests("RepositoryTests", on: ["Coordination", "EventSourcing", crypto]),
    // Tests that start a PostgreSQL of their own.
    .target(
      name: "TestDatabases", dependencies: ["EmbeddedPostgres", "Postgres", "Schema", logging],
      path: "Tests/TestDatabases", swiftSettings: strict),
    tests(
      "IntegrationTests",
      on: [
        "HangLimit", "TestDatabases", "EventLogConformance", "GrowingLog", "PlanSpecification", "EventLogPostgres",
        "EmbeddedPostgres", "ReadModels", "Consumers", "PlanService", "Projections", "Coordination", "EventSourcing",
        "TamperEvidence",
        "Postgres", "Schema", logging, subprocess, system,
      ]),
    // Stories over HTTP and the command line, against the built program.
    tests(
      "EndToEndTests",
      on: [
        "federwerk", "HangLimit", "EventSourcing", "TamperEvidence", "TestDatabases", "Postgres", httpClient, logging,
        nio, nioHTTP,
      ]),
  ],
  swiftLanguageModes: [.v6]
)
