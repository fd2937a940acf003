package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var content = bytes.Repeat([]byte("a trace of some length\n"), 10_000)

func sumOf(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// server serves content under the path of the home, and remembers the ranges it was asked for.
type server struct {
	*httptest.Server
	ranges []string
	cut    int  // bytes after which the connection breaks; 0 = never
	deaf   bool // ignores Range
}

func serve(t *testing.T) *server {
	s := new(server)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/o/r/c0ffee/big.csv" {
			fmt.Fprintf(w, "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n", sumOf(content), len(content))
			return
		}
		if r.URL.Path != "/o/r/c0ffee/dir/x.csv" && r.URL.Path != "/media/o/r/c0ffee/big.csv" {
			http.NotFound(w, r)
			return
		}
		s.ranges = append(s.ranges, r.Header.Get("Range"))
		if s.deaf {
			r.Header.Del("Range")
		}
		if s.cut > 0 {
			w.Header().Set("Content-Length", fmt.Sprint(len(content)))
			w.Write(content[:s.cut])
			return
		}
		http.ServeContent(w, r, "x.csv", time.Time{}, bytes.NewReader(content))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) client() *Client { return &Client{Base: s.URL} }

var (
	home = Home{Name: "h", Repository: "o/r", Commit: "c0ffee"}
	file = File{Path: "dir/x.csv", Bytes: int64(len(content)), SHA256: sumOf(content)}
)

func TestFetchChecksAndDoesNotRepeat(t *testing.T) {
	s, dir := serve(t), t.TempDir()
	c := s.client()
	var last Progress
	calls := 0
	c.Progress = func(p Progress) {
		if p.Done < last.Done {
			t.Errorf("progress went back from %d to %d", last.Done, p.Done)
		}
		last, calls = p, calls+1
	}
	r, err := c.Fetch(context.Background(), home, file, dir)
	if err != nil || !r.Checked || r.Had || r.Bytes != file.Bytes {
		t.Fatalf("%+v %v", r, err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "x.csv"))
	if err != nil || !bytes.Equal(got, content) {
		t.Fatal("other content", err)
	}
	if calls == 0 || last.Done != file.Bytes || last.Total != file.Bytes {
		t.Errorf("progress %+v", last)
	}
	if _, err := os.Stat(filepath.Join(dir, "x.csv.part")); !os.IsNotExist(err) {
		t.Error("the .part file is still there")
	}
	if r, err = c.Fetch(context.Background(), home, file, dir); err != nil || !r.Had || len(s.ranges) != 1 {
		t.Errorf("%+v %v, %d requests", r, err, len(s.ranges))
	}
}

func TestFetchResumes(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		s, dir := serve(t), t.TempDir()
		s.cut = 100_000
		_, err := s.client().Fetch(context.Background(), home, file, dir)
		if err == nil || !strings.Contains(err.Error(), "go on from") {
			t.Fatalf("a cut download gave %v", err)
		}
		if _, err := os.Stat(filepath.Join(dir, "x.csv")); !os.IsNotExist(err) {
			t.Fatal("a cut file has its final name")
		}
		s.cut, s.deaf = 0, deaf
		r, err := s.client().Fetch(context.Background(), home, file, dir)
		if err != nil || !r.Checked || r.Bytes != file.Bytes {
			t.Fatalf("deaf=%v: %+v %v", deaf, r, err)
		}
		if want := "bytes=100000-"; s.ranges[1] != want {
			t.Errorf("asked for %q, want %q", s.ranges[1], want)
		}
	}
}

