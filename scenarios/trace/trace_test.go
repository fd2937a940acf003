package trace

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/orrery-sim/orrery/sim/state"
)

// write puts text into a file of the test's folder.
func write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// job is a JobSpec with its names spelt out, so that tests compare values.
type job struct {
	Spec                   state.JobSpec
	Name                   string
	User, Queue, Partition string
	Types                  []string
}

func spelled(s *state.JobSpec, names *state.Names) job {
	j := job{Spec: *s, Name: string(s.Name), User: names.Users.Name(s.User), Queue: names.Queues.Name(s.Queue),
		Partition: names.Partitions.Name(s.Partition)}
	j.Spec.Name, j.Spec.User, j.Spec.Queue, j.Spec.Partition = nil, 0, 0, 0
	j.Spec.Roles = append([]state.RoleSpec(nil), s.Roles...)
	j.Spec.After = append([]state.Dep(nil), s.After...)
	for i := range j.Spec.Roles {
		types := ""
		for b, name := range names.Types.All() {
			if j.Spec.Roles[i].TypeMask>>b&1 == 1 {
				types += name + "|"
			}
		}
		j.Types = append(j.Types, strings.TrimSuffix(types, "|"))
		j.Spec.Roles[i].TypeMask = 0
	}
	return j
}

// drain reads a source to its end.
func drain(t testing.TB, src state.Source, names *state.Names) []job {
	t.Helper()
	var out []job
	var spec state.JobSpec
	for {
		ok, err := src.Next(&spec)
		if err != nil {
			t.Fatalf("job %d: %v", len(out)+1, err)
		}
		if !ok {
			return out
		}
		out = append(out, spelled(&spec, names))
	}
}

func open(t testing.TB, format, path string, opt Options) ([]job, *Meta) {
	t.Helper()
	names := new(state.Names)
	src, meta, err := Open(format, path, opt, names)
	if err != nil {
		t.Fatal(err)
	}
	jobs := drain(t, src, names)
	meta.Warnings = append(meta.Warnings, "--")
	meta.Warnings = append(meta.Warnings, NotesOf(src)...)
	return jobs, meta
}

// openErr is the error that opening or reading the text ends with.
func openErr(format, path string, opt Options) error {
	names := new(state.Names)
	src, _, err := Open(format, path, opt, names)
	var spec state.JobSpec
	for err == nil {
		var ok bool
		if ok, err = src.Next(&spec); !ok {
			break
		}
	}
	return err
}

func wantErr(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error lacks %q:\n%v", p, err)
		}
	}
}

func gzipText(t testing.TB, text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(text))
	z.Close()
	return b.String()
}

func zstdText(t testing.TB, text string) string {
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(z.EncodeAll([]byte(text), nil))
}
