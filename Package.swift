// swift-tools-version: 6.2
import PackageDescription

/// The language mode every Swift target shares.
///
/// Warnings are errors so that the tree stays quiet.
let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

/// Tests are not worth the time of optimising them, and what they hold lives to the end of its scope.
let testSettings = swiftSettings + [.unsafeFlags(["-Onone"], .when(configuration: .release))]

/// Kernels are compiled with full optimisation in debug builds too: a test that runs a real model must be usable.
let kernelSettings: [CSetting] = [
    .unsafeFlags(["-O3", "-fno-math-errno", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror"])
]

/// The sandbox's launcher is small, and read by those who want to trust it: plain C with every warning.
let launcherSettings: [CSetting] = [
    .define("_GNU_SOURCE"), .unsafeFlags(["-O2", "-std=gnu2x", "-Wall", "-Wextra", "-Werror"]),
]

let package = Package(
    name: "stoa",
    products: [
        .library(name: "StoaCore", targets: ["StoaCore"]),
        .library(name: "StoaModel", targets: ["StoaModel"]),
        .library(name: "StoaRuntime", targets: ["StoaRuntime"]),
        .library(name: "StoaTestSupport", targets: ["StoaTestSupport"]),
        .executable(name: "stoa", targets: ["stoa"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/attaswift/BigInt", from: "6.0.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // Layer 0: C, one fence per language and per machine dependency.
        .target(name: "CStoaKernels", cSettings: kernelSettings),
        .target(name: "CStoaPlatform", cSettings: kernelSettings),
        .target(name: "COpenBLAS"),
        // One static file without Swift's libraries: it is shown inside the sandbox, where there are none.
        .executableTarget(
            name: "stoa-sandbox-init", exclude: ["driver.py"], cSettings: launcherSettings,
            linkerSettings: [
                .linkedLibrary("seccomp"), .unsafeFlags(["-static-executable", "-nostartfiles"]),
            ]),

        // Layer 1: values and protocols.
        .target(
            name: "StoaCore",
            dependencies: ["CStoaPlatform", .product(name: "OrderedCollections", package: "swift-collections")],
            swiftSettings: swiftSettings),

        // Layer 2: what a model is made of.
        .target(
            name: "StoaTensor",
            dependencies: [
                "StoaCore", "CStoaKernels", "COpenBLAS",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "StoaText",
            dependencies: ["StoaCore", .product(name: "OrderedCollections", package: "swift-collections")],
            swiftSettings: swiftSettings),

        .target(
            name: "StoaLearning",
            dependencies: ["StoaCore", .product(name: "OrderedCollections", package: "swift-collections")],
            swiftSettings: swiftSettings),

        // Layer 3: the engine.
        .target(
            name: "StoaModel",
            dependencies: [
                "StoaTensor", "StoaText", .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: swiftSettings),

        .target(
            name: "StoaHub",
            dependencies: [
                "StoaCore",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: swiftSettings),

        .target(
            name: "StoaRemote",
            dependencies: [
                "StoaCore",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "StoaSandbox",
            dependencies: [
                "StoaCore", .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "StoaJournal",
            dependencies: [
                "StoaCore", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "StoaVerify",
            dependencies: [
                "StoaCore", .product(name: "BigInt", package: "BigInt"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: swiftSettings),

        // Layer 4: what tools are made of.
        .target(
            name: "StoaTools",
            dependencies: [
                "StoaCore", "StoaLearning", "StoaSandbox", "StoaVerify",
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: swiftSettings),

        // Layer 4: training beside the engine, on weights that stay as they are.
        .target(
            name: "StoaTraining",
            dependencies: [
                "StoaLearning", "StoaModel", "StoaTensor", "StoaCore", "CStoaKernels",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: swiftSettings),

        // Layer 4: the actors. They see protocols only.
        .target(
            name: "StoaRuntime",
            dependencies: ["StoaCore", .product(name: "OrderedCollections", package: "swift-collections")],
            swiftSettings: swiftSettings),

        // Layer 5: what people write, and the strategies that need Swift.
        .target(
            name: "StoaMethods",
            dependencies: [
                "StoaRuntime", "StoaCore", .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "StoaPlaybook",
            dependencies: [
                "StoaRuntime", "StoaCore", .product(name: "Yams", package: "Yams"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: swiftSettings),

        // What tools reach over HTTP: apart, so that whoever has tools need not build a client.
        .target(
            name: "StoaHTTP",
            dependencies: [
                "StoaCore", "StoaTools",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: swiftSettings),

        // Layer 6: what others reach over HTTP.
        .target(
            name: "StoaServer",
            dependencies: [
                "StoaCore", "StoaSandbox",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings),

        // Layer 6: how good playbooks are, and how sure that is.
        .target(
            name: "StoaEvaluation",
            dependencies: [
                "StoaRuntime", "StoaCore", .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: swiftSettings),

        // Measurements of what the layers below can do.
        .target(
            name: "StoaBench",
            dependencies: [
                "StoaCore", "StoaModel", "StoaTensor", "StoaRuntime", "StoaJournal", "StoaSandbox", "StoaTraining",
                "CStoaKernels",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: swiftSettings),

        // Layer 7: the program.
        .target(
            name: "StoaCLI",
            dependencies: [
                "StoaCore", "StoaText", "StoaLearning", "StoaModel", "StoaHub", "StoaRemote", "StoaJournal",
                "StoaVerify",
                "StoaRuntime", "StoaMethods", "StoaPlaybook", "StoaSandbox", "StoaTools", "StoaHTTP", "StoaServer",
                "StoaEvaluation", "StoaTraining",
                "StoaBench", "CStoaPlatform",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: swiftSettings),
        .executableTarget(name: "stoa", dependencies: ["StoaCLI"], swiftSettings: swiftSettings),

        // What tests of agents are written with, ours and other people's.
        .target(
            name: "StoaTestSupport",
            dependencies: [
                "StoaCore", "StoaRuntime", .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: swiftSettings),

        // What the tests of several targets share.
        .target(
            name: "CStoaAllocationCounter", path: "Tests/Support/CStoaAllocationCounter", cSettings: kernelSettings),
        .target(
            name: "StoaTestKit", dependencies: ["CStoaAllocationCounter"], path: "Tests/Support/StoaTestKit",
            swiftSettings: swiftSettings),

        .testTarget(
            name: "StoaKernelsTests", dependencies: ["CStoaKernels", "StoaTestKit"], swiftSettings: testSettings),
        .testTarget(
            name: "StoaTrainingTests",
            dependencies: [
                "StoaTraining", "StoaLearning", "StoaModel", "StoaTensor", "StoaCore", "CStoaKernels", "StoaTestKit",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "StoaCoreTests",
            dependencies: [
                "StoaCore", "StoaTestKit", .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "StoaTensorTests", dependencies: ["StoaTensor", "StoaCore", "CStoaKernels", "StoaTestKit"],
            swiftSettings: testSettings),
        .testTarget(
            name: "StoaTextTests",
            dependencies: [
                "StoaText", "StoaCore", "StoaTestKit",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "StoaLearningTests",
            dependencies: [
                "StoaLearning", "StoaMethods", "StoaPlaybook", "StoaRuntime", "StoaVerify", "StoaCore", "StoaTestKit",
                "StoaTestSupport",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "StoaModelTests",
            dependencies: [
                "StoaModel", "StoaText", "StoaTensor", "StoaCore", "CStoaKernels", "StoaTestKit",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "StoaHubTests",
            dependencies: [
                "StoaHub",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "StoaRemoteTests",
            dependencies: [
                "StoaRemote", "StoaRuntime", "StoaCore", "StoaTestKit", "StoaTestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "StoaJournalTests",
            dependencies: [
                "StoaJournal", "StoaCore", "StoaTestKit", "StoaTestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "StoaSandboxTests",
            dependencies: [
                "StoaSandbox", "StoaCore", "StoaTestKit",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "StoaHTTPTests",
            dependencies: [
                "StoaHTTP", "StoaTools", "StoaCore", "StoaTestKit",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "StoaServerTests",
            dependencies: [
                "StoaServer", "StoaSandbox", "StoaCore", "StoaTestKit",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "StoaVerifyTests",
            dependencies: [
                "StoaVerify", "StoaCore", "StoaTestKit", .product(name: "BigInt", package: "BigInt"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "StoaToolsTests",
            dependencies: [
                "StoaTools", "StoaSandbox", "StoaPlaybook", "StoaRuntime", "StoaCore", "StoaTestKit",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "StoaRuntimeTests",
            dependencies: [
                "StoaRuntime", "StoaCore", "StoaTestKit", "StoaTestSupport",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "StoaPlaybookTests",
            dependencies: [
                "StoaPlaybook", "StoaMethods", "StoaRuntime", "StoaCore", "StoaTestKit", "StoaTestSupport",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "StoaMethodsTests",
            dependencies: [
                "StoaMethods", "StoaRuntime", "StoaCore", "StoaTestKit", "StoaTestSupport",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "StoaEvaluationTests",
            dependencies: [
                "StoaEvaluation", "StoaLearning", "StoaJournal", "StoaVerify", "StoaPlaybook", "StoaRuntime",
                "StoaCore", "StoaTestKit",
                "StoaTestSupport", .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: testSettings),
        // What the whole must do, on real weights, with the shipped playbooks.
        .testTarget(
            name: "StoaAcceptanceTests",
            dependencies: [
                "StoaModel", "StoaJournal", "StoaVerify", "StoaRuntime", "StoaMethods", "StoaPlaybook", "StoaCore",
                "StoaSandbox", "StoaTools", "StoaTestKit", "StoaTestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: testSettings),
        .testTarget(
            name: "StoaCLITests",
            dependencies: [
                "StoaCLI", "stoa", "StoaCore", "StoaRuntime", "StoaTestKit",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            swiftSettings: testSettings),
    ]
)
