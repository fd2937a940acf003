package wasm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/orrery-sim/orrery/policies/wasm/rewrite"
)

// Host compiles modules and owns what they share. It is safe for concurrent use.
type Host struct {
	mu     sync.Mutex
	store  *store // nil: compiled modules live as long as the host
	mods   map[key]*Module
	closed bool
}

// key is a module with the options that it was rewritten with.
type key struct {
	hash  [sha256.Size]byte
	pages uint32
}

// NewHost returns a host that keeps compiled modules in the folder cache, or for its own life only where that is "".
//
// What lies in the folder is machine code: whoever can write it runs code here. It is made with mode 0700, and a folder that
// others may write, or that belongs to somebody else, is refused.
func NewHost(cache string) (*Host, error) {
	h := &Host{mods: map[key]*Module{}}
	if cache != "" {
		var err error
		if h.store, err = openStore(cache); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// Close frees all modules and instances.
func (h *Host) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	var errs []error
	for _, m := range h.mods {
		errs = append(errs, m.engine.close())
	}
	clear(h.mods)
	return errors.Join(errs...)
}

// engine is wazero for one module: each has its own, so that its machine code can be verified before wazero reads it.
type engine struct {
	rt    wazero.Runtime
	cache wazero.CompilationCache
}

// newEngine keeps machine code in the folder cache, if that is not "".
func newEngine(cache string) (*engine, error) {
	e := &engine{}
	config := wazero.NewRuntimeConfig().WithCoreFeatures(api.CoreFeaturesV2).WithMemoryLimitPages(1 << 16)
	if cache != "" {
		var err error
		if e.cache, err = wazero.NewCompilationCacheWithDir(cache); err != nil {
			return nil, fmt.Errorf("compile cache %s: %w", cache, err)
		}
		config = config.WithCompilationCache(e.cache)
	}
	ctx := context.Background()
	e.rt = wazero.NewRuntimeWithConfig(ctx, config)
	if err := e.provide(ctx); err != nil {
		_ = e.close()
		return nil, err
	}
	return e, nil
}

func (e *engine) close() error {
	ctx := context.Background()
	err := e.rt.Close(ctx)
	if e.cache != nil {
		err = errors.Join(err, e.cache.Close(ctx))
	}
	return err
}

// maxPages is what a memory may have: its size in bytes must fit 32 bits.
const maxPages = 1<<16 - 1

// ReadFile loads the module in a file.
func (h *Host) ReadFile(file string, pages uint32) (*Module, error) {
	b, err := ReadModule(file)
	if err != nil {
		return nil, err
	}
	return h.Load(filepath.Base(file), b, pages)
}

// ReadModule reads a file that may be a module: a plain one of a size that is accepted.
func ReadModule(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	limit := int64(rewrite.Default().MaxModule)
	refused := loadError(file, "it is no file of at most %d bytes; a policy is a WebAssembly module (orrery policy init)", limit)
	if !info.Mode().IsRegular() || info.Size() > limit {
		return nil, refused
	}
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		return nil, refused
	}
	return b, err
}

// Load validates, rewrites and compiles a module whose memory may have so many pages of 64 KiB. Loading the same bytes again is
// free.
func (h *Host) Load(name string, b []byte, pages uint32) (*Module, error) {
	pages = min(pages, maxPages)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, loadError(name, "the host of policies is closed")
	}
	k := key{sha256.Sum256(b), pages}
	if m := h.mods[k]; m != nil {
		c := *m
		c.Name = name
		return &c, nil
	}
	m, err := h.load(name, b, k)
	if err != nil {
		return nil, err
	}
	h.mods[k] = m
	return m, nil
}

// load looks the module up in the store, or makes it and keeps it there.
func (h *Host) load(name string, b []byte, k key) (*Module, error) {
	o := rewrite.Default()
	o.MaxMemoryPages, o.InitialFuel = k.pages, firstFuel
	m := &Module{Name: name, Hash: hex.EncodeToString(k.hash[:]), Size: len(b), pages: k.pages}
	if h.store == nil {
		r, err := validate(name, b, &o)
		if err != nil {
			return nil, err
		}
		return m, m.compile(r, "")
	}
	id := identity(k, &o)
	if r, ok := h.store.read(id); ok {
		err := m.compile(r, filepath.Join(h.store.entry(id), machineDir))
		if !damaged(err) {
			return m, err
		}
		h.store.discard(h.store.entry(id))
	}
	r, err := validate(name, b, &o)
	if err != nil {
		return nil, err
	}
	dir, machine := h.store.begin(), ""
	if dir != "" {
		machine = filepath.Join(dir, machineDir)
	}
	if err := m.compile(r, machine); err != nil {
		h.store.discard(dir)
		return nil, err
	}
	if dir != "" {
		h.store.commit(dir, id, r)
	}
	return m, nil
}

// compile makes machine code of a rewritten module, or takes it from the folder machine, and compares the module with the ABI.
func (m *Module) compile(r *rewritten, machine string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = loadFault(m.Name, RuleCompile, "it cannot be compiled: %v", p)
		}
		if err != nil && m.engine != nil {
			_ = m.engine.close()
		}
	}()
	if m.engine, err = newEngine(machine); err != nil {
		return err
	}
	if m.code, err = m.engine.rt.CompileModule(context.Background(), r.code); err != nil {
		return loadFault(m.Name, RuleCompile, "it cannot be compiled: %v", err)
	}
	m.globals = r.globals
	return m.check()
}

// rewritten is a module with its counters, and the exports of its mutable globals.
type rewritten struct {
	code    []byte
	globals []string
}

// validate puts limits and counters into a module that the interpreter, which makes no machine code, has validated.
func validate(name string, b []byte, o *rewrite.Options) (*rewritten, error) {
	if len(b) < 8 || string(b[:4]) != "\x00asm" {
		return nil, loadFault(name, RuleFormat, "it does not begin as a WebAssembly module does (00 61 73 6d); a policy is a .wasm file, see orrery policy init")
	}
	r, err := rewrite.Rewrite(b, *o) // its limits first: validation takes as long as the module is large
	if err != nil {
		rule := RuleFormat
		if e := (*rewrite.Error)(nil); errors.As(err, &e) {
			rule = string(e.Rule)
		}
		return nil, loadFault(name, rule, "%v", err)
	}
	ctx := context.Background()
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(api.CoreFeaturesV2))
	defer rt.Close(ctx)
	if _, err := rt.CompileModule(ctx, b); err != nil {
		return nil, loadFault(name, RuleValid, "it is not valid: %v", err)
	}
	out := &rewritten{code: r.Module}
	for _, g := range r.Globals {
		out.globals = append(out.globals, g.Export)
	}
	return out, nil
}
