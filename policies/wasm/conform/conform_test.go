package conform

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/orrery-sim/orrery/policies"
	"github.com/orrery-sim/orrery/policies/sched1"
	"github.com/orrery-sim/orrery/policies/trial"
	"github.com/orrery-sim/orrery/policies/wasm"
	"github.com/orrery-sim/orrery/sim/state"
)

var update = flag.Bool("update", false, "write the golden files of testdata")

// TestMain is the child process of the tests of Run where it is told so.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 {
		switch os.Args[1] {
		case "serve":
			begin := time.Now()
			if err := Serve(os.Stdin, os.Stdout, func() int64 { return int64(time.Since(begin)) }); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(3)
			}
			os.Exit(0)
		case "hang":
			hang()
		case "eat":
			limitMemory()
			fmt.Println(`{"module": "best-fit.wasm", "findings": [{"rule": "format", "verdict": "pass"}]}`)
			var eaten [][]byte
			for range 64 {
				eaten = append(eaten, make([]byte, 1<<30)) // which is not touched: it costs address space only
			}
			fmt.Fprintln(os.Stderr, len(eaten))
			os.Exit(0)
		case "die":
			fmt.Fprintln(os.Stderr, "no memory")
			os.Exit(9)
		}
	}
	os.Exit(m.Run())
}

// hang is a child whose compiler does not come back.
func hang() {
	k := &kit{name: "hang.wasm", report: &Report{Module: "hang.wasm"}}
	b, err := json.Marshal(k.unfinished(wasm.RuleCompile, "compiles"))
	if err != nil {
		os.Exit(3)
	}
	os.Stdout.Write(append(b, '\n'))
	select {}
}

func example(t testing.TB, path ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{"..", "..", "sdk", "examples"}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestExamplesConform: what we ship keeps every rule.
func TestExamplesConform(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "sdk", "examples", "*", "*.wasm"))
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r, err := Check(b, Options{Name: name + ".wasm"})
			if err != nil {
				t.Fatal(err)
			}
			if !r.Passed() {
				var text strings.Builder
				if err := r.Text(&text); err != nil {
					t.Fatal(err)
				}
				t.Error(text.String())
			}
			var held []Rule
			for _, f := range r.Findings {
				held = append(held, Rule{f.Rule, f.Asks})
			}
			if !slices.Equal(held, Rules()) {
				t.Errorf("the findings are of rules %v, wanted %v", held, Rules())
			}
		})
	}
}

// TestReports: the text and the JSON of one module, to the byte.
func TestReports(t *testing.T) {
	r, err := Check(example(t, "best-fit-wat", "best-fit.wasm"), Options{Name: "best-fit.wasm"})
	if err != nil {
		t.Fatal(err)
	}
	var text, data bytes.Buffer
	if err := errors.Join(r.Text(&text), r.JSON(&data)); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.txt", text.String())
	golden(t, "report.json", data.String())
	var back Report
	if err := json.Unmarshal(data.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(*r, back); d != "" {
		t.Errorf("the JSON reads back as another report:\n%s", d)
	}
}

// TestHostileModules: each fixture of the host's tests breaks the rules that it should, and the check ends.
func TestHostileModules(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "hostile", "*.wat"))
	if err != nil || len(files) < 100 {
		t.Fatal(len(files), err)
	}
	// A check runs a module in dozens of worlds: one stands for all that waste a call, one for all that conform.
	skip := []string{"call-tree", "deep-frames", "deep-locals", "memory-bomb", "fill-bomb",
		"name-slots", "desc-imports", "desc-again", "files", "poll", "grows"} // these conform
	var got strings.Builder
	o := Options{Budget: wasm.DefaultBudget()}
	o.Budget.Base, o.Budget.Burst, o.Budget.Alone = 200_000, 200_000, 20_000_000
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".wat")
		if slices.Contains(skip, name) {
			continue
		}
		o.Name = name + ".wasm"
		r, err := Check(wat(t, file), o)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "== %s\n", name)
		for _, f := range r.Findings {
			if f.Verdict == Fail || f.Verdict == Warning {
				fmt.Fprintf(&got, "%s %s: %s\n", f.Verdict, f.Rule, f.Why)
				if f.Why == "" || f.Do == "" {
					t.Errorf("%s: rule %s does not say why, or not what to do", name, f.Rule)
				}
			}
		}
	}
	golden(t, "hostile.golden", got.String())
}

