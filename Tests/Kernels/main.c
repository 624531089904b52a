// Runs every kernel of one instruction set against the scalar reference, comparing bits.
//   check [scalar|avx2|avx512|neon]      (default: the best one here)
#include "support.h"

uint64_t random_state = 1;
size_t passed, failed;
uint64_t digest = 0xcbf29ce484222325u;

int main(int count, char **arguments) {
    stk_isa isa = stk_isa_current();
    for (int i = 0; count > 1 && i < 4; i++)
        if (!strcmp(arguments[1], stk_isa_name((stk_isa)i))) isa = (stk_isa)i;
    if (count > 1 && strcmp(arguments[1], stk_isa_name(isa))) {
        printf("no instruction set called %s\n", arguments[1]);
        return 2;
    }
    if (!stk_isa_available(isa)) {
        printf("%s: not available here\n", stk_isa_name(isa));
        return 2;
    }
    stk_pool *pool = stk_pool_create(2);
    check_rows(isa, pool);
    check_products(isa, pool);
    check_attention(isa, pool);
    check_training(isa, pool);
    stk_pool_destroy(pool);
    printf("%s: %zu passed, %zu failed, digest %016llx\n", stk_isa_name(isa), passed, failed, (unsigned long long)digest);
    return failed ? 1 : 0;
}