func TestFetchRefusesAWrongSum(t *testing.T) {
	s, dir := serve(t), t.TempDir()
	wrong := file
	wrong.SHA256 = strings.Repeat("0", 64)
	_, err := s.client().Fetch(context.Background(), home, wrong, dir)
	if err == nil || !strings.Contains(err.Error(), "sum is wrong") || !strings.Contains(err.Error(), file.SHA256) {
		t.Fatalf("%v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	os.WriteFile(filepath.Join(dir, "x.csv"), []byte("mine"), 0o644)
	if _, err := s.client().Fetch(context.Background(), home, file, dir); err == nil || !strings.Contains(err.Error(), "move it away") {
		t.Errorf("a foreign file: %v", err)
	}
	if b, _ := os.ReadFile(filepath.Join(dir, "x.csv")); string(b) != "mine" {
		t.Error("a foreign file was overwritten")
	}
}

func TestFetchWithoutASumSaysSo(t *testing.T) {
	s := serve(t)
	r, err := s.client().Fetch(context.Background(), home, File{Path: "dir/x.csv"}, t.TempDir())
	if err != nil || r.Checked || r.SHA256 != file.SHA256 {
		t.Errorf("%+v %v", r, err)
	}
}

func TestFetchFollowsGitLFS(t *testing.T) {
	s := serve(t)
	r, err := s.client().Fetch(context.Background(), home, File{Path: "big.csv"}, t.TempDir())
	if err != nil || !r.Checked || r.Bytes != file.Bytes {
		t.Errorf("%+v %v", r, err)
	}
}

func TestLocalNamesDoNotMeet(t *testing.T) {
	for _, h := range Homes() {
		seen := map[string]bool{}
		for _, f := range h.Files {
			if l := h.Local(f); seen[l] || !filepath.IsLocal(l) {
				t.Errorf("%s: %q twice or outside", h.Name, l)
			} else {
				seen[l] = true
			}
		}
	}
	h, _ := Find("pollux")
	if got := h.Local(File{Path: "simulator/traces/bert/placements.csv"}); got != "traces/bert/placements.csv" {
		t.Error(got)
	}
}

func TestFetchErrors(t *testing.T) {
	s := serve(t)
	for _, c := range []struct {
		file File
		want string
	}{
		{File{Path: "dir/none.csv"}, "404"},
		{File{Path: "dir/x.csv", Bytes: 10}, "more than the 10 bytes"},
		{File{Path: "dir/x.csv", Bytes: file.Bytes + 1}, "expected 230001"},
		{File{Path: "a/../../x"}, "no file name"},
	} {
		if _, err := s.client().Fetch(context.Background(), home, c.file, t.TempDir()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want %q", c.file, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.client().Fetch(ctx, home, file, t.TempDir()); err == nil {
		t.Error("a cancelled fetch succeeded")
	}
}

func TestHomesAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, h := range Homes() {
		if seen[h.Name] || len(h.Files) == 0 || h.Repository == "" || len(h.Commit) != 40 || h.Licence == "" {
			t.Errorf("home %+v", h)
		}
		seen[h.Name] = true
		for _, f := range h.Files {
			if f.SHA256 != "" && len(f.SHA256) != 64 {
				t.Errorf("%s: sum %q", f.Path, f.SHA256)
			}
			if u := h.URL(f); !strings.HasPrefix(u, "https://") || strings.ContainsAny(u, " =#") {
				t.Errorf("URL %q", u)
			}
		}
	}
	h, ok := Find("openb")
	if !ok || h.URL(h.Files[0]) != "https://raw.githubusercontent.com/hkust-adsl/kubernetes-scheduler-simulator/8f3d6417353c5083c6d56617f255fadd8dc306bc/data/csv/openb_node_list_all_node.csv" {
		t.Errorf("%v", h.URL(h.Files[0]))
	}
	if _, ok := Find("opneb"); ok {
		t.Error("found a home that does not exist")
	}
}

// TestSumsOfPublicCopies compares the table with the copies that are there uncompressed.
func TestSumsOfPublicCopies(t *testing.T) {
	root := os.Getenv("ORRERY_TRACES")
	if root == "" {
		t.Skip("ORRERY_TRACES does not name the folder of public traces")
	}
	checked := 0
	for _, h := range Homes() {
		for _, f := range h.Files {
			for _, rel := range []string{h.Local(f), f.Name()} {
				b, err := os.ReadFile(filepath.Join(root, h.Name, rel))
				if err != nil {
					continue
				}
				checked++
				if f.SHA256 != sumOf(b) || f.Bytes != int64(len(b)) {
					t.Errorf("%s/%s: the copy is another", h.Name, rel)
				}
				break
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d files could be compared", checked)
	}
}
