// sum + the dot product of two pairs of bf16, the second pair first, where the processor has no instruction for it.

LANE vf dot_pairs(vf a, vf b, vf sum) {
    vi upper = vi_set1((int32_t)0xffff0000);
    sum = vf_fma(vi_as_float(vi_and(vf_as_int(a), upper)), vi_as_float(vi_and(vf_as_int(b), upper)), sum);
    return vf_fma(vi_as_float(vi_shl(vf_as_int(a), 16)), vi_as_float(vi_shl(vf_as_int(b), 16)), sum);
}