// TestForgetfulModules: guests that break what only the kit looks at.
func TestForgetfulModules(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.wat"))
	if err != nil || len(files) < 5 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(text), "\n")
		_, want, ok := strings.Cut(first, "breaks: ")
		if !ok {
			t.Fatalf("%s does not say in its first line what it breaks", file)
		}
		r, err := Check(wat(t, file), Options{Name: filepath.Base(file)})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range r.Findings {
			if f.Verdict == Fail || f.Verdict == Warning {
				got = append(got, f.Rule)
			}
		}
		if strings.Join(got, " ") != want {
			var report strings.Builder
			if err := r.Text(&report); err != nil {
				t.Fatal(err)
			}
			t.Errorf("%s breaks %v, want %s\n%s", file, got, want, report.String())
		}
	}
}

// wat builds a fixture, with the SDK behind it where it is no whole module. See the host's tests.
func wat(t testing.TB, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	var flags []string
	if first, _, _ := strings.Cut(text, "\n"); strings.HasPrefix(first, ";; flags: ") {
		flags = strings.Fields(strings.TrimPrefix(first, ";; flags: "))
	}
	if !strings.Contains(text, "(module") {
		sdk, err := os.ReadFile(filepath.Join("..", "..", "sdk", "wat", "sched1.wat"))
		if err != nil {
			t.Fatal(err)
		}
		for _, hook := range []string{"desc", "layout"} {
			export := `(func (export "sched1_` + hook + `")`
			named := `(func $sdk_` + hook
			if !strings.Contains(text, export) {
				named += ` (export "sched1_` + hook + `")`
			}
			sdk = bytes.Replace(sdk, []byte(export), []byte(named), 1)
		}
		text += string(sdk)
	}
	in, out := filepath.Join(t.TempDir(), "m.wat"), filepath.Join(t.TempDir(), "m.wasm")
	if err := os.WriteFile(in, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	msg, err := exec.Command("wat2wasm", append(flags, "--debug-names", in, "-o", out)...).CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		t.Fatal("these tests need wat2wasm: install it (Debian: apt-get install wabt) and run them again")
	}
	if err != nil {
		t.Fatalf("wat2wasm %s: %v\n%s", file, err, msg)
	}
	if b, err = os.ReadFile(out); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRun: the report of a child process is that of this one; a child that hangs or dies leaves one that says so.
func TestRun(t *testing.T) {
	b := example(t, "best-fit-wat", "best-fit.wasm")
	params, err := wasm.NewParams([]byte(`{"a": 1}`))
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Name: "best-fit.wasm", Params: params, Budget: wasm.DefaultBudget()}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	want, err := Check(b, o)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Run(Command{self, []string{"serve"}}, b, o, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("in a child process the report is another:\n%s", d)
	}
	o.Clock = func() int64 { return 0 }
	if got, err = Run(Command{self, []string{"serve"}}, b, o, time.Minute); err != nil || got.Uses[0].NS <= 0 {
		t.Errorf("the child measured no time: %v, %v", got, err)
	}
	got, err = Run(Command{self, []string{"hang"}}, b, o, time.Second)
	if err != nil || got.Passed() || got.Findings[0].Rule != "compile" || got.Findings[0].Why != "the check did not come to an end within 1s" {
		t.Errorf("a child that hangs: %+v, %v", got, err)
	}
	if runtime.GOOS == "linux" {
		got, err = Run(Command{self, []string{"eat"}}, b, o, time.Minute)
		if err != nil || got.Passed() || got.Findings[len(got.Findings)-1].Why != "the check wanted more than the 8 GiB of memory that it may have, after rule format" {
			t.Errorf("a child that eats memory: %+v, %v", got, err)
		}
	}
	for command, want := range map[string]string{
		"die":      "check best-fit.wasm: the child process gave no report (exit status 9): no memory",
		"no-such/": "check best-fit.wasm: a child process could not be started: fork/exec " + self + "/x: not a directory",
	} {
		c := Command{self, []string{command}}
		if command == "no-such/" {
			c.Path += "/x"
		}
		if _, err := Run(c, b, o, time.Minute); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", command, err, want)
		}
	}
	if err := Serve(strings.NewReader("not JSON\n"), &bytes.Buffer{}, nil); err == nil || !strings.HasPrefix(err.Error(), "check: the request: ") {
		t.Error(err)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s differs (-want +got); where it should, run the test with -update and read the difference:\n%s", file, d)
	}
}

