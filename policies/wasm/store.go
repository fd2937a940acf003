package wasm

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/orrery-sim/orrery/policies/wasm/rewrite"
)

// store is the folder of rewritten modules and of the machine code that wazero makes of them, a folder each. Its owner alone may
// write it.
type store struct{ dir string }

// Files of an entry. The sums are written last, and an entry's folder gets its name after that.
const (
	moduleFile = "module.wasm"
	sumsFile   = "sums"
	machineDir = "machine" // wazero's: it puts its version and the architecture into the path, and the CPU's features into its keys
)

// openStore makes the folder, or refuses one that somebody else could have written to.
func openStore(dir string) (*store, error) {
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("compile cache: %w", err)
		}
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return nil, fmt.Errorf("compile cache: %w", err)
	}
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 || !owned(info) {
		return nil, fmt.Errorf("compile cache %s is not a folder that only you can read and write (mode %v); it holds machine code: "+
			"remove it, or name another (ORRERY_CACHE)", dir, info.Mode())
	}
	return &store{dir: dir}, nil
}

// identity is everything that the rewritten bytes depend on.
func identity(k key, o *rewrite.Options) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %d %x %+v", rewrite.Version, rewrite.Form, k.hash, *o)
	return hex.EncodeToString(h.Sum(nil))
}

func (s *store) entry(id string) string { return filepath.Join(s.dir, id) }

// read returns a rewritten module whose folder is as it was written, to the byte: wazero trusts what it finds there. What is damaged
// is removed, to be made anew.
func (s *store) read(id string) (*rewritten, bool) {
	dir := s.entry(id)
	want, err := os.ReadFile(filepath.Join(dir, sumsFile))
	if err != nil {
		return nil, s.discard(dir)
	}
	var b []byte
	got, err := sums(id, dir, func(name string, content []byte) {
		if name == moduleFile {
			b = content
		}
	})
	if err != nil || !bytes.Equal(got, want) {
		return nil, s.discard(dir)
	}
	r := &rewritten{}
	for {
		line, rest, ok := bytes.Cut(b, []byte{'\n'})
		if !ok {
			return nil, s.discard(dir)
		}
		if b = rest; len(line) == 0 {
			r.code = b
			return r, true
		}
		r.globals = append(r.globals, string(line))
	}
}

// discard removes an entry and is false.
func (s *store) discard(dir string) bool {
	_ = os.RemoveAll(dir)
	return false
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sums lists the files of an entry's folder with their checksums, and hands on what they hold. Only plain files may lie there. The sums
// are against damage: against a stranger is the folder's owner and mode.
func sums(id, dir string, visit func(name string, content []byte)) ([]byte, error) {
	out := []byte(id + "\n")
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil || name == sumsFile {
			return err
		}
		if !d.Type().IsRegular() {
			return fmt.Errorf("%s is no plain file", path)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		visit(filepath.ToSlash(name), b)
		out = fmt.Appendf(out, "%08x %d %s\n", crc32.Checksum(b, castagnoli), len(b), filepath.ToSlash(name))
		return nil
	})
	return out, err
}

// begin makes the folder of an entry that has no name yet, or returns "": a cache that cannot be written costs time, nothing else.
func (s *store) begin() string {
	dir, err := os.MkdirTemp(s.dir, "new-*")
	if err != nil {
		return ""
	}
	return dir
}

// commit completes an entry and gives it its name. Where another process was faster its entry stays.
func (s *store) commit(dir, id string, r *rewritten) {
	var b bytes.Buffer
	for _, g := range r.globals {
		b.WriteString(g + "\n")
	}
	b.WriteByte('\n')
	b.Write(r.code)
	err := os.WriteFile(filepath.Join(dir, moduleFile), b.Bytes(), 0o600)
	if err == nil {
		var list []byte
		if list, err = sums(id, dir, func(string, []byte) {}); err == nil {
			err = os.WriteFile(filepath.Join(dir, sumsFile), list, 0o600)
		}
	}
	if err == nil {
		err = os.Rename(dir, s.entry(id))
	}
	if err != nil {
		_ = os.RemoveAll(dir)
	}
}

// damaged reports whether an error of wazero's is about its cache.
func damaged(err error) bool { return err != nil && strings.Contains(err.Error(), "compilationcache") }
