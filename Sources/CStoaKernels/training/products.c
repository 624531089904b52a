#include <string.h>

#include "../numerics.h"
#include "training.h"

// Products of many rows. All x of a call are packed once into tiles of words; then each task takes one panel of outputs
// and one block of rows: it packs the panel of w, a piece of its depth at a time, and multiplies all tiles by it while
// the piece is in the nearest cache. An output is one chain whatever the pieces are.

#define PIECE_WORDS 192
#define ROWS_PER_TASK 512
#define TILES_PER_TASK 4

typedef struct packed_rows {
    const float *x;
    size_t stride, depth, words;
    float *tiles; // [tiles][words][tile_rows]
} packed_rows;

typedef struct multiplication {
    const stk_training_kernels *kernels;
    stk_train_type type;
    size_t m, tiles, sources, tile_tasks;
    packed_rows source[STK_TRAIN_TERMS];
    size_t source_of[STK_TRAIN_TERMS]; // of each term of all products, in order
    const stk_train_product *products;
    size_t count, blocks, tiles_per_block;
    size_t first_task[STK_TRAIN_TERMS + 1]; // of each product
    size_t first_term[STK_TRAIN_TERMS + 1];
} multiplication;

static size_t depth_of(const stk_train_term *t) { return t->transposed ? t->w.cols : t->w.rows; }

/// The word at column 2k of a row of floats, or the float at column k.
static inline float word_of(const float *row, size_t depth, size_t k, stk_train_type type) {
    if (type == STK_TRAIN_F32) return row[k];
    uint32_t low = stk_float_to_brain(stk_bits(row[2 * k]));
    uint32_t high = 2 * k + 1 < depth ? stk_float_to_brain(stk_bits(row[2 * k + 1])) : 0;
    return stk_float(high << 16 | low);
}

/// Words [from, from + n) of a row.
static void row_words(const multiplication *c, const packed_rows *s, size_t row, size_t from, size_t n, float *words) {
    const float *x = s->x + row * s->stride;
    if (row >= c->m) {
        memset(words, 0, n * sizeof(float));
    } else if (c->type == STK_TRAIN_F32) {
        memcpy(words, x + from, n * sizeof(float));
    } else {
        size_t whole = stk_min(n, s->depth / 2 - from);
        c->kernels->to_pairs(x + 2 * from, (uint16_t *)(void *)words, 2 * whole);
        if (whole < n) words[whole] = word_of(x, s->depth, from + whole, c->type);
    }
}

static void pack_rows(void *context, size_t index, int worker) {
    (void)worker;
    multiplication *c = context;
    const packed_rows *s = &c->source[index / c->tile_tasks];
    enum { PIECE = 64 };
    size_t rows = c->kernels->tile_rows, first = index % c->tile_tasks * TILES_PER_TASK;
    // A turning takes sixteen rows; those beyond tile_rows are 0.
    float words[16][PIECE], turned[16 * PIECE];
    memset(words, 0, sizeof words);
    for (size_t tile = first; tile < stk_min(first + TILES_PER_TASK, c->tiles); tile++) {
        float *out = s->tiles + tile * s->words * rows;
        for (size_t from = 0; from < s->words; from += PIECE) {
            size_t n = stk_min(PIECE, s->words - from), whole = stk_round_up(n, 16);
            for (size_t r = 0; r < rows; r++) row_words(c, s, tile * rows + r, from, n, words[r]);
            stk_rows->transpose(words[0], PIECE, whole, turned);
            for (size_t k = 0; k < n; k++) {
                float *place = out + (from + k) * rows;
                // What is too much is overwritten by the next word, where there is one in this tile.
                if ((s->words - from - k) * rows >= 16)
                    memcpy(place, turned + 16 * k, 16 * sizeof(float));
                else
                    memcpy(place, turned + 16 * k, rows * sizeof(float));
            }
        }
    }
}

static inline float element(const stk_train_matrix *w, size_t row, size_t col) {
    if (row >= w->rows || col >= w->cols) return 0;
    size_t at = row * w->stride + col;
    return w->type == STK_TRAIN_F32 ? ((const float *)w->data)[at] : stk_brain_to_float(((const uint16_t *)w->data)[at]);
}

/// Any w, any place: word k of output `out`.
static float slow_word(const stk_train_term *t, stk_train_type type, size_t k, size_t out) {
    const stk_train_matrix *w = &t->w;
    if (type == STK_TRAIN_F32) return t->transposed ? element(w, out, k) : element(w, k, out);
    float a = t->transposed ? element(w, out, 2 * k) : element(w, 2 * k, out);
    float b = t->transposed ? element(w, out, 2 * k + 1) : element(w, 2 * k + 1, out);
    return stk_float((uint32_t)stk_float_to_brain(stk_bits(b)) << 16 | stk_float_to_brain(stk_bits(a)));
}

