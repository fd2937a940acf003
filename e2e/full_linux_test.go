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
	"unsafe"
)

// limit bounds the size of the files that a process writes: behind it, its disk is full.
func limit(t *testing.T, cmd *exec.Cmd, bytes uint64) {
	t.Helper()
	const fileSize = 1 // RLIMIT_FSIZE
	l := syscall.Rlimit{Cur: bytes, Max: ^uint64(0)}
	if _, _, e := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(cmd.Process.Pid), fileSize, uintptr(unsafe.Pointer(&l)), 0, 0, 0); e != 0 {
		t.Fatal("the server cannot be limited: ", e)
	}
}

// On a full disk a server takes no commands and its clock stands; it says why and answers every read as before. When there is room again
// it goes on by itself, with all that it acknowledged. Killed while it stands, it comes back so too.
func TestAFullDisk(t *testing.T) {
	for _, killed := range []bool{false, true} {
		t.Run(fmt.Sprintf("killed %v", killed), func(t *testing.T) {
			dir := t.TempDir()
			m := &memory{jobs: map[string]*seen{}}
			var cmd *exec.Cmd
			a := &asker{memory: m}
			start := func() {
				t.Helper()
				cmd = exec.Command(program, "serve", "--listen", "127.0.0.1:0", "--data", dir, "--speed", "1000", "--snapshot-every", "40")
				out, err := cmd.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				line, err := bufio.NewReader(out).ReadString('\n')
				if err != nil {
					t.Fatal(err)
				}
				a.base = strings.TrimPrefix(strings.TrimSpace(line), "ready ")
			}
			var ids []string
			create := func() int {
				t.Helper()
				status, out, ok := a.ask(t, "POST", "/api/v1/jobs", fmt.Sprintf(`{"DisplayName": "j%d", "JobType": "PyTorchJob", "UserCommand": "sleep %d", "JobSpecs": [{"PodCount": 1, "EcsSpec": "ecs.gn6i-c4g1.xlarge"}]}`,
					len(ids), 1+len(ids)%30))
				if !ok {
					t.Fatal("the server is gone")
				}
				if status == 200 {
					id := out["JobId"].(string)
					m.jobs[id], ids = &seen{}, append(ids, id)
				}
				return status
			}
			all := func() {
				t.Helper()
				for _, id := range ids {
					if !a.read(t, id) {
						t.Fatal("the server is gone")
					}
				}
				if _, out, ok := a.ask(t, "GET", "/api/v1/jobs?ShowOwn=false&StartTime=2000-01-01T00:00:00Z&PageSize=1", ""); !ok || out["TotalCount"] != float64(len(ids)) {
					t.Errorf("a list has %v jobs, want %d", out["TotalCount"], len(ids))
				}
			}
			now := func() string {
				t.Helper()
				_, out, _ := a.ask(t, "GET", "/orrery/v1/clock", "")
				return fmt.Sprint(out["now"])
			}
			start()
			for range 100 {
				if status := create(); status != 200 {
					t.Fatal(status)
				}
			}
			largest := int64(0)
			files, _ := filepath.Glob(filepath.Join(dir, "*"))
			for _, f := range files {
				if st, err := os.Stat(f); err == nil {
					largest = max(largest, st.Size())
				}
			}
			limit(t, cmd, uint64(largest+20_000))
			status := 200
			for range 5000 {
				if status = create(); status != 200 {
					break
				}
			}
			if status != 503 {
				t.Fatalf("the disk is full: %d after %d jobs", status, len(ids))
			}
			stood := now()
			for range 3 {
				all()
				if status := create(); status != 503 {
					t.Errorf("a command on a full disk: %d", status)
				}
				if status, out, _ := a.ask(t, "GET", "/orrery/v1/ready", ""); status != 503 || !strings.Contains(fmt.Sprint(out), "journal cannot be written") {
					t.Errorf("readiness: %d %v", status, out)
				}
				time.Sleep(600 * time.Millisecond)
			}
			if at := now(); at != stood {
				t.Errorf("the clock moved from %s to %s", stood, at)
			}
			if killed {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				_ = cmd.Wait()
				a.client.CloseIdleConnections()
				start()
			} else {
				limit(t, cmd, ^uint64(0))
				for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
					if status, out, _ := a.ask(t, "GET", "/orrery/v1/ready", ""); status == 200 {
						break
					} else if time.Now().After(end) {
						t.Fatalf("there is room again, and it does not go on: %v", out)
					}
				}
			}
			all()
			for range 100 {
				if status := create(); status != 200 {
					t.Fatal(status)
				}
			}
			all()
			leave(t, cmd)
			replayed(t, dir)
		})
	}
}
