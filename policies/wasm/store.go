package wasm

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/orrery-sim/orrery/policies/wasm/rewrite"
)

// store is the folder of rewritten modules and of the machine code that wazero makes of them. Its owner alone may write it.
type store struct{ dir string }

// openStore makes the folder, or refuses one that somebody else could have written to.
func openStore(dir string) (*store, error) {
	s := &store{dir: dir}
	if err := os.MkdirAll(s.machine(), 0o700); err != nil {
		return nil, fmt.Errorf("compile cache: %w", err)
	}
	for _, d := range []string{dir, s.machine()} {
		info, err := os.Lstat(d)
		if err != nil {
			return nil, fmt.Errorf("compile cache: %w", err)
		}
		if !info.IsDir() || info.Mode().Perm()&0o077 != 0 || !owned(info) {
			return nil, fmt.Errorf("compile cache %s is not a folder that only you can read and write (mode %v); it holds machine code: "+
				"remove it, or name another (ORRERY_CACHE)", d, info.Mode())
		}
	}
	return s, nil
}

// machine is where wazero keeps machine code; it puts its version and the architecture into the path, and the CPU's features
// into its keys.
func (s *store) machine() string { return filepath.Join(s.dir, "machine") }

func (s *store) file(id string) string { return filepath.Join(s.dir, id+".wasm") }

// identity is everything that the rewritten bytes depend on.
func identity(k key, o *rewrite.Options) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %x %+v", rewrite.Version, k.hash, *o)
	return hex.EncodeToString(h.Sum(nil))
}

// read returns a rewritten module, or false: what is damaged is made anew. The file is a checksum of the rest, the exports of the
// mutable globals each on a line, an empty line, and the module.
func (s *store) read(id string) (*rewritten, bool) {
	b, err := os.ReadFile(s.file(id))
	if err != nil || len(b) < sha256.Size || sha256.Sum256(b[sha256.Size:]) != [sha256.Size]byte(b[:sha256.Size]) {
		return nil, false
	}
	r := &rewritten{}
	for b = b[sha256.Size:]; ; {
		line, rest, ok := bytes.Cut(b, []byte{'\n'})
		if !ok {
			return nil, false
		}
		if b = rest; len(line) == 0 {
			r.code = b
			return r, true
		}
		r.globals = append(r.globals, string(line))
	}
}

// write keeps a rewritten module. A cache that cannot be written costs time, nothing else.
func (s *store) write(id string, r *rewritten) {
	f, err := os.CreateTemp(s.dir, "new-*")
	if err != nil {
		return
	}
	var b bytes.Buffer
	for _, g := range r.globals {
		b.WriteString(g + "\n")
	}
	b.WriteByte('\n')
	b.Write(r.code)
	sum := sha256.Sum256(b.Bytes())
	_, err = f.Write(append(sum[:], b.Bytes()...))
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), s.file(id))
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
}