/// The same of a matrix of floats, in bf16: 16 outputs that lie inside.
static void pack_rounded(const multiplication *c, const stk_train_term *t, size_t out, size_t first, size_t n,
                         float *panel) {
    const stk_train_matrix *w = &t->w;
    const float *floats = w->data;
    if (t->transposed) {
        float words[PIECE_WORDS];
        for (size_t l = 0; l < 16; l++) {
            c->kernels->to_pairs(floats + (out + l) * w->stride + 2 * first, (uint16_t *)(void *)words, 2 * n);
            for (size_t k = 0; k < n; k++) panel[16 * k + l] = words[k];
        }
        return;
    }
    for (size_t k = 0; k < n; k++) {
        const float *row = floats + 2 * (first + k) * w->stride + out;
        uint16_t even[16], odd[16];
        c->kernels->to_pairs(row, even, 16);
        c->kernels->to_pairs(row + w->stride, odd, 16);
        c->kernels->interleave(even, odd, (uint16_t *)(void *)(panel + 16 * k));
    }
}

/// Words [first, first + n) of 16 outputs from `out` on, as [n][16].
static void pack_panel(const multiplication *c, const stk_train_term *t, size_t out, size_t first, size_t n,
                       float *panel) {
    const stk_train_matrix *w = &t->w;
    size_t per_word = c->type == STK_TRAIN_BF16 ? 2 : 1, outputs = t->transposed ? w->rows : w->cols;
    int is_inside = out + 16 <= outputs && (first + n) * per_word <= depth_of(t);
    if (is_inside && c->type == STK_TRAIN_BF16 && w->type == STK_TRAIN_F32) {
        pack_rounded(c, t, out, first, n, panel);
        return;
    }
    if (!is_inside || (size_t)w->type != (size_t)c->type) {
        for (size_t k = 0; k < n; k++)
            for (size_t l = 0; l < 16; l++) panel[16 * k + l] = slow_word(t, c->type, first + k, out + l);
        return;
    }
    const float *floats = w->data;
    const uint16_t *halves = w->data;
    if (!t->transposed) {
        for (size_t k = 0; k < n; k++) {
            if (per_word == 1) {
                memcpy(panel + 16 * k, floats + (first + k) * w->stride + out, 16 * sizeof(float));
            } else {
                const uint16_t *row = halves + 2 * (first + k) * w->stride + out;
                c->kernels->interleave(row, row + w->stride, (uint16_t *)(void *)(panel + 16 * k));
            }
        }
        return;
    }
    const float *start = per_word == 1 ? floats + out * w->stride + first
                                       : (const float *)(const void *)(halves + out * w->stride + 2 * first);
    size_t stride = w->stride / per_word, whole = n / 16 * 16;
    if (w->stride % per_word || (uintptr_t)start % 4) whole = 0;
    if (whole) stk_rows->transpose(start, stride, whole, panel);
    for (size_t k = whole; k < n; k++)
        for (size_t l = 0; l < 16; l++) panel[16 * k + l] = slow_word(t, c->type, first + k, out + l);
}

/// Asks for a part of what pack_panel will read of `width` outputs, while there is something to compute.
static void fetch_panel(const stk_train_term *t, size_t out, size_t width, size_t first, size_t n, size_t per_word,
                        size_t part, size_t parts) {
    const stk_train_matrix *w = &t->w;
    if (out + width > (t->transposed ? w->rows : w->cols)) return;
    size_t element = w->type == STK_TRAIN_F32 ? 4 : 2, rows = t->transposed ? width : n * per_word;
    size_t bytes = (t->transposed ? n * per_word : width) * element;
    size_t row = t->transposed ? out : first * per_word, col = t->transposed ? first * per_word : out;
    size_t end = stk_min(rows * (part + 1) / parts, w->rows - stk_min(row, w->rows));
    for (size_t r = rows * part / parts; r < end; r++) {
        const char *start = (const char *)w->data + ((row + r) * w->stride + col) * element;
        for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch(start + at, 0, 2);
    }
}

/// A tile that lies in y only in part goes through a buffer.
static void multiply_tile(const multiplication *c, const packed_rows *s, const stk_train_product *p, size_t tile,
                          size_t out, size_t from, size_t words, const float *panel, int load) {
    size_t rows = c->kernels->tile_rows, width = 16 * c->kernels->tile_vectors;
    size_t row = tile * rows, valid_rows = stk_min(rows, c->m - row), valid = stk_min(width, p->outputs - out);
    const float *x = s->tiles + (tile * s->words + from) * rows;
    float *y = p->y + row * p->y_stride + out;
    if (valid_rows % c->kernels->tile_step == 0 && valid == width) {
        c->kernels->tile[c->type](x, panel, 16 * words, words, y, p->y_stride, load, valid_rows);
        return;
    }
    float buffer[16 * 64];
    if (load)
        for (size_t r = 0; r < rows; r++)
            for (size_t l = 0; l < width; l++)
                buffer[r * width + l] = r < valid_rows && l < valid ? y[r * p->y_stride + l] : 0;
    c->kernels->tile[c->type](x, panel, 16 * words, words, buffer, width, load, valid_rows);
    for (size_t r = 0; r < valid_rows; r++) memcpy(y + r * p->y_stride, buffer + r * width, valid * sizeof(float));
}

