// The tile of a product over 16 lanes, included once per instruction set: up to TILE_ROWS by 16 * TILE_VECTORS sums stay in
// registers over all words. It follows scalar.c bit for bit. A tile of fewer rows is TILE_STEP, 2 * TILE_STEP, … high.

// The sums are registers only if every loop over them is unrolled whole; each compiler has its own word for that.
#ifdef __clang__
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define UNROLLED _Pragma("GCC unroll 16")
#endif

LANE void tile_body(const float *x, const float *w, size_t panel, size_t words, float *out, size_t stride, int load,
                    const size_t ROWS, const int PAIRS) {
    vf sum[TILE_ROWS][TILE_VECTORS];
    UNROLLED for (size_t r = 0; r < ROWS; r++)
        UNROLLED for (size_t v = 0; v < TILE_VECTORS; v++)
            sum[r][v] = load ? vf_load(out + r * stride + 16 * v) : vf_set1(0);
    for (size_t k = 0; k < words; k++) {
        vf b[TILE_VECTORS];
        UNROLLED for (size_t v = 0; v < TILE_VECTORS; v++) b[v] = vf_load(w + v * panel + 16 * k);
        UNROLLED for (size_t r = 0; r < ROWS; r++) {
            vf a = vf_set1(x[k * TILE_ROWS + r]);
            UNROLLED for (size_t v = 0; v < TILE_VECTORS; v++)
                sum[r][v] = PAIRS ? dot_pairs(a, b[v], sum[r][v]) : vf_fma(a, b[v], sum[r][v]);
        }
    }
    UNROLLED for (size_t r = 0; r < ROWS; r++)
        UNROLLED for (size_t v = 0; v < TILE_VECTORS; v++) vf_store(out + r * stride + 16 * v, sum[r][v]);
}

LANE void tile_rows(const float *x, const float *w, size_t panel, size_t words, float *out, size_t stride, int load,
                    size_t rows, const int PAIRS) {
    if (rows > TILE_ROWS - TILE_STEP)
        tile_body(x, w, panel, words, out, stride, load, TILE_ROWS, PAIRS);
    else if (rows > TILE_STEP)
        tile_body(x, w, panel, words, out, stride, load, TILE_ROWS > 2 * TILE_STEP ? 2 * TILE_STEP : TILE_ROWS, PAIRS);
    else
        tile_body(x, w, panel, words, out, stride, load, TILE_STEP, PAIRS);
}

static void tile_f32(const float *x, const float *w, size_t panel, size_t words, float *out, size_t stride, int load,
                     size_t rows) {
    tile_rows(x, w, panel, words, out, stride, load, rows, 0);
}

static void tile_bf16(const float *x, const float *w, size_t panel, size_t words, float *out, size_t stride, int load,
                      size_t rows) {
    tile_rows(x, w, panel, words, out, stride, load, rows, 1);
}
