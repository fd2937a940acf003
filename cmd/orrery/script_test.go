package main

import (
	"context"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts run the real program in process; -update rewrites the golden parts of cmp lines.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Setenv("ORRERY_TRACES", os.Getenv("ORRERY_TRACES"))
			return nil
		},
		Condition: func(cond string) (bool, error) {
			return cond == "traces" && os.Getenv("ORRERY_TRACES") != "", nil
		},
	})
}

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"orrery": func() {
			os.Exit(Main{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}.Run(context.Background(), os.Args[1:]))
		},
	})
}