static void multiply_panel(void *context, size_t index, int worker) {
    multiplication *c = context;
    size_t product = 0, vectors = c->kernels->tile_vectors, width = 16 * vectors;
    while (index >= c->first_task[product + 1]) product++;
    index -= c->first_task[product];
    const stk_train_product *p = &c->products[product];
    size_t out = index / c->blocks * width, block = index % c->blocks;
    size_t first = block * c->tiles_per_block, end = stk_min(first + c->tiles_per_block, c->tiles);
    float panel_memory[PIECE_WORDS * 16 * 2 + 16], *panel = (float *)(((uintptr_t)panel_memory + 63) / 64 * 64);
    (void)worker;
    int load = p->accumulate;
    for (size_t t = 0; t < p->term_count; t++) {
        const stk_train_term *term = &p->terms[t];
        const packed_rows *s = &c->source[c->source_of[c->first_term[product] + t]];
        // Pieces of about equal size, so that none is all beginning and end.
        size_t pieces = (s->words + PIECE_WORDS - 1) / PIECE_WORDS;
        size_t piece = stk_round_up((s->words + pieces - 1) / pieces, 16);
        for (size_t from = 0; from < s->words; from += piece, load = 1) {
            size_t words = stk_min(piece, s->words - from);
            for (size_t v = 0; v < vectors; v++)
                pack_panel(c, term, out + 16 * v, from, words, panel + v * 16 * words);
            for (size_t tile = first; tile < end; tile++) {
                if (end == c->tiles)
                    fetch_panel(term, out + width, width, from, words, c->type == STK_TRAIN_BF16 ? 2 : 1,
                                tile - first, end - first);
                multiply_tile(c, s, p, tile, out, from, words, panel, load);
            }
        }
    }
    if (!load || p->bias) {
        size_t rows = c->kernels->tile_rows, last = stk_min(end * rows, c->m), valid = stk_min(width, p->outputs - out);
        for (size_t row = first * rows; row < last; row++)
            for (size_t l = 0; l < valid; l++) {
                float *y = p->y + row * p->y_stride + out + l;
                *y = (load ? *y : 0) + (p->bias ? p->bias[out + l] : 0);
            }
    }
}

void stk_train_multiply(stk_pool *pool, stk_train_type type, size_t m, const stk_train_product *products,
                        size_t count) {
    if (!m || !count) return;
    multiplication c = {.kernels = stk_training(), .type = type, .m = m, .products = products, .count = count};
    size_t rows = c.kernels->tile_rows, width = 16 * c.kernels->tile_vectors, per_word = type == STK_TRAIN_BF16 ? 2 : 1;
    c.tiles = (m + rows - 1) / rows;
    c.tile_tasks = (c.tiles + TILES_PER_TASK - 1) / TILES_PER_TASK;
    c.tiles_per_block = (ROWS_PER_TASK + rows - 1) / rows;
    c.blocks = (c.tiles + c.tiles_per_block - 1) / c.tiles_per_block;
    size_t terms = 0, floats = 0;
    if (count > STK_TRAIN_TERMS) __builtin_trap();
    for (size_t i = 0; i < count; i++) {
        const stk_train_product *p = &products[i];
        c.first_task[i + 1] = c.first_task[i] + (p->outputs + width - 1) / width * c.blocks;
        c.first_term[i] = terms;
        for (size_t t = 0; t < p->term_count; t++, terms++) {
            const stk_train_term *term = &p->terms[t];
            if (terms == STK_TRAIN_TERMS) __builtin_trap();
            size_t depth = depth_of(term), s = 0;
            while (s < c.sources
                   && (c.source[s].x != term->x || c.source[s].stride != term->x_stride || c.source[s].depth != depth))
                s++;
            c.source_of[terms] = s;
            if (s < c.sources) continue;
            packed_rows new_source = {.x = term->x, .stride = term->x_stride, .depth = depth,
                                      .words = (depth + per_word - 1) / per_word};
            floats += stk_round_up(c.tiles * rows * new_source.words, 16);
            c.source[c.sources++] = new_source;
        }
    }
    float *memory = stk_pool_scratch(pool, -1, floats * sizeof(float) + 64);
    if (!memory) __builtin_trap();
    for (size_t s = 0; s < c.sources; s++) {
        c.source[s].tiles = memory;
        memory += stk_round_up(c.tiles * rows * c.source[s].words, 16);
    }
    stk_pool_run_workers(pool, pack_rows, &c, c.sources * c.tile_tasks);
    stk_pool_run_workers(pool, multiply_panel, &c, c.first_task[count]);
}
