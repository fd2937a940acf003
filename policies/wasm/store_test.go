package wasm

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bestFit is a committed guest.
func bestFit(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "sdk", "examples", "best-fit-wat", "best-fit.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// loaded loads a guest with the cache in dir, runs what comes before its first hook, and returns the rewritten module's file.
func loaded(t *testing.T, dir string, b []byte) {
	t.Helper()
	h, err := NewHost(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	m, err := h.Load("best-fit.wasm", b, 64)
	if err != nil {
		t.Fatal(err)
	}
	g, err := m.newGuest(Options{Budget: DefaultBudget()})
	if err != nil {
		t.Fatal(err)
	}
	if g.Name() != "wasm:best-fit" {
		t.Errorf("the guest is called %q", g.Name())
	}
	if err := g.Close(); err != nil {
		t.Error(err)
	}
}

// contents are the files below a folder.
func contents(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			out[path], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestStore: what was compiled is taken from the store, and whatever of it is damaged is made anew: wazero would run, or choke on,
// what it finds there.
func TestStore(t *testing.T) {
	dir, b := filepath.Join(t.TempDir(), "cache"), bestFit(t)
	loaded(t, dir, b)
	fresh := contents(t, dir)
	if len(fresh) != 3 {
		t.Fatalf("the store has %d files; wanted the module, its machine code and the sums", len(fresh))
	}
	var marker string
	for path := range fresh {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
		if strings.HasSuffix(path, moduleFile) {
			marker = filepath.Join(filepath.Dir(path), machineDir)
		}
	}
	same := func(what string) {
		t.Helper()
		loaded(t, dir, b)
		now := contents(t, dir)
		if len(now) != len(fresh) {
			t.Errorf("%s: %d files, not %d", what, len(now), len(fresh))
		}
		for path := range fresh {
			if !bytes.Equal(now[path], fresh[path]) {
				t.Errorf("%s: %s is not as it was made first", what, path)
			}
		}
	}
	same("untouched")
	for path, content := range fresh {
		for _, damage := range []struct {
			what string
			do   func() error
		}{
			{"gone", func() error { return os.Remove(path) }},
			{"empty", func() error { return os.Truncate(path, 0) }},
			{"cut", func() error { return os.Truncate(path, int64(len(content)/2)) }},
			{"longer", func() error { return os.WriteFile(path, append(bytes.Clone(content), 0), 0o600) }},
			{"other at its begin", func() error { return os.WriteFile(path, flipped(content, 0), 0o600) }},
			{"other in its middle", func() error { return os.WriteFile(path, flipped(content, len(content)/2), 0o600) }},
			{"other near its begin", func() error { return os.WriteFile(path, flipped(content, min(30, len(content)-1)), 0o600) }},
			{"other at its end", func() error { return os.WriteFile(path, flipped(content, len(content)-1), 0o600) }},
			{"a link", func() error {
				return errors.Join(os.Remove(path), os.Symlink(filepath.Join("..", "elsewhere"), path))
			}},
			{"a folder", func() error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) }},
		} {
			if err := damage.do(); err != nil {
				t.Fatal(err)
			}
			same(filepath.Base(path) + " " + damage.what)
		}
	}
	if err := os.WriteFile(filepath.Join(marker, "more"), []byte("machine code of a stranger"), 0o600); err != nil {
		t.Fatal(err)
	}
	same("a file too many")
}

func flipped(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 0x10
	return b
}

// TestAnotherModulesEntry: an entry under the name of another is no entry.
func TestAnotherModulesEntry(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	loaded(t, dir, bestFit(t))
	s := &store{dir: dir}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatal(entries, err)
	}
	if err := os.Rename(s.entry(entries[0].Name()), s.entry("0123")); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.read("0123"); ok {
		t.Error("the entry of another module was taken")
	}
}

// TestStoreFolder: a folder that somebody else could have written to holds no machine code that we run.
func TestStoreFolder(t *testing.T) {
	base := t.TempDir()
	make := func(name string, mode fs.FileMode) string {
		dir := filepath.Join(base, name)
		if err := errors.Join(os.Mkdir(dir, 0o700), os.Chmod(dir, mode)); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	plain := filepath.Join(base, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(base, "link")
	if err := os.Symlink(make("target", 0o700), link); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{make("group", 0o770), make("all", 0o777), make("read", 0o744), make("sticky", 0o777|fs.ModeSticky), plain, link, foreign(t, base)} {
		_, err := NewHost(dir)
		if err == nil || !strings.HasPrefix(err.Error(), "compile cache "+dir+" is not a folder that only you can read and write (mode ") ||
			!strings.HasSuffix(err.Error(), "); it holds machine code: remove it, or name another (ORRERY_CACHE)") {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if now := contents(t, filepath.Join(base, "target")); len(now) > 0 {
		t.Errorf("something was written through a link: %v", now)
	}
	for _, dir := range []string{make("ours", 0o700), filepath.Join(base, "new", "one")} {
		h, err := NewHost(dir)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}
}

// foreign is a folder of mode 0700 that somebody else owns, or where we may not make one, one that is the system's.
func foreign(t *testing.T, base string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		return "/"
	}
	dir := filepath.Join(base, "foreign")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.Chown(dir, 12345, 12345)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestStoreThatCannotBeWritten costs time only.
func TestStoreThatCannotBeWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	h, err := NewHost(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := os.RemoveAll(dir); err != nil { // a folder of mode 0500 would not stop a superuser
		t.Fatal(err)
	}
	if _, err := h.Load("best-fit.wasm", bestFit(t), 64); err != nil {
		t.Error(err)
	}
}
