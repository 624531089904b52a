internal import CStoaKernels
internal import StoaCore
package import StoaTensor
internal import Synchronization

/// Packs stored weights for the kernels.
///
/// Matrices are packed into one arena, tensor after tensor; the pages of the file are given back as they are packed, so
/// that the memory in use stays near the size of the file.
package struct ModelLoader {
    private let source: ModelWeights
    private let pool: KernelPool
    private let arena: AlignedBuffer<UInt8>
    private var used = 0

    private var shape: ModelConfiguration { source.configuration }

    /// Packs a model.
    ///
    /// - Parameters:
    ///   - source: the stored weights.
    ///   - pool: the workers that pack.
    /// - Returns: the packed model.
    /// - Throws: `WeightFileError` or `ModelError` naming the tensor that is missing or cannot be used.
    package static func load(_ source: ModelWeights, pool: KernelPool) throws -> PackedModel {
        let headWidth = source.configuration.headWidth
        guard headWidth.isMultiple(of: 16), headWidth <= 256 else {
            throw ModelError(
                .unusableModel, kind: .badInput,
                "model \(source.source.path): attention heads are \(headWidth) wide, kernels need a multiple of 16 up to 256"
            )
        }
        var bytes = 0
        for role in [.outputHead] + (0..<source.configuration.layers).flatMap({ source.roles(layer: $0) }) {
            let tensor = try source.tensor(role)
            if tensor.shape.count == 2 { bytes += try packed(tensor).bytes }
        }
        var loader = ModelLoader(source: source, pool: pool, arena: AlignedBuffer(count: bytes))
        return try loader.load()
    }

    private init(source: ModelWeights, pool: KernelPool, arena: AlignedBuffer<UInt8>) {
        self.source = source
        self.pool = pool
        self.arena = arena
    }

    private mutating func load() throws -> PackedModel {
        var layers: [PackedLayer] = []
        for layer in 0..<shape.layers { layers.append(try loadLayer(layer)) }
        let head = try matrix(.outputHead)
        return PackedModel(
            configuration: shape, embedding: try source.tensor(.tokenEmbedding), layers: layers,
            finalNorm: try vector(.finalNorm, offset: shape.normWeightOffset), head: head, ropes: ropes(), arena: arena)
    }

    private mutating func loadLayer(_ index: Int) throws -> PackedLayer {
        let present = Set(source.roles(layer: index))
        func norm(_ tensor: TensorRole.LayerTensor) throws -> AlignedBuffer<Float> {
            try vector(.layer(index, tensor), offset: shape.normWeightOffset)
        }
        func optionalNorm(_ tensor: TensorRole.LayerTensor) throws -> AlignedBuffer<Float>? {
            present.contains(.layer(index, tensor)) ? try norm(tensor) : nil
        }
        func bias(_ tensor: TensorRole.LayerTensor) throws -> AlignedBuffer<Float>? {
            present.contains(.layer(index, tensor)) ? try vector(.layer(index, tensor), offset: 0) : nil
        }
        return PackedLayer(
            attentionNorm: try norm(.attentionNorm), query: try matrix(.layer(index, .query)),
            key: try matrix(.layer(index, .key)), value: try matrix(.layer(index, .value)),
            output: try matrix(.layer(index, .attentionOutput)), queryBias: try bias(.queryBias),
            keyBias: try bias(.keyBias), valueBias: try bias(.valueBias), outputBias: try bias(.attentionOutputBias),
            queryNorm: try optionalNorm(.queryNorm), keyNorm: try optionalNorm(.keyNorm),
            postAttentionNorm: try optionalNorm(.postAttentionNorm), feedForwardNorm: try norm(.feedForwardNorm),
            gate: try matrix(.layer(index, .gate)), up: try matrix(.layer(index, .up)),
            down: try matrix(.layer(index, .down)), postFeedForwardNorm: try optionalNorm(.postFeedForwardNorm))
    }

    private func ropes() -> [RopeTable] {
        let kinds = shape.slidingWindow == nil ? [false] : [false, true]
        return kinds.map {
            RopeTable(frequencies: shape.rope.inverseFrequencies(isLocal: $0), contextLength: shape.contextLength)
        }
    }

    /// A vector as floats, rows in the kernels' order. [n]
    private func vector(_ role: TensorRole, offset: Float) throws -> AlignedBuffer<Float> {
        let stored = try source.tensor(role).dequantised()
        let permutation = source.rowPermutation(role)
        let buffer = AlignedBuffer<Float>(count: stored.count)
        for index in stored.indices {
            buffer.elements[index] = stored[permutation.map { Int($0[index]) } ?? index] + offset
        }
        return buffer
    }

    private static func packed(_ tensor: WeightTensor) throws -> (layout: stk_pack, bytes: Int) {
        let number = stk_pack_for_type(tensor.elementType.kernelType)
        guard number >= 0 else {
            throw ModelError(
                .unusableModel, kind: .badInput,
                "\(tensor.format) tensor \(tensor.name.quoted): no kernel reads \(tensor.elementType.name)")
        }
        let layout = stk_pack(rawValue: stk_pack.RawValue(number))
        let bytes = stk_pack_bytes(layout, tensor.rows, tensor.columns)
        guard bytes > 0 else {
            throw ModelError(
                .unusableModel, kind: .badInput,
                "\(tensor.format) tensor \(tensor.name.quoted): rows of \(tensor.columns) do not fit "
                    + "\(tensor.elementType.name) kernels, expected a multiple of 32")
        }
        return (layout, (bytes + 63) / 64 * 64)
    }

    /// A matrix, packed into the arena.
    private mutating func matrix(_ role: TensorRole) throws -> stk_matrix {
        let tensor = try source.tensor(role)
        let (layout, bytes) = try Self.packed(tensor)
        let target = UnsafeMutableRawPointer(arena.base + used)
        used += bytes
        let permutation = source.rowPermutation(role)
        var lost = 0
        permutation.withOptionalPointer { lost = pack(tensor, permutation: $0, into: target) }
        guard lost == 0 else {
            throw ModelError(
                .unusableModel, kind: .badInput,
                "\(tensor.format) tensor \(tensor.name.quoted): \(lost) blocks have scales that are too large or no numbers",
                hint: "the file is damaged: fetch it again")
        }
        return stk_matrix(pack: layout, rows: tensor.rows, cols: tensor.columns, data: UnsafeRawPointer(target))
    }

    /// Panels of 16 rows that one task packs.
    private static let panelsPerTask = 8

    /// Packs in parallel, piece by piece, and gives the file's pages back behind each piece, so that a large tensor is
    /// never resident twice.
    ///
    /// - Returns: blocks that the layout cannot hold.
    private func pack(
        _ tensor: WeightTensor, permutation: UnsafePointer<UInt32>?, into target: UnsafeMutableRawPointer
    ) -> Int {
        let panels = (tensor.rows + 15) / 16
        // Permuted rows are read from anywhere, so such a tensor (they are small) is one piece.
        let panelBytes = max(tensor.rowBytes * 16, 1)
        let piece = permutation == nil ? max(Self.panelsPerTask, (4 << 20) / panelBytes) : panels
        let lost = Atomic(0)
        for first in stride(from: 0, to: panels, by: piece) {
            let end = min(first + piece, panels)
            tensor.bytes.withUnsafeBytes { stored in
                guard let start = stored.baseAddress else { return }
                let step = Self.panelsPerTask
                pool.run((end - first + step - 1) / step) { task in
                    let from = first + task * step
                    let count = stk_pack_panels(
                        tensor.elementType.kernelType, start, tensor.rows, tensor.columns, permutation, from,
                        min(from + step, end), target)
                    if count > 0 { lost.add(count, ordering: .relaxed) }
                }
            }
            tensor.bytes.slice(first * panelBytes..<min(end * panelBytes, tensor.bytes.count)).advise(.dontNeed)
        }
        return lost.load(ordering: .relaxed)
    }
}

extension [UInt32]? {
    /// Calls `body` with the elements, or with nil where there is no array.
    fileprivate func withOptionalPointer(_ body: (UnsafePointer<UInt32>?) -> Void) {
        guard let self else { return body(nil) }
        self.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