// kinds counts the events that guests hear of, under the names that guests know.
type kinds map[string]int

func (k kinds) Kinds() state.KindSet { return state.AllKinds }
func (k kinds) Observe(b *state.Batch) {
	for i := range b.Events {
		switch ev := &b.Events[i]; ev.Kind {
		case state.EvQueue:
			k[[]string{"arrive", "preempted"}[min(ev.Cause, 1)]]++
		case state.EvStart:
			k["started"]++
		case state.EvEnd:
			k[[]string{"cancelled", "finish"}[min(ev.B, 1)]]++
		case state.EvNodeUp:
			k["node_up"]++
		case state.EvNodeDown:
			k["node_down"]++
		case state.EvNodeFlags:
			k["node"]++
		}
	}
}

// TestEventsWorld: everything happens in it that a guest can hear of without asking for it.
func TestEventsWorld(t *testing.T) {
	got := kinds{}
	if _, err := trial.Run(events(), policies.NewPipelineOf(policies.Parts{}), got); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"arrive", "preempted", "started", "finish", "cancelled", "node_up", "node_down", "node"} {
		if got[kind] < 3 {
			t.Errorf("%d events of kind %s", got[kind], kind)
		}
	}
}

// everything is a guest that wants every column of every table.
func everything(t *testing.T) []byte {
	var setup strings.Builder
	for i, table := range sched1.Tables() {
		fmt.Fprintf(&setup, "  (i64.store (i32.const %d) (i64.const %d))\n", 640+8*i, int64(1)<<len(table.Columns)-1)
	}
	file := filepath.Join(t.TempDir(), "everything.wat")
	err := os.WriteFile(file, []byte(`(data (i32.const 4096) "everything")
		(func $setup (call $policy (i32.const 4096) (i32.const 10) (i32.or (global.get $DESC_KEYS_ALL) (global.get $DESC_CLAIRVOYANT)))
		`+setup.String()+`)
		(func (export "sched1_score") (param i32 i32 i32) (result i32) (i32.const 0))
		(func (export "sched1_keys") (param i32) (result i32) (i32.const 0))
		(func (export "sched1_events") (param i32) (result i32) (i32.const 0))
		`), 0o644)
	if err != nil {
		t.Fatal(err)
	}
	return wat(t, file)
}

// TestColumnsAreTheEngines: whatever happens, each column of each row is what the engine has, although only what changed is written;
// in a run, and in forks of it.
func TestColumnsAreTheEngines(t *testing.T) {
	host, err := wasm.NewHost("")
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	m, err := host.Load("everything.wasm", everything(t), 1024)
	if err != nil {
		t.Fatal(err)
	}
	columns := 0
	for _, table := range sched1.Tables() {
		columns += len(table.Columns)
	}
	for _, w := range fixed() {
		if w.Name == "burst" {
			continue // as growth, and dear
		}
		k := &kit{module: m, o: Options{Budget: wasm.DefaultBudget()}}
		o := k.options()
		o.Strict = true
		out := k.run(w, o, nil)
		if out.err != nil {
			t.Errorf("world %q: %v", w.Name, out.err)
		}
		if got := out.guests[0].Wants(); len(got) != columns {
			t.Fatalf("it wants %d columns of %d: %v", len(got), columns, got)
		}
		for _, at := range []state.Time{2 * state.Second, 11 * state.Second, 40 * state.Second} {
			if len(w.Jobs) > 500 {
				break // a plain run of it will do
			}
			if what, err := k.forkedWith(w, at, o); err != nil || what != "" {
				t.Errorf("world %q, forked at %v s: %v, %s", w.Name, float64(at)/1e9, err, what)
			}
		}
		if err := out.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestRulesHaveNames of their own.
func TestRulesHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[r.ID] || r.ID == "" || r.Asks == "" {
			t.Errorf("rule %q: %q", r.ID, r.Asks)
		}
		seen[r.ID] = true
	}
}
