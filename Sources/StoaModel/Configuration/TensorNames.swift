/// What a tensor is for, whatever its file calls it.
package enum TensorRole: Sendable, Hashable {
    case tokenEmbedding
    case outputHead
    case finalNorm
    case layer(Int, LayerTensor)

    /// The tensors of one decoder layer.
    package enum LayerTensor: String, Sendable, Hashable, CaseIterable {
        case attentionNorm
        case query
        case key
        case value
        case attentionOutput
        case queryBias
        case keyBias
        case valueBias
        case attentionOutputBias
        case queryNorm
        case keyNorm
        case postAttentionNorm
        case feedForwardNorm
        case gate
        case up
        case down
        case postFeedForwardNorm
    }
}

extension TensorRole {
    /// The name in GGUF files, the same for all architectures.
    package var ggufName: String {
        switch self {
        case .tokenEmbedding: "token_embd.weight"
        case .outputHead: "output.weight"
        case .finalNorm: "output_norm.weight"
        case .layer(let index, let tensor): "blk.\(index).\(tensor.ggufName)"
        }
    }

    /// The name in Hugging Face files.
    ///
    /// - Parameters:
    ///   - postNorms: whether the architecture has norms after attention and feed-forward, which shifts a name.
    ///   - prefix: what stands before the decoder's names: `model.`, or longer in multimodal models.
    /// - Returns: the full name.
    package func huggingFaceName(postNorms: Bool, prefix: String = "model.") -> String {
        switch self {
        case .tokenEmbedding: "\(prefix)embed_tokens.weight"
        case .outputHead: prefix.hasPrefix("language_model.") ? "language_model.lm_head.weight" : "lm_head.weight"
        case .finalNorm: "\(prefix)norm.weight"
        case .layer(let index, let tensor): "\(prefix)layers.\(index).\(tensor.huggingFaceName(postNorms: postNorms))"
        }
    }
}

extension TensorRole.LayerTensor {
    fileprivate var ggufName: String {
        switch self {
        case .attentionNorm: "attn_norm.weight"
        case .query: "attn_q.weight"
        case .key: "attn_k.weight"
        case .value: "attn_v.weight"
        case .attentionOutput: "attn_output.weight"
        case .queryBias: "attn_q.bias"
        case .keyBias: "attn_k.bias"
        case .valueBias: "attn_v.bias"
        case .attentionOutputBias: "attn_output.bias"
        case .queryNorm: "attn_q_norm.weight"
        case .keyNorm: "attn_k_norm.weight"
        case .postAttentionNorm: "post_attention_norm.weight"
        case .feedForwardNorm: "ffn_norm.weight"
        case .gate: "ffn_gate.weight"
        case .up: "ffn_up.weight"
        case .down: "ffn_down.weight"
        case .postFeedForwardNorm: "post_ffw_norm.weight"
        }
    }

    fileprivate func huggingFaceName(postNorms: Bool) -> String {
        switch self {
        case .attentionNorm: "input_layernorm.weight"
        case .query: "self_attn.q_proj.weight"
        case .key: "self_attn.k_proj.weight"
        case .value: "self_attn.v_proj.weight"
        case .attentionOutput: "self_attn.o_proj.weight"
        case .queryBias: "self_attn.q_proj.bias"
        case .keyBias: "self_attn.k_proj.bias"
        case .valueBias: "self_attn.v_proj.bias"
        case .attentionOutputBias: "self_attn.o_proj.bias"
        case .queryNorm: "self_attn.q_norm.weight"
        case .keyNorm: "self_attn.k_norm.weight"
        case .postAttentionNorm: "post_attention_layernorm.weight"
        // Without norms after attention, the feed-forward norm has the name that says where it stands.
        case .feedForwardNorm: postNorms ? "pre_feedforward_layernorm.weight" : "post_attention_layernorm.weight"
        case .gate: "mlp.gate_proj.weight"
        case .up: "mlp.up_proj.weight"
        case .down: "mlp.down_proj.weight"
        case .postFeedForwardNorm: "post_feedforward_layernorm.weight"
        }
    }
}
