package journal

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Snapshots stand beside the journal, each in a file of its own: what the world was after so many commits. They are a cache, never the
// truth; a file that is torn or damaged is as good as none. A file is a line that names the format, the lengths of head and body as
// 64-bit words, little-endian, head, body, and the SHA-256 of all that.

const (
	snapshotMagic  = "orrery snapshot 1\n"
	snapshotPrefix = "snapshot-"
	snapshotTemp   = ".tmp-snapshot"
	snapshotsKept  = 2
)

// WriteSnapshot writes a snapshot of the world after seq commits and removes all but the newest two. Any goroutine may call it, one at a
// time.
func (j *Journal) WriteSnapshot(seq int64, head, body []byte) error {
	b := append([]byte(snapshotMagic), make([]byte, 16)...)
	binary.LittleEndian.PutUint64(b[len(snapshotMagic):], uint64(len(head)))
	binary.LittleEndian.PutUint64(b[len(snapshotMagic)+8:], uint64(len(body)))
	h := sha256.New()
	for _, part := range [][]byte{b, head, body} {
		_, _ = h.Write(part) // a hash takes everything
	}
	temp := filepath.Join(j.dir, snapshotTemp)
	if err := writeWhole(temp, b, head, body, h.Sum(nil)); err != nil {
		return errors.Join(fmt.Errorf("snapshot: %w", err), removed(os.Remove(temp)))
	}
	if err := os.Rename(temp, j.snapshotPath(seq)); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	if err := syncFolder(j.dir); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	for i, old := range j.Snapshots() {
		if i >= snapshotsKept {
			j.RemoveSnapshot(old)
		}
	}
	return nil
}

// removed is an error of a removal, unless nothing was there.
func removed(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

func writeWhole(path string, parts ...[]byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if _, err := f.Write(p); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncFolder makes a rename outlive the machine, where folders can be synchronised.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (j *Journal) snapshotPath(seq int64) string {
	return filepath.Join(j.dir, snapshotPrefix+strconv.FormatInt(seq, 10))
}

// Snapshots are the commits after which there are snapshots, the newest first.
func (j *Journal) Snapshots() []int64 {
	list, _ := os.ReadDir(j.dir)
	var out []int64
	for _, f := range list {
		if text, ok := strings.CutPrefix(f.Name(), snapshotPrefix); ok {
			if seq, err := strconv.ParseInt(text, 10, 64); err == nil && seq >= 0 {
				out = append(out, seq)
			}
		}
	}
	slices.SortFunc(out, func(a, b int64) int { return cmp.Compare(b, a) })
	return out
}

// ErrSnapshot is a snapshot that is torn or damaged.
var ErrSnapshot = errors.New("the file is torn or damaged")

// ReadSnapshot reads what WriteSnapshot wrote.
func (j *Journal) ReadSnapshot(seq int64) (head, body []byte, err error) {
	b, err := os.ReadFile(j.snapshotPath(seq))
	if err != nil {
		return nil, nil, err
	}
	const fixed = len(snapshotMagic) + 16
	if len(b) < fixed+sha256.Size {
		return nil, nil, ErrSnapshot
	}
	content := b[:len(b)-sha256.Size]
	if sum := sha256.Sum256(content); !bytes.HasPrefix(b, []byte(snapshotMagic)) || !bytes.Equal(sum[:], b[len(content):]) {
		return nil, nil, ErrSnapshot
	}
	n, m := binary.LittleEndian.Uint64(b[len(snapshotMagic):]), binary.LittleEndian.Uint64(b[len(snapshotMagic)+8:])
	if rest := uint64(len(content) - fixed); n > rest || m != rest-n {
		return nil, nil, ErrSnapshot
	}
	return content[fixed : fixed+int(n)], content[fixed+int(n):], nil
}

// RemoveSnapshot removes a snapshot that is of no use.
func (j *Journal) RemoveSnapshot(seq int64) {
	_ = os.Remove(j.snapshotPath(seq)) // whoever meets it again finds it of no use again
}
