#ifndef STOA_OPENBLAS_H
#define STOA_OPENBLAS_H
//
// The few OpenBLAS entry points that are used, as function types. Nothing here links the library: it is opened at run
// time, after its core type and its thread count have been put into the environment, which it reads when it is loaded.
//
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// CBLAS enumerations.
enum { STB_ROW_MAJOR = 101, STB_NO_TRANS = 111, STB_TRANS = 112, STB_UPPER = 121, STB_LOWER = 122 };

typedef void (*stb_sgemm)(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                          const float *_Nonnull a, int lda, const float *_Nonnull b, int ldb, float beta,
                          float *_Nonnull c, int ldc);
typedef void (*stb_dgemm)(int order, int transpose_a, int transpose_b, int m, int n, int k, double alpha,
                          const double *_Nonnull a, int lda, const double *_Nonnull b, int ldb, double beta,
                          double *_Nonnull c, int ldc);
typedef void (*stb_dsyrk)(int order, int upper_or_lower, int transpose, int n, int k, double alpha,
                          const double *_Nonnull a, int lda, double beta, double *_Nonnull c, int ldc);
/// LAPACK (Fortran calling convention, column-major): solves A X = B for symmetric positive definite A by Cholesky.
typedef void (*stb_dposv)(const char *_Nonnull upper_or_lower, const int *_Nonnull n, const int *_Nonnull columns,
                          double *_Nonnull a, const int *_Nonnull lda, double *_Nonnull b, const int *_Nonnull ldb,
                          int *_Nonnull info);
typedef char *_Nullable (*stb_text)(void);
typedef int (*stb_thread_count)(void);
typedef void (*stb_set_thread_count)(int threads);

#ifdef __cplusplus
}
#endif
#endif
