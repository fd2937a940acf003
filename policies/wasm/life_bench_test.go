package wasm_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/wasm"
)

// goGuest builds the best-fit guest in standard Go, of 1.8 MB.
func goGuest(tb testing.TB) string {
	tb.Helper()
	out := filepath.Join(tb.TempDir(), "best-fit.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-ldflags=-s -w", "-o", out, ".")
	cmd.Dir = filepath.Join("..", "sdk", "examples", "best-fit-go")
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOWORK=off", "GO111MODULE=auto")
	if text, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("build the Go guest: %v\n%s", err, text)
	}
	return out
}

// BenchmarkLoad is loading a module: for the first time, and from a compile cache that another process filled.
func BenchmarkLoad(b *testing.B) {
	for name, file := range map[string]string{"c": filepath.Join("..", "sdk", "examples", "best-fit-c", "best-fit.wasm"), "go": goGuest(b)} {
		load := func(b *testing.B, cache string) {
			h, err := wasm.NewHost(cache)
			if err != nil {
				b.Fatal(err)
			}
			defer h.Close()
			m, err := h.ReadFile(file, wasm.DefaultBudget().MemoryPages)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := m.NewScorer(options()); err != nil {
				b.Fatal(err)
			}
		}
		b.Run("first/"+name, func(b *testing.B) {
			for b.Loop() {
				load(b, "")
			}
		})
		dir := filepath.Join(b.TempDir(), "cache")
		load(b, dir)
		b.Run("cached/"+name, func(b *testing.B) {
			for b.Loop() {
				load(b, dir)
			}
		})
	}
}

// BenchmarkFork is a guest's share of a fork.
func BenchmarkFork(b *testing.B) {
	h := newHost(b)
	for name, file := range map[string]string{"c": filepath.Join("..", "sdk", "examples", "best-fit-c", "best-fit.wasm"), "go": goGuest(b)} {
		b.Run(name, func(b *testing.B) {
			m, err := h.ReadFile(file, wasm.DefaultBudget().MemoryPages)
			if err != nil {
				b.Fatal(err)
			}
			s, err := m.NewScorer(options())
			if err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			for b.Loop() {
				c, err := s.CloneScorer()
				if err != nil {
					b.Fatal(err)
				}
				if err := policies.Close(policies.NewPipelineOf(policies.Parts{Scorer: c})); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
