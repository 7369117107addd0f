// swift-tools-version: 6.2
import PackageDescription

// Measures the built program from outside: the main package's declarations cannot be seen from here, and need not be.
let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v15)],
  targets: [
    .systemLibrary(name: "CEpoll"),
    .executableTarget(
      name: "benchmarks",
      dependencies: ["CEpoll"],
      swiftSettings: [
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
