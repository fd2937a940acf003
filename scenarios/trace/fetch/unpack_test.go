package fetch

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// archive packs files in the order of names, as name=content; a name that ends in a slash is a folder, one with "->" a link.
func archive(t *testing.T, files ...string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, f := range files {
		name, content, _ := strings.Cut(f, "=")
		h := &tar.Header{Name: name, Mode: 0o600, Size: int64(len(content)), Typeflag: tar.TypeReg}
		if link, to, ok := strings.Cut(name, "->"); ok {
			h.Name, h.Linkname, h.Typeflag = link, to, tar.TypeSymlink
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.tar.gz")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestUnpackTakesTheTablesAlone(t *testing.T) {
	h := Home{Name: "h", Tables: []string{"jobs", "tasks"}}
	path := archive(t, "data/../../jobs=the jobs", "data/secret=other", "tasks->/etc/passwd", "deep/er/tasks=the tasks")
	got, err := new(Client).Unpack(context.Background(), h, path)
	dir := filepath.Dir(path)
	if want := []string{filepath.Join(dir, "jobs"), filepath.Join(dir, "tasks")}; err != nil || !slices.Equal(got, want) {
		t.Fatalf("%v %v", got, err)
	}
	for name, want := range map[string]string{"jobs": "the jobs", "tasks": "the tasks"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(b) != want {
			t.Errorf("%s holds %q %v", name, b, err)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 3 {
		t.Errorf("the folder holds %v", left)
	}
	if st, err := os.Lstat(filepath.Join(dir, "tasks")); err != nil || !st.Mode().IsRegular() {
		t.Error("a link was unpacked")
	}
}

func TestUnpackErrors(t *testing.T) {
	h := Home{Name: "h", Tables: []string{"jobs"}}
	none := archive(t, "data/other=x")
	cut := archive(t, "jobs="+strings.Repeat("0123456789abcdef!?", 5000))
	b, err := os.ReadFile(cut)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cut, b[:len(b)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(t.TempDir(), "plain.tar.gz")
	if err := os.WriteFile(plain, []byte("no archive at all"), 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{none: "holds none of jobs", cut: "unexpected EOF", plain: "gzip"} {
		if _, err := new(Client).Unpack(context.Background(), h, path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
			t.Errorf("%s: left %v", want, left)
		}
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	if _, err := new(Client).Unpack(stopped, h, archive(t, "jobs=x")); err == nil {
		t.Error("went on after it was stopped")
	}
	if got, err := new(Client).Unpack(context.Background(), Home{}, plain); got != nil || err != nil {
		t.Errorf("a home without tables: %v %v", got, err)
	}
}
