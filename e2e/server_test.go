package e2e

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// program is the built binary.
var program string

func TestMain(m *testing.M) {
	if os.Getenv(child) != "" {
		os.Exit(m.Run()) // it has a world already
	}
	dir, err := os.MkdirTemp("", "orrery-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	program = filepath.Join(dir, "orrery")
	build := exec.Command("go", "build", "-pgo=off", "-o", program, "./cmd/orrery")
	build.Dir = ".."
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%s%v\n", out, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// serve starts orrery serve on a free port and gives its host:port. When the test ends it must leave cleanly.
func serve(t *testing.T, flags ...string) string {
	t.Helper()
	cmd := exec.Command(program, append([]string{"serve", "--listen", "127.0.0.1:0"}, flags...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the server said nothing: %v", err)
	}
	t.Cleanup(func() { leave(t, cmd) })
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "ready http://")
	if !ok {
		t.Fatalf("the server said %q, want ready http://...", line)
	}
	return address
}

// leave ends the server as a supervisor does: it must be gone within five seconds, with exit code 0.
func leave(t *testing.T, cmd *exec.Cmd) {
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("the server ended with %v", err)
		}
	case <-time.After(5 * time.Second):
		_ = cmd.Process.Kill()
		t.Error("the server was still there five seconds after SIGTERM")
	}
}
