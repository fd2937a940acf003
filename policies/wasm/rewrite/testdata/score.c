// Scoring loops over columns, for tests and benchmarks of the rewriter. Built with clang 14 as
//   clang --target=wasm32 -O3 -msimd128 -nostdlib -ffreestanding -Wl,--no-entry -Wl,--strip-debug -Wl,-z,stack-size=65536 -o score-simd.wasm score.c
// and, without -msimd128, score-scalar.wasm.
#define N 10000
typedef unsigned u32;
__attribute__((aligned(16))) static u32 gpus[N], cpu[N], type[N], flags[N];
static int out[N];
static float load[N], value[N];
static int calls;

__attribute__((export_name("fill"))) void fill(void) {
  u32 x = 1;
  for (int i = 0; i < N; i++) {
    x = x * 1664525u + 1013904223u;
    gpus[i] = x >> 29;
    cpu[i] = (x >> 8) & 0xffff;
    type[i] = (x >> 4) & 3;
    flags[i] = 1;
    load[i] = x * 1e-9f;
  }
}

// Integers, without a branch: vectorised with -msimd128.
__attribute__((export_name("score"))) int score(u32 n) {
  for (u32 i = 0; i < n; i++) {
    u32 ok = (gpus[i] >= 2) & (cpu[i] >= 4000) & (flags[i] & 1) & (type[i] < 3);
    int s = 1000 - (int)((gpus[i] - 2) * 100 + ((cpu[i] - 4000) >> 6));
    out[i] = ok ? s : (int)0x80000000;
  }
  return out[n - 1] + ++calls;
}

// Floats, without a branch: vectorised too.
__attribute__((export_name("fscore"))) float fscore(u32 n) {
  for (u32 i = 0; i < n; i++) value[i] = (load[i] * 0.5f + (float)cpu[i] * 0.01f) / (load[i] + 1.0f);
  return value[n - 1];
}

// Floats and a search: never vectorised.
__attribute__((export_name("best"))) int best(u32 n) {
  float top = -1;
  int at = -1;
  for (u32 i = 0; i < n; i++) {
    if (gpus[i] < 2 || cpu[i] < 4000 || !(flags[i] & 1) || type[i] == 3) continue;
    float s = (load[i] * 0.5f + (float)cpu[i] * 0.01f) / (load[i] + 1.0f);
    if (s > top) {
      top = s;
      at = (int)i;
    }
  }
  return at;
}

static int visit(int depth, int x) {
  if (depth == 0) return x & 7;
  return visit(depth - 1, x * 3) + visit(depth - 1, x * 5 + 1);
}

// A call tree.
__attribute__((export_name("tree"))) int tree(u32 depth) { return visit((int)depth, 1); }
