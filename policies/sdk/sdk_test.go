package sdk

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestInit writes a folder in each language and reads what stands there.
func TestInit(t *testing.T) {
	for _, lang := range Languages() {
		t.Run(lang, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "new", "folder")
			if err := Init(dir, lang, "my-policy"); err != nil {
				t.Fatal(err)
			}
			want, err := Files(lang, "my-policy")
			if err != nil {
				t.Fatal(err)
			}
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, e := range entries {
				names = append(names, e.Name())
				text, err := os.ReadFile(filepath.Join(dir, e.Name()))
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(strings.ReplaceAll(string(text), start+"-scan", ""), start) {
					t.Errorf("%s still speaks of %s", e.Name(), start)
				}
				if len(text) == 0 {
					t.Errorf("%s is empty", e.Name())
				}
			}
			if all := slices.Sorted(maps.Keys(want)); !slices.Equal(names, all) {
				t.Errorf("files %v, want %v", names, all)
			}
			info, err := os.Stat(filepath.Join(dir, "build.sh"))
			if err != nil || info.Mode()&0o111 == 0 {
				t.Errorf("build.sh: %v, %v; it must be executable", info.Mode(), err)
			}
			if lang == "go" || lang == "c" && has(t, lang) { // the folder builds where it lies, and the guest has the new name
				g := load(t, runBuild(t, dir, "my-policy"))
				if got := g.name(); got != "my-policy" {
					t.Errorf("the guest is called %q", got)
				}
			}
			if err := Init(dir, lang, "my-policy"); err == nil || !strings.Contains(err.Error(), "not empty") {
				t.Errorf("into a folder that holds something: %v", err)
			}
		})
	}
}

func TestInitRefuses(t *testing.T) {
	for _, tc := range []struct{ lang, name, want string }{
		{"C++", "p2", `no language "C++" (there are c, rust, go, assemblyscript, zig, wat)`},
		{"rsut", "p2", "did you mean rust?"},
		{"c", "", "cannot be called"},
		{"c", "../x", "cannot be called"},
		{"c", "Upper", "cannot be called"},
		{"rust", "sched1", "cannot be called"},
		{"wat", strings.Repeat("a", 65), "cannot be called"},
	} {
		dir := filepath.Join(t.TempDir(), "dir")
		if err := Init(dir, tc.lang, tc.name); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s, %q: %v, want %q", tc.lang, tc.name, err, tc.want)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s, %q: the folder was made", tc.lang, tc.name)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Init(file, "c", "p2"); err == nil {
		t.Error("a file was taken for a folder")
	}
}
