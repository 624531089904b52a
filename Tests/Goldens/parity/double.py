"""The reference library's model in f64 throughout: the arbiter between two f32 answers.

`model.double()` alone is not enough: the library keeps the norms' variance, the rotary angles and the inverse
frequencies in f32. This replaces those modules' forward functions and leaves all else as it is.
"""

import types

import torch


def _norm(self, x):
    scale = 1.0 + self.weight if type(self).__name__.startswith("Gemma") else self.weight
    epsilon = self.eps if hasattr(self, "eps") else self.variance_epsilon
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + epsilon) * scale


def _rotary(head_dim: int, theta_of):
    def forward(self, x, position_ids, layer_type=None):
        exponent = torch.arange(0, head_dim, 2, dtype=torch.float64) / head_dim
        angles = position_ids[..., None].double() * theta_of(layer_type) ** -exponent
        angles = torch.cat((angles, angles), dim=-1)
        return angles.cos(), angles.sin()

    return forward


def in_double(model):
    """Converts `model` (llama or Gemma 3 without RoPE scaling) in place and returns it."""
    model = model.double()
    rope = model.config.rope_parameters
    kinds = rope.values() if "rope_theta" not in rope else [rope]
    assert all(kind["rope_type"] == "default" for kind in kinds), "RoPE scaling is not covered here"
    forward = _rotary(
        model.config.head_dim,
        lambda kind: rope["rope_theta"] if "rope_theta" in rope else rope[kind]["rope_theta"],
    )
    for module in model.modules():
        name = type(module).__name__
        if name.endswith("RMSNorm"):
            module.forward = types.MethodType(_norm, module)
        elif name.endswith("RotaryEmbedding"):
            module.forward = types.MethodType(forward, module)
    return model
