package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/orrery-sim/orrery/scenarios/run"
)

// The scripts run the real program in process; -update rewrites the golden parts of cmp lines.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("ORRERY_CACHE", filepath.Join(env.WorkDir, "cache"))
			examples, err := filepath.Abs("../../policies/sdk/examples")
			if err != nil {
				return err
			}
			if err := os.Symlink(examples, filepath.Join(env.WorkDir, "EXAMPLES")); err != nil {
				return err
			}
			if dir := os.Getenv("ORRERY_TRACES"); dir != "" {
				return os.Symlink(dir, filepath.Join(env.WorkDir, "TRACES"))
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"waitfile": waitFile, "samedigest": sameDigest, "submit": submit, "leftwith": leftWith},
		Condition: func(cond string) (bool, error) {
			return cond == "traces" && os.Getenv("ORRERY_TRACES") != "", nil
		},
	})
}

// waitFile waits until a file exists.
func waitFile(ts *testscript.TestScript, _ bool, args []string) {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
	}
	ts.Fatalf("%s did not appear within a minute", args[0])
}

// sameDigest holds that two run folders have one digest.
func sameDigest(ts *testscript.TestScript, differ bool, args []string) {
	var digests []string
	for _, dir := range args {
		rec, err := run.ReadRecord(ts.MkAbs(dir))
		ts.Check(err)
		digests = append(digests, rec.Digest)
	}
	if same := digests[0] == digests[1]; same == differ {
		ts.Fatalf("digests are %q", digests)
	}
}

// submit asks the server of a port file to run a command on a GPU.
func submit(ts *testscript.TestScript, _ bool, args []string) {
	body := strings.NewReader(`{"DisplayName": "j", "JobType": "TFJob", "UserCommand": "` + args[1] +
		`", "JobSpecs": [{"Type": "Worker", "PodCount": 1, "Image": "i", "ResourceConfig": {"CPU": "4", "Memory": "8Gi", "GPU": "1"}}]}`)
	resp, err := http.Post("http://127.0.0.1:"+strings.TrimSpace(ts.ReadFile(args[0]))+"/api/v1/jobs", "application/json", body)
	ts.Check(err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		ts.Fatalf("submit: %s", resp.Status)
	}
}

// leftWith holds that what a server said when it left names the digest of a run folder.
func leftWith(ts *testscript.TestScript, _ bool, args []string) {
	rec, err := run.ReadRecord(ts.MkAbs(args[1]))
	ts.Check(err)
	if said := ts.ReadFile(args[0]); !strings.Contains(said, "digest "+rec.Digest+"\n") {
		ts.Fatalf("the run's digest is %s; the server said %q", rec.Digest, said)
	}
}

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"orrery": func() { os.Exit(program()) }})
}
